// The provider API without faults, its engine driven by hand.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/push_verdict.h"
#include "tests/support/provider_api_by_hand.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock {
namespace {

using test::ProviderApiByHand;
using test::PushAnswer;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

using Fields = ProviderApiByHand::Fields;

constexpr const char* kUpperId = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}";
constexpr const char* kLowerId = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const std::string kToken(64, 'b');

std::string reason(std::string_view status, std::string_view name) {
  return std::string(status) + " {\"reason\":\"" + std::string(name) + "\"}";
}

TEST(ProviderApi, AcceptsWithAnEmptyAnswerAndAnIdOfItsOwn) {
  ProviderApiByHand api;
  api.open();
  const PushAnswer answer = api.push({});
  EXPECT_EQ(answer.text(), "200");
  EXPECT_THAT(answer.fields.at("apns-id"), MatchesRegex(kUpperId));
  EXPECT_EQ(answer.fields.size(), 1U);
  EXPECT_EQ(api.api().counters().accepted, 1U);
}

TEST(ProviderApi, EchoesTheIdAsItWasSent) {
  ProviderApiByHand api;
  api.open();
  for (const char* id :
       {"27cfdc15-e305-27e0-e290-8fc98e115899", "27CFDC15-E305-27E0-E290-8FC98E115899"}) {
    EXPECT_EQ(api.push({{"apns-id", id}}).fields.at("apns-id"), id);
    const PushAnswer rejected = api.push({{"apns-id", id}, {"apns-priority", "7"}});
    EXPECT_EQ(rejected.fields.at("apns-id"), id);
  }
}

TEST(ProviderApi, HasAUniqueIdInDevelopment) {
  ProviderApiByHand::Setup setup;
  setup.options.environment = Environment::Development;
  ProviderApiByHand api(std::move(setup));
  api.open();
  const PushAnswer answer = api.push({});
  EXPECT_THAT(answer.fields.at("apns-unique-id"), MatchesRegex(kLowerId));
}

TEST(ProviderApi, SaysItsSettingsAsTheProfileHasThem) {
  ProviderApiByHand api;
  api.open();
  EXPECT_THAT(api.said(), ElementsAre("settings HEADER_TABLE_SIZE=4096 MAX_CONCURRENT_STREAMS=1000 "
                                      "INITIAL_WINDOW_SIZE=65535 MAX_FRAME_SIZE=16384 "
                                      "MAX_HEADER_LIST_SIZE=8000"));
  ProviderApiByHand::Setup setup;
  setup.options.profile = find_profile("2016");
  ProviderApiByHand old(std::move(setup));
  old.open();
  EXPECT_THAT(old.said(), ElementsAre("settings HEADER_TABLE_SIZE=4096 MAX_CONCURRENT_STREAMS=500 "
                                      "MAX_FRAME_SIZE=16384 MAX_HEADER_LIST_SIZE=8000"));
}

TEST(ProviderApi, ARejectionLowersTheLimitUntilTheNextAcceptance) {
  ProviderApiByHand api;
  api.open();
  (void)api.said();
  (void)api.push({{"apns-priority", "7"}});
  EXPECT_THAT(api.said(), ElementsAre("settings MAX_CONCURRENT_STREAMS=1"));
  (void)api.push({{"apns-priority", "7"}});
  EXPECT_THAT(api.said(), IsEmpty());
  (void)api.push({});
  EXPECT_THAT(api.said(), ElementsAre("settings MAX_CONCURRENT_STREAMS=1000"));
}

TEST(ProviderApi, ACertificateOfTheOtherEnvironmentDrawsTheGoawayThatWasCaptured) {
  ProviderApiByHand api;
  auto identity = std::make_shared<auth::CertificateIdentity>();
  identity->uid = ProviderApiByHand::kApp;
  identity->development = true;
  api.open(identity);
  EXPECT_THAT(api.said(), Contains("goaway 0 NO_ERROR {\"reason\":\"BadCertificateEnvironment\"}"));
  EXPECT_EQ(api.engine().close(), Close::CloseNotify);
}

TEST(ProviderApi, GoesAwayForMaintenanceInTwoSteps) {
  ProviderApiByHand api;
  api.open();
  (void)api.push({});
  (void)api.said();
  api.api().shut_down(0, api.clock().io_now());
  api.run();
  EXPECT_THAT(api.said(), ElementsAre("goaway 2147483647 NO_ERROR ",
                                      "goaway 1 NO_ERROR {\"reason\":\"Shutdown\"}"));
  api.advance(std::chrono::seconds(1));
  EXPECT_EQ(api.engine().close(), Close::CloseNotifyThenDrain);
}

TEST(ProviderApi, UninstallingDrawsATimeInMilliseconds) {
  ProviderApiByHand api;
  api.world().register_token(DeviceToken::parse(kToken)->bytes(), ProviderApiByHand::kApp,
                             Environment::Production);
  api.open();
  const Fields to = {{":path", "/3/device/" + kToken}};
  EXPECT_EQ(api.push(to).text(), "200");
  EXPECT_TRUE(api.world().uninstall_token(DeviceToken::parse(kToken)->bytes()));
  EXPECT_EQ(api.push(to).text(), "200");  // it finds the app gone
  EXPECT_EQ(api.push(to).text(), "410 {\"reason\":\"Unregistered\",\"timestamp\":1735689600000}");
  // The same act is a tuple of the feedback service.
  EXPECT_EQ(api.world().take_feedback(Environment::Production, ProviderApiByHand::kApp, 10).size(),
            1U);
}

TEST(ProviderApi, WritesDownEveryFieldOfARequest) {
  ProviderApiByHand api;
  api.open();
  (void)api.push({{":path", "/3/device/" + kToken},
                  {"apns-id", "27cfdc15-e305-27e0-e290-8fc98e115899"},
                  {"apns-push-type", "alert"},
                  {"apns-priority", "5"},
                  {"apns-expiration", "1735689600"},
                  {"apns-collapse-id", "score"}});
  const std::vector<LedgerEvent> events = api.events();
  ASSERT_GE(events.size(), 2U);
  const LedgerEvent& event = events[1];
  EXPECT_EQ(event.kind, EventKind::Notification);
  EXPECT_EQ(event.outcome, EventOutcome::Accepted);
  EXPECT_EQ(event.protocol, Protocol::Http2);
  EXPECT_EQ(event.nth, 1U);
  EXPECT_EQ(event.stream, 1U);
  EXPECT_EQ(event.apns_id, "27cfdc15-e305-27e0-e290-8fc98e115899");
  EXPECT_EQ(event.device_token, kToken);
  EXPECT_EQ(event.topic, "com.example.app");
  EXPECT_EQ(event.push_type, "alert");
  EXPECT_EQ(event.priority, 5);
  EXPECT_EQ(event.expiration, 1735689600U);
  EXPECT_EQ(event.collapse_id, "score");
  EXPECT_EQ(event.payload, ProviderApiByHand::kPayload);
  EXPECT_EQ(event.status, 200);
}

TEST(ProviderApi, AResetRequestIsDiscarded) {
  ProviderApiByHand api;
  api.open();
  const std::array fields = {http2::Field{":method", "POST"}, http2::Field{":scheme", "https"},
                             http2::Field{":path", "/3/device/aa"}};
  const http2::StreamId stream = api.client().open_stream(fields, false);
  api.run();
  EXPECT_TRUE(api.client().reset(stream, http2::ErrorCode::Cancel));
  api.run();
  EXPECT_EQ(api.api().counters().discarded, 1U);
  EXPECT_EQ(api.push({}).text(), "200");
}

TEST(ProviderApi, PayloadsThatComeInPiecesAreWhole) {
  ProviderApiByHand api;
  api.open();
  for (const std::size_t len : {1U, 4096U, 4097U, 5121U, 20'000U}) {
    const std::string payload =
        "{" + std::string(len < 2 ? 0 : len - 2, ' ') + (len < 2 ? "" : "}");
    const std::string expected = len <= 4096 ? "200" : reason("413", "PayloadTooLarge");
    EXPECT_EQ(api.push({}, payload).text(), expected) << len;
  }
  EXPECT_EQ(api.push({{"apns-push-type", "voip"}}, std::string(5120, ' ')).text(), "200");
}

// ---- One row for each reason that a request draws by itself ----

struct ReasonCase {
  const char* name;
  Fields fields;
  std::string payload;
  std::string expected;  // status and exact body
  const char* rule;
};

void PrintTo(const ReasonCase& row, std::ostream* out) {
  *out << row.name;
}

const std::string kHello(ProviderApiByHand::kPayload);
const std::string kNone;

std::vector<ReasonCase> reason_cases() {
  return {
      {"Get",
       {{":method", "GET"}},
       kNone,
       reason("405", "MethodNotAllowed"),
       "http2/method-is-post"},
      {"OtherPath",
       {{":path", "/4/broadcasts/apps/x"}},
       kHello,
       reason("404", "BadPath"),
       "http2/path-is-a-device"},
      {"MoreLevels",
       {{":path", "/3/device/" + kToken + "/x"}},
       kHello,
       reason("404", "BadPath"),
       "http2/path-is-a-device"},
      {"Query",
       {{":path", "/3/device/" + kToken + "?x"}},
       kHello,
       reason("404", "BadPath"),
       "http2/path-is-a-device"},
      {"NoToken",
       {{":path", "/3/device/"}},
       kHello,
       reason("400", "MissingDeviceToken"),
       "http2/device-token-is-in-the-path"},
      {"NoTokenNoSlash",
       {{":path", "/3/device"}},
       kHello,
       reason("400", "MissingDeviceToken"),
       "http2/device-token-is-in-the-path"},
      {"TwoTopics",
       {{"apns-topic", "com.example.app"}, {"apns-topic", "com.example.app"}},
       kHello,
       reason("400", "DuplicateHeaders"),
       "http2/headers-are-not-repeated"},
      {"BadId",
       {{"apns-id", "1"}},
       kHello,
       reason("400", "BadMessageId"),
       "http2/apns-id-is-a-uuid"},
      {"FractionOfASecond",
       {{"apns-expiration", "1.5"}},
       kHello,
       reason("400", "BadExpirationDate"),
       "http2/expiration-is-in-seconds"},
      {"NegativeExpiration",
       {{"apns-expiration", "-1"}},
       kHello,
       reason("400", "BadExpirationDate"),
       "http2/expiration-is-in-seconds"},
      {"Priority7",
       {{"apns-priority", "7"}},
       kHello,
       reason("400", "BadPriority"),
       "http2/priority-is-10-5-or-1"},
      {"Priority10Written",
       {{"apns-priority", "010"}},
       kHello,
       reason("400", "BadPriority"),
       "http2/priority-is-10-5-or-1"},
      {"LongCollapseId",
       {{"apns-collapse-id", std::string(65, 'x')}},
       kHello,
       reason("400", "BadCollapseId"),
       "http2/collapse-id-size"},
      {"UnknownPushType",
       {{"apns-push-type", "Alert"}},
       kHello,
       reason("400", "InvalidPushType"),
       "http2/push-type-is-known"},
      {"TopicInBrackets",
       {{"apns-topic", "<com.example>"}},
       kHello,
       reason("400", "TopicDisallowed"),
       "http2/topic-is-a-name"},
      {"TopicOfAnotherApp",
       {{"apns-topic", "com.example.other"}},
       kHello,
       reason("400", "BadTopic"),
       "http2/topic-of-this-certificate"},
      {"LocationByCertificate",
       {{"apns-push-type", "location"}},
       kHello,
       reason("403", "Forbidden"),
       "http2/push-type-needs-a-provider-token"},
      {"NoPayload", {}, kNone, reason("400", "PayloadEmpty"), "http2/payload-is-present"},
      {"LargePayload",
       {},
       std::string(4097, ' '),
       reason("413", "PayloadTooLarge"),
       "http2/payload-size"},
      {"TokenIsNotHex",
       {{":path", "/3/device/xyz"}},
       kHello,
       reason("400", "BadDeviceToken"),
       "http2/device-token-is-hex"},
      {"TokenIsTooLong",
       {{":path", "/3/device/" + std::string(202, 'a')}},
       kHello,
       reason("400", "BadDeviceToken"),
       "http2/device-token-is-hex"},
  };
}

class ProviderApiReasons : public testing::TestWithParam<ReasonCase> {};

TEST_P(ProviderApiReasons, DrawTheirAnswerAndSayWhy) {
  ProviderApiByHand api;
  api.open();
  const PushAnswer answer = api.push(GetParam().fields, GetParam().payload);
  EXPECT_EQ(answer.text(), GetParam().expected);
  EXPECT_EQ(answer.fields.size(), 1U);  // apns-id alone: no content-type was ever captured
  const std::vector<LedgerEvent> events = api.events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].outcome, EventOutcome::Rejected);
  ASSERT_TRUE(events[1].why);
  EXPECT_EQ(events[1].why->rule, GetParam().rule);
  EXPECT_NE(events[1].why->found, "");
  EXPECT_NE(events[1].why->fix, "");
}

INSTANTIATE_TEST_SUITE_P(, ProviderApiReasons, testing::ValuesIn(reason_cases()),
                         [](const auto& row) { return std::string(row.param.name); });

// ---- The same, of what the world knows ----

class ProviderApiWorld : public testing::Test {
 protected:
  ProviderApiWorld() {
    api.world().register_token(token(1).bytes(), ProviderApiByHand::kApp, Environment::Production);
    api.world().register_token(token(2).bytes(), ProviderApiByHand::kApp, Environment::Development);
    api.world().register_token(token(3).bytes(), "com.example.other", Environment::Production);
    api.open();
  }

  static DeviceToken token(int n) { return *DeviceToken::parse(text(n)); }

  static std::string text(int n) { return std::string(63, '0') + std::to_string(n); }

  std::string push_to(const std::string& token) {
    return api.push({{":path", "/3/device/" + token}}).text();
  }

  static ProviderApiByHand::Setup strict() {
    ProviderApiByHand::Setup setup;
    setup.world.open = false;
    return setup;
  }

  ProviderApiByHand api{strict()};
};

TEST_F(ProviderApiWorld, DecidesAboutTheDeviceToken) {
  EXPECT_EQ(push_to(text(1)), "200");
  EXPECT_EQ(push_to(text(2)), reason("400", "BadDeviceToken"));
  EXPECT_EQ(push_to(text(3)), reason("400", "DeviceTokenNotForTopic"));
  EXPECT_EQ(push_to(text(4)), reason("400", "BadDeviceToken"));
}

TEST_F(ProviderApiWorld, TakesUpperCaseHex) {
  const std::string token = std::string(60, 'a') + "bcde";
  api.world().register_token(DeviceToken::parse(token)->bytes(), ProviderApiByHand::kApp,
                             Environment::Production);
  EXPECT_EQ(push_to(std::string(60, 'A') + "BCDE"), "200");
}

TEST(ProviderApi, EndsAfterTheClientsGoaway) {
  ProviderApiByHand api;
  api.open();
  (void)api.push({});
  api.client().goaway(0, http2::ErrorCode::NoError);
  api.run();
  EXPECT_EQ(api.engine().close(), Close::CloseNotifyThenDrain);
}

TEST(ProviderApi, AProviderTokenOpensTheStreamsAndWedgesWhenItIsTooOld) {
  ProviderApiByHand api;
  const test::TokenSource tokens;
  api.open(nullptr);
  (void)api.said();
  const Fields with_token = {{"authorization", "bearer " + tokens.at(api.clock().now())}};
  EXPECT_EQ(api.push(with_token).text(), "200");
  EXPECT_THAT(api.said(), ElementsAre("settings MAX_CONCURRENT_STREAMS=1000"));
  api.advance(std::chrono::minutes(61));
  EXPECT_EQ(api.push(with_token).text(), reason("403", "ExpiredProviderToken"));
  // A fresh one does not help: the connection is spent, until it is reset.
  const Fields with_fresh = {{"authorization", "bearer " + tokens.at(api.clock().now())}};
  EXPECT_EQ(api.push(with_fresh).text(), reason("403", "ExpiredProviderToken"));
  api.api().reset_connections(0, false, api.clock().io_now());
  EXPECT_EQ(api.push(with_fresh).text(), "200");
}

TEST(ProviderApi, AnotherProviderTokenTooSoonIsTooManyUpdates) {
  ProviderApiByHand api;
  const test::TokenSource tokens;
  api.open(nullptr);
  const WorldTime now = api.clock().now();
  EXPECT_EQ(api.push({{"authorization", "bearer " + tokens.at(now)}}).text(), "200");
  EXPECT_EQ(
      api.push({{"authorization", "bearer " + tokens.at(now - std::chrono::seconds(1))}}).text(),
      reason("429", "TooManyProviderTokenUpdates"));
}

TEST(ProviderApi, WithoutACertificateOneStreamIsOpenAndAProviderTokenWanted) {
  ProviderApiByHand api;
  api.open(nullptr);
  EXPECT_THAT(api.said(), Contains(testing::HasSubstr("MAX_CONCURRENT_STREAMS=1 ")));
  EXPECT_EQ(api.push({}).text(), reason("403", "MissingProviderToken"));
}

}  // namespace
}  // namespace apns::mock
