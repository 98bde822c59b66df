// Every header of a request: each valid and invalid form, absent, empty, twice, in upper case, with
// blanks, as long as it may be and a byte more. docs/wire/http2.md#request has the rules.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mock_apns/push_request.h"
#include "tests/support/push_rows.h"

namespace apns::mock {
namespace {

using test::kAccepted;
using test::PushRow;
using test::rejected;

using enum Reason;

const std::string kMalformed = "reset PROTOCOL_ERROR";  // RFC 9113 section 8.1.1

/// A field with a value that is drawn as `expected`.
PushRow row(const char* name, std::string_view field, std::string value, std::string expected,
            std::string_view rule) {
  return PushRow{
      .name = name,
      .fields = {{std::string(field), std::move(value)}},
      .expected = std::move(expected),
      .rule = rule,
  };
}

PushRow good(const char* name, std::string_view field, std::string value) {
  return row(name, field, std::move(value), kAccepted, "");
}

PushRow malformed(const char* name, std::string_view field, std::string value) {
  return row(name, field, std::move(value), kMalformed, "http2/field-value");
}

PushRow twice(const char* name, std::string_view field, std::string one, std::string other) {
  return PushRow{
      .name = name,
      .fields = {{std::string(field), std::move(one)}, {std::string(field), std::move(other)}},
      .expected = rejected(DuplicateHeaders),
      .rule = "http2/headers-are-not-repeated"};
}

/// A name in upper case is no APNs error, but a malformed request (RFC 9113 section 8.2.1).
PushRow upper(const char* name, std::string field, std::string value) {
  return row(name, field, std::move(value), kMalformed, "http2/field-name");
}

// ---- apns-id ----

constexpr std::string_view kIdRule = "http2/apns-id-is-a-uuid";

std::vector<PushRow> ids() {
  const auto bad = [](const char* name, std::string value) {
    return row(name, "apns-id", std::move(value), rejected(BadMessageId), kIdRule);
  };
  return {
      PushRow{.name = "Absent", .expected = kAccepted},
      good("LowerCase", "apns-id", "27cfdc15-e305-27e0-e290-8fc98e115899"),
      // The document wants lower case, Apple's own are upper case: our choice.
      good("UpperCase", "apns-id", "27CFDC15-E305-27E0-E290-8FC98E115899"),
      good("MixedCase", "apns-id", "27cfdc15-E305-27e0-E290-8FC98E115899"),
      // Apple's own have arbitrary nibbles where RFC 4122 has a version and a variant.
      good("NoVersion", "apns-id", "00000000-0000-0000-0000-000000000000"),
      bad("Empty", ""),
      bad("NotOne", "1"),
      bad("NoDashes", "27cfdc15e30527e0e2908fc98e115899"),
      bad("Braces", "{27cfdc15-e305-27e0-e290-8fc98e115899}"),
      bad("Urn", "urn:uuid:27cfdc15-e305-27e0-e290-8fc98e115899"),
      bad("OneShort", "27cfdc15-e305-27e0-e290-8fc98e11589"),
      bad("OneLong", "27cfdc15-e305-27e0-e290-8fc98e1158990"),
      bad("DashMoved", "27cfdc1-5e305-27e0-e290-8fc98e115899"),
      bad("NotHex", "27cfdc15-e305-27e0-e290-8fc98e11589g"),
      bad("BlankInside", "27cfdc15-e305-27e0-e290 8fc98e115899"),
      malformed("BlankBefore", "apns-id", " 27cfdc15-e305-27e0-e290-8fc98e115899"),
      malformed("BlankBehind", "apns-id", "27cfdc15-e305-27e0-e290-8fc98e115899 "),
      upper("UpperCaseName", "Apns-Id", "27cfdc15-e305-27e0-e290-8fc98e115899"),
      twice("Same", "apns-id", "27cfdc15-e305-27e0-e290-8fc98e115899",
            "27cfdc15-e305-27e0-e290-8fc98e115899"),
      twice("Other", "apns-id", "27cfdc15-e305-27e0-e290-8fc98e115899", ""),
  };
}

// ---- apns-expiration ----

std::vector<PushRow> expirations() {
  const auto bad = [](const char* name, std::string value) {
    return row(name, "apns-expiration", std::move(value), rejected(BadExpirationDate),
               "http2/expiration-is-in-seconds");
  };
  return {
      PushRow{.name = "Absent", .expected = kAccepted},
      good("Zero", "apns-expiration", "0"),
      good("One", "apns-expiration", "1"),
      good("LeadingZeros", "apns-expiration", "0000000001"),
      good("Largest32", "apns-expiration", "4294967295"),
      // More than 32 bits hold, milliseconds among them, is as late as can be: our choice.
      good("Above32", "apns-expiration", "4294967296"),
      good("Milliseconds", "apns-expiration", "1735689600000"),
      good("Above64", "apns-expiration", "99999999999999999999999"),
      bad("Empty", ""),
      bad("Fraction", "1735689600.5"),  // observed: parse-community/parse-server#4558
      bad("PointZero", "1735689600.0"),
      bad("Negative", "-1"),  // observed, weakly: parse-community/node-apn#58
      bad("Plus", "+1"),
      bad("Exponent", "1e9"),
      bad("Hex", "0x10"),
      bad("Word", "never"),
      bad("Date", "2025-01-01T00:00:00Z"),
      bad("BlankInside", "1 2"),
      malformed("BlankBefore", "apns-expiration", " 1"),
      malformed("BlankBehind", "apns-expiration", "1\t"),
      upper("UpperCaseName", "apns-Expiration", "1"),
      twice("Same", "apns-expiration", "0", "0"),
      twice("Other", "apns-expiration", "0", "1"),
  };
}

// ---- apns-priority ----

std::vector<PushRow> priorities() {
  const auto bad = [](const char* name, std::string value) {
    return row(name, "apns-priority", std::move(value), rejected(BadPriority),
               "http2/priority-is-10-5-or-1");
  };
  return {
      PushRow{.name = "Absent", .expected = kAccepted},
      good("Ten", "apns-priority", "10"),
      good("Five", "apns-priority", "5"),
      good("One", "apns-priority", "1"),
      bad("Empty", ""),
      bad("Zero", "0"),
      bad("Two", "2"),
      bad("Seven", "7"),
      bad("Eleven", "11"),
      bad("Hundred", "100"),
      bad("LeadingZero", "05"),
      bad("LeadingZeroTen", "010"),
      bad("Fraction", "5.0"),
      bad("Negative", "-5"),
      bad("Plus", "+5"),
      bad("Word", "high"),
      malformed("BlankBefore", "apns-priority", " 5"),
      malformed("BlankBehind", "apns-priority", "5 "),
      upper("UpperCaseName", "APNS-PRIORITY", "5"),
      twice("Same", "apns-priority", "5", "5"),
      twice("Other", "apns-priority", "5", "10"),
  };
}

// ---- apns-collapse-id: any bytes, at most 64 of them ----

std::vector<PushRow> collapse_ids() {
  const auto bad = [](const char* name, std::string value) {
    return row(name, "apns-collapse-id", std::move(value), rejected(BadCollapseId),
               "http2/collapse-id-size");
  };
  std::string wide;  // 64 bytes are 32 letters
  for (int i = 0; i < 32; ++i) {
    wide += "\xC3\xBC";
  }
  return {
      PushRow{.name = "Absent", .expected = kAccepted},
      good("Empty", "apns-collapse-id", ""),  // as good as none: our choice
      good("One", "apns-collapse-id", "x"),
      good("UpperCase", "apns-collapse-id", "SCORE"),
      good("BlankInside", "apns-collapse-id", "final score"),
      good("Longest", "apns-collapse-id", std::string(64, 'x')),
      good("LongestOfWideLetters", "apns-collapse-id", wide),
      bad("OneMore", std::string(65, 'x')),
      bad("OneMoreWideLetter", wide + "\xC3\xBC"),
      bad("Long", std::string(4000, 'x')),
      malformed("BlankBefore", "apns-collapse-id", " x"),
      malformed("BlankBehind", "apns-collapse-id", "x "),
      upper("UpperCaseName", "apns-collapse-ID", "x"),
      twice("Same", "apns-collapse-id", "x", "x"),
      twice("Other", "apns-collapse-id", "x", "y"),
  };
}

// ---- apns-push-type ----

std::vector<PushRow> push_type_values() {
  const auto bad = [](const char* name, std::string value) {
    return row(name, "apns-push-type", std::move(value), rejected(InvalidPushType),
               "http2/push-type-is-known");
  };
  return {
      PushRow{.name = "Absent", .expected = kAccepted},
      good("Alert", "apns-push-type", "alert"),  // the others: push_types_test.cpp
      bad("Empty", ""),
      bad("FirstLetterUpperCase", "Alert"),
      bad("UpperCase", "ALERT"),
      bad("Unknown", "banner"),
      bad("Beginning", "aler"),
      bad("OneMore", "alerts"),
      bad("Two", "alert,background"),
      bad("ByTheClass", "liveActivity"),
      malformed("BlankBefore", "apns-push-type", " alert"),
      malformed("BlankBehind", "apns-push-type", "alert "),
      upper("UpperCaseName", "Apns-Push-Type", "alert"),
      twice("Same", "apns-push-type", "alert", "alert"),
      twice("Other", "apns-push-type", "alert", "background"),
  };
}

// ---- apns-topic, on a connection with a certificate for com.example.app ----

std::vector<PushRow> topics() {
  const auto other = [](const char* name, std::string value) {
    return row(name, "apns-topic", std::move(value), rejected(BadTopic),
               "http2/topic-of-this-certificate");
  };
  const auto bad = [](const char* name, std::string value) {
    return row(name, "apns-topic", std::move(value), rejected(TopicDisallowed),
               "http2/topic-is-a-name");
  };
  return {
      PushRow{.name = "Absent", .without = {"apns-topic"}, .expected = kAccepted},
      good("Empty", "apns-topic", ""),  // as good as none: our choice
      good("ItsOwn", "apns-topic", "com.example.app"),
      other("OtherApp", "com.example.other"),
      other("UpperCase", "COM.EXAMPLE.APP"),
      other("Beginning", "com.example.ap"),
      other("WithSuffix", "com.example.app.voip"),
      bad("Brackets", "<com.example.app>"),  // observed: node-apn/node-apn#479, #559
      bad("BlankInside", "com.example app"),
      bad("Slash", "com/example/app"),
      bad("NotAscii", "com.example.\xC3\xBC"),
      other("Longest", std::string(255, 'x')),
      bad("OneMore", std::string(256, 'x')),
      malformed("BlankBefore", "apns-topic", " com.example.app"),
      malformed("BlankBehind", "apns-topic", "com.example.app "),
      upper("UpperCaseName", "Apns-Topic", "com.example.app"),
      twice("Same", "apns-topic", "com.example.app", "com.example.app"),
      twice("Other", "apns-topic", "com.example.app", "com.example.other"),
  };
}

// ---- The same with a provider token of a team ----

std::vector<PushRow> topics_with_provider_token() {
  std::vector<PushRow> rows = {
      row("Empty", "apns-topic", "", rejected(MissingTopic), "http2/topic-is-named"),
      good("AnyApp", "apns-topic", "com.example.other"),
      good("UpperCase", "apns-topic", "COM.EXAMPLE.APP"),
      good("Longest", "apns-topic", std::string(255, 'x')),
      row("OneMore", "apns-topic", std::string(256, 'x'), rejected(TopicDisallowed),
          "http2/topic-is-a-name"),
      row("Brackets", "apns-topic", "<com.example.app>", rejected(TopicDisallowed),
          "http2/topic-is-a-name"),
  };
  rows.push_back(PushRow{.name = "Absent",
                         .without = {"apns-topic"},
                         .expected = rejected(MissingTopic),
                         .rule = "http2/topic-is-named"});
  for (PushRow& one : rows) {
    one.auth = test::PushAuth::ProviderToken;
  }
  return rows;
}

// ---- authorization ----

constexpr std::string_view kMissingRule = "http2/provider-token-is-there";
constexpr std::string_view kNotOne = "http2/provider-token-is-an-es256-jwt";

std::vector<PushRow> authorizations() {
  const auto missing = [](const char* name, std::string value) {
    return row(name, "authorization", std::move(value), rejected(MissingProviderToken),
               kMissingRule);
  };
  const auto no_token = [](const char* name, std::string value) {
    return row(name, "authorization", std::move(value), rejected(InvalidProviderToken), kNotOne);
  };
  const std::string token = test::usual_provider_token();
  std::vector<PushRow> rows = {
      good("LowerCase", "authorization", "bearer " + token),
      good("FirstLetterUpperCase", "authorization", "Bearer " + token),  // observed in clients
      good("UpperCase", "authorization", "BEARER " + token),
      good("TwoBlanks", "authorization", "bearer  " + token),  // RFC 9110 section 11.4
      missing("Empty", ""),
      missing("SchemeAlone", "bearer"),
      missing("TokenAlone", token),
      missing("OtherScheme", "Basic dGVhbTpzZWNyZXQ="),
      missing("Tab", "bearer\t" + token),
      missing("NoBlank", "bearer" + token),
      no_token("BlankInside", "bearer " + token.substr(0, 40) + " " + token.substr(40)),
      no_token("Word", "bearer secret"),
      no_token("LongestRead", "bearer " + std::string(4096, 'a')),
      no_token("OneMore", "bearer " + std::string(4097, 'a')),
      malformed("BlankBefore", "authorization", " bearer " + token),
      malformed("BlankBehind", "authorization", "bearer " + token + " "),
      upper("UpperCaseName", "Authorization", "bearer " + token),
      twice("Same", "authorization", "bearer " + token, "bearer " + token),
      twice("Other", "authorization", "bearer " + token, "bearer x"),
  };
  rows.push_back(PushRow{.name = "Absent",
                         .without = {"authorization"},
                         .expected = rejected(MissingProviderToken),
                         .rule = kMissingRule});
  for (PushRow& one : rows) {
    one.auth = test::PushAuth::ProviderToken;
  }
  // A connection with a certificate does not look at it, except that it may not be there twice.
  rows.push_back(good("BesideACertificate", "authorization", "bearer " + token));
  rows.push_back(good("WrongBesideACertificate", "authorization", "bearer x"));
  rows.push_back(good("OtherSchemeBesideACertificate", "authorization", "Basic dGVhbTpzZWNyZXQ="));
  rows.push_back(twice("TwiceBesideACertificate", "authorization", "bearer x", "bearer x"));
  return rows;
}

// ---- Fields that APNs does not know, or that HTTP has ----

std::vector<PushRow> others() {
  return {
      good("UnknownOne", "apns-channel-id", "x"),
      PushRow{.name = "UnknownOneTwice",
              .fields = {{"x-request-id", "1"}, {"x-request-id", "2"}},
              .expected = kAccepted},
      good("UniqueId", "apns-unique-id", "4084a6e4-9ea8-6d2a-ca49-9a344a152da7"),
      good("ContentType", "content-type", "application/json"),
      good("ContentTypeOfCurl", "content-type", "application/x-www-form-urlencoded"),
      good("UserAgent", "user-agent", "curl/7.88.1"),
      good("AcceptEncoding", "accept-encoding", "gzip, deflate"),
      good("Trailers", "te", "trailers"),
      row("OtherTe", "te", "gzip", kMalformed, "http2/te-value"),
      row("Connection", "connection", "keep-alive", kMalformed, "http2/connection-specific-field"),
      row("TransferEncoding", "transfer-encoding", "chunked", kMalformed,
          "http2/connection-specific-field"),
      row("NoName", "", "x", kMalformed, "http2/field-name"),
      good("LengthRight", "content-length", std::to_string(test::kPushPayload.size())),
      row("LengthTooSmall", "content-length", "1", kMalformed, "http2/content-length-mismatch"),
      row("LengthTooLarge", "content-length", "4096", kMalformed, "http2/content-length-mismatch"),
      row("LengthNoNumber", "content-length", "x", kMalformed, "http2/content-length"),
      row("LengthEmpty", "content-length", "", kMalformed, "http2/content-length"),
      PushRow{.name = "LengthTwiceTheSame",
              .fields = {{"content-length", std::to_string(test::kPushPayload.size())},
                         {"content-length", std::to_string(test::kPushPayload.size())}},
              .expected = kAccepted},
      PushRow{.name = "LengthTwiceOther",
              .fields = {{"content-length", std::to_string(test::kPushPayload.size())},
                         {"content-length", "1"}},
              .expected = kMalformed,
              .rule = "http2/content-length"},
  };
}

// ---- :authority and host: Apple's service was never seen to compare them ----

std::vector<PushRow> authorities() {
  const auto host_only = [](const char* name, std::string host) {
    return PushRow{.name = name,
                   .fields = {{"host", std::move(host)}},
                   .without = {":authority"},
                   .expected = kAccepted};
  };
  return {
      good("Apples", ":authority", "api.push.apple.com"),
      good("ApplesWithPort", ":authority", "api.push.apple.com:443"),
      good("OfTheOtherEnvironment", ":authority", "api.sandbox.push.apple.com"),
      good("AnyOther", ":authority", "example.com"),
      good("Address", ":authority", "127.0.0.1:2197"),
      PushRow{.name = "Absent", .without = {":authority"}, .expected = kAccepted},
      host_only("HostAlone", "api.push.apple.com"),  // aioapns
      host_only("HostAloneWithPort", "localhost:2197"),
      good("HostThatDiffers", "host", "example.com"),
      row("UserInfo", ":authority", "user@localhost", kMalformed, "http2/authority-userinfo"),
      PushRow{.name = "Twice",
              .fields = {{":authority", "localhost"}, {":authority", "localhost"}},
              .expected = kMalformed,
              .rule = "http2/pseudo-repeated"},
  };
}

class PushHeaders : public testing::TestWithParam<PushRow> {};

TEST_P(PushHeaders, DrawWhatTheRowSays) {
  test::expect_row(GetParam());
}

std::string name_of_row(const testing::TestParamInfo<PushRow>& row) {
  return row.param.name;
}

INSTANTIATE_TEST_SUITE_P(ApnsId, PushHeaders, testing::ValuesIn(ids()), name_of_row);
INSTANTIATE_TEST_SUITE_P(ApnsExpiration, PushHeaders, testing::ValuesIn(expirations()),
                         name_of_row);
INSTANTIATE_TEST_SUITE_P(ApnsPriority, PushHeaders, testing::ValuesIn(priorities()), name_of_row);
INSTANTIATE_TEST_SUITE_P(ApnsCollapseId, PushHeaders, testing::ValuesIn(collapse_ids()),
                         name_of_row);
INSTANTIATE_TEST_SUITE_P(ApnsPushType, PushHeaders, testing::ValuesIn(push_type_values()),
                         name_of_row);
INSTANTIATE_TEST_SUITE_P(ApnsTopic, PushHeaders, testing::ValuesIn(topics()), name_of_row);
INSTANTIATE_TEST_SUITE_P(ApnsTopicWithProviderToken, PushHeaders,
                         testing::ValuesIn(topics_with_provider_token()), name_of_row);
INSTANTIATE_TEST_SUITE_P(Authorization, PushHeaders, testing::ValuesIn(authorizations()),
                         name_of_row);
INSTANTIATE_TEST_SUITE_P(OtherFields, PushHeaders, testing::ValuesIn(others()), name_of_row);
INSTANTIATE_TEST_SUITE_P(Authority, PushHeaders, testing::ValuesIn(authorities()), name_of_row);

}  // namespace
}  // namespace apns::mock
