// The first line of a request, as HTTP/1.x would have had it: methods, paths, device tokens.
// docs/wire/http2.md#request has the rules.
#include <cctype>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/model/device_token.h"
#include "tests/support/push_rows.h"

namespace apns::mock {
namespace {

using test::kAccepted;
using test::PushRow;
using test::rejected;

using enum Reason;

const std::string kToken(64, 'a');
const std::string kMalformed = "reset PROTOCOL_ERROR";

// ---- Methods. Other ones than POST: their names have a case (RFC 9110 section 9.1). ----

std::vector<PushRow> methods() {
  constexpr std::string_view kRule = "http2/method-is-post";
  std::vector<PushRow> rows;
  for (const char* method : {"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post", "PRI"}) {
    rows.push_back(PushRow{.name = method,
                           .fields = {{":method", method}},
                           .payload = "",
                           .expected = rejected(MethodNotAllowed),
                           .rule = kRule});
  }
  rows.push_back(PushRow{.name = "PutWithPayload",
                         .fields = {{":method", "PUT"}},
                         .expected = rejected(MethodNotAllowed),
                         .rule = kRule});
  // The answer to HEAD has no content: RFC 9110 section 9.3.2.
  rows.push_back(PushRow{.name = "HEAD",
                         .fields = {{":method", "HEAD"}},
                         .payload = "",
                         .expected = "405",
                         .rule = kRule});
  rows.push_back(PushRow{.name = "OptionsOfTheService",
                         .fields = {{":method", "OPTIONS"}, {":path", "*"}},
                         .payload = "",
                         .expected = rejected(MethodNotAllowed),
                         .rule = kRule});
  rows.push_back(PushRow{.name = "CONNECT",
                         .fields = {{":method", "CONNECT"}},
                         .without = {":scheme", ":path"},
                         .payload = "",
                         .expected = rejected(MethodNotAllowed),
                         .rule = kRule});
  // RFC 8441: what nobody has offered is a method like another. Our choice.
  rows.push_back(PushRow{.name = "ExtendedCONNECT",
                         .fields = {{":method", "CONNECT"}, {":protocol", "websocket"}},
                         .payload = "",
                         .expected = rejected(MethodNotAllowed),
                         .rule = kRule});
  rows.push_back(PushRow{.name = "ConnectWithPath",
                         .fields = {{":method", "CONNECT"}},
                         .payload = "",
                         .expected = kMalformed,
                         .rule = "http2/connect-pseudo"});
  rows.push_back(PushRow{.name = "None",
                         .without = {":method"},
                         .expected = kMalformed,
                         .rule = "http2/pseudo-missing"});
  // Before the path, and before everything else.
  rows.push_back(PushRow{.name = "GetOfAnotherPath",
                         .fields = {{":method", "GET"}, {":path", "/"}},
                         .payload = "",
                         .expected = rejected(MethodNotAllowed),
                         .rule = kRule});
  return rows;
}

// ---- Paths ----

std::vector<PushRow> paths() {
  const auto path = [](const char* name, std::string value, Reason reason, std::string_view rule) {
    return PushRow{.name = name,
                   .fields = {{":path", std::move(value)}},
                   .expected = rejected(reason),
                   .rule = rule};
  };
  const auto bad = [&path](const char* name, std::string value) {
    return path(name, std::move(value), BadPath, "http2/path-is-a-device");
  };
  const auto missing = [&path](const char* name, std::string value) {
    return path(name, std::move(value), MissingDeviceToken, "http2/device-token-is-in-the-path");
  };
  const auto no_token = [&path](const char* name, std::string value) {
    return path(name, std::move(value), BadDeviceToken, "http2/device-token-is-hex");
  };
  const auto malformed = [](const char* name, std::string value) {
    return PushRow{.name = name,
                   .fields = {{":path", std::move(value)}},
                   .expected = kMalformed,
                   .rule = "http2/path"};
  };
  return {
      PushRow{.name = "Right", .expected = kAccepted},
      missing("NoToken", "/3/device/"),  // documented
      missing("NoTokenNoSlash", "/3/device"),
      bad("Root", "/"),
      bad("Devices", "/3/devices/" + kToken),
      bad("UpperCase", "/3/Device/" + kToken),
      bad("Version1", "/1/device/" + kToken),
      bad("Version2", "/2/device/" + kToken),
      bad("Version4", "/4/device/" + kToken),
      bad("Broadcast", "/4/broadcasts/apps/com.example.app"),
      bad("TwoSlashesInFront", "//3/device/" + kToken),
      bad("TwoSlashes", "/3/device//" + kToken),
      bad("TrailingSlash", "/3/device/" + kToken + "/"),
      bad("OneMoreLevel", "/3/device/" + kToken + "/x"),
      bad("Dots", "/3/device/../device/" + kToken),
      bad("Query", "/3/device/" + kToken + "?a=b"),
      bad("EmptyQuery", "/3/device/" + kToken + "?"),
      bad("QueryWithoutToken", "/3/device/?a=b"),
      bad("QueryBeforeTheToken", "/3/device?token=" + kToken),
      no_token("Fragment", "/3/device/" + kToken + "#x"),
      no_token("PercentEncoded", "/3/device/%61" + kToken.substr(1)),  // taken as it stands
      no_token("EncodedSlash", "/3/device/" + kToken + "%2F"),
      malformed("Empty", ""),
      malformed("NoSlash", "3/device/" + kToken),
      malformed("WholeUri", "https://localhost/3/device/" + kToken),
      malformed("Asterisk", "*"),
      PushRow{.name = "None",
              .without = {":path"},
              .expected = kMalformed,
              .rule = "http2/pseudo-missing"},
  };
}

// ---- Device tokens: bytes as hex digits in either case, 1 to 100 of them ----

PushRow to(std::string name, std::string token, std::string expected, std::string_view rule) {
  return PushRow{.name = std::move(name),
                 .fields = {{":path", "/3/device/" + std::move(token)}},
                 .expected = std::move(expected),
                 .rule = rule};
}

std::vector<PushRow> device_tokens() {
  std::vector<PushRow> rows;
  for (std::size_t len = 1; len <= DeviceToken::kMaxLen; ++len) {
    rows.push_back(to("Bytes" + std::to_string(len), std::string(2 * len, 'a'), kAccepted, ""));
  }
  const auto bad = [&rows](std::string name, std::string token) {
    rows.push_back(to(std::move(name), std::move(token), rejected(BadDeviceToken),
                      "http2/device-token-is-hex"));
  };
  for (const std::size_t len : {101U, 102U, 128U, 1000U}) {
    bad("Bytes" + std::to_string(len), std::string(2 * len, 'a'));
  }
  for (const std::size_t digits : {1U, 63U, 65U, 199U, 201U}) {
    bad("Digits" + std::to_string(digits), std::string(digits, 'a'));
  }
  std::string upper = "00112233445566778899AABBCCDDEEFF";
  rows.push_back(to("UpperCase", upper + upper, kAccepted, ""));
  rows.push_back(to("MixedCase", upper + "00112233445566778899aabbccddeeff", kAccepted, ""));
  bad("NotHex", "g" + kToken.substr(1));
  bad("BlankInside", kToken.substr(0, 32) + " " + kToken.substr(33));
  bad("InBrackets", "<" + kToken + ">");          // as NSData printed it
  bad("Base64", "Tm90IGhleCBhdCBhbGwsIG5vcGUu");  // observed: djacobs/PyAPNs#141
  bad("NotAscii", "\xC3\xBC" + kToken.substr(2));
  return rows;
}

class PushPaths : public testing::TestWithParam<PushRow> {};

TEST_P(PushPaths, DrawWhatTheRowSays) {
  test::expect_row(GetParam());
}

std::string name_of_row(const testing::TestParamInfo<PushRow>& row) {
  return row.param.name;
}

INSTANTIATE_TEST_SUITE_P(Method, PushPaths, testing::ValuesIn(methods()), name_of_row);
INSTANTIATE_TEST_SUITE_P(Path, PushPaths, testing::ValuesIn(paths()), name_of_row);
INSTANTIATE_TEST_SUITE_P(DeviceToken, PushPaths, testing::ValuesIn(device_tokens()), name_of_row);

}  // namespace
}  // namespace apns::mock
