// What scenario files say of HTTP/2.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/scenario_loader.h"

namespace apns::scenarios {
namespace {

constexpr const char* kFile = "scenarios/http2/mine.json";

constexpr const char* kWhole = R"({
  "title": "t",
  "rules": ["http2/x"],
  "source": ["s"],
  "protocol": "http2",
  "service": {"settings": {"max_concurrent_streams": 3}},
  "workload": [
    {"options": {"request_timeout": "1s"}},
    {"send": 3},
    {"drain": "5s"}
  ],
  "expect": {
    "outcomes": {"sent": "1-3"},
    "ledger": [
      {"event": "notification", "reason": "Unregistered", "each": 0}
    ]
  }
})";

/// kWhole with `from` replaced by `to`.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kWhole;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Http2Loader, SendsWhatAGoodProviderSendsUnlessToldOtherwise) {
  const Scenario scenario = load_scenario(changed(R"({"send": 3})", R"({"send": 1},
        {"send": 1, "push_type": "voip"},
        {"send": 1, "push_type": "", "topic": "", "collapse_id": "c", "apns_id": "i"})"),
                                          kFile);
  EXPECT_EQ(scenario.auth, Auth::Certificate);
  EXPECT_EQ(scenario.http2_client.request_limit, std::chrono::seconds(1));
  EXPECT_EQ(scenario.settings.max_concurrent_streams, 3U);
  EXPECT_EQ(scenario.notifications[0].push_type, PushType::Alert);
  EXPECT_EQ(scenario.notifications[0].topic, "com.example.app");
  EXPECT_EQ(scenario.notifications[1].push_type, PushType::Voip);
  EXPECT_EQ(scenario.notifications[1].topic, "com.example.app.voip");
  EXPECT_EQ(scenario.notifications[2].push_type, std::nullopt);
  EXPECT_EQ(scenario.notifications[2].topic, "");
  EXPECT_EQ(scenario.notifications[2].collapse_id, "c");
  EXPECT_EQ(scenario.notifications[2].apns_id, "i");
}

TEST(Http2Loader, TakesAStatusAReasonOrBothOfAnAnswer) {
  const Scenario scenario =
      load_scenario(changed(R"("sent": "1-3")",
                            R"("rejected": {"1": 410, "2": ["Unregistered", "not-processed"],
                              "3": {"status": 400, "reason": "New", "timestamp": 7}})"),
                    kFile);
  ASSERT_EQ(scenario.outcomes.size(), 4U);
  EXPECT_EQ(scenario.outcomes[0].status, 410);
  EXPECT_EQ(scenario.outcomes[0].reason, "");
  EXPECT_EQ(scenario.outcomes[1].reason, "Unregistered");
  EXPECT_EQ(scenario.outcomes[1].status, std::nullopt);
  EXPECT_EQ(scenario.outcomes[2].reason, "not-processed");
  EXPECT_EQ(scenario.outcomes[2].n, NumberSet(2, 2));
  EXPECT_EQ(scenario.outcomes[3].status, 400);
  EXPECT_EQ(scenario.outcomes[3].reason, "New");
  EXPECT_EQ(scenario.outcomes[3].timestamp, 7U);
}

TEST(Http2Loader, TakesProviderTokensForACertificate) {
  EXPECT_EQ(
      load_scenario(changed(R"("protocol")", R"("auth": "provider-token", "protocol")"), kFile)
          .auth,
      Auth::ProviderToken);
}

struct ErrorCase {
  const char* name;
  const char* from;
  const char* to;
  const char* error;  // behind the file name

  friend void PrintTo(const ErrorCase& row, std::ostream* out) { *out << row.name; }
};

class Http2LoaderErrors : public testing::TestWithParam<ErrorCase> {};

TEST_P(Http2LoaderErrors, SayWhereWhatAndWhatWouldBeRight) {
  try {
    (void)load_scenario(changed(GetParam().from, GetParam().to), kFile);
    FAIL() << "it was accepted";
  } catch (const json::Error& error) {
    EXPECT_EQ(std::string(error.what()), std::string(kFile) + GetParam().error);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Http2LoaderErrors,
    testing::Values(
        ErrorCase{"OptionOfTheOtherProtocol", "request_timeout", "settle_after",
                  ":8:18: \"settle_after\" is not a key of options. Keys: request_timeout, "
                  "max_connections, min_connections, max_age, max_requests, max_unanswered, "
                  "max_streams, pending_bytes, queue_len, queue_bytes, content_length, "
                  "check_payload, idle_limit, ping_after, ping_limit, connect_limit, "
                  "backoff_first, backoff_max, give_up_after, max_attempts."},
        ErrorCase{"NoConnection", "\"request_timeout\": \"1s\"", "\"max_connections\": 0",
                  ":8:37: max_connections must be a whole number from 1 to 1000, not 0."},
        ErrorCase{"UnknownSetting", "max_concurrent_streams", "max_streams",
                  ":6:28: \"max_streams\" is not a key of settings. Keys: header_table_size, "
                  "max_concurrent_streams, initial_window_size, max_frame_size, "
                  "max_header_list_size."},
        ErrorCase{"UnknownPushType", "\"send\": 3", "\"send\": 3, \"push_type\": \"banner\"",
                  ":9:30: \"banner\" is not a push type. There are: alert, background, location, "
                  "voip, complication, fileprovider, mdm, liveactivity, pushtotalk, widgets, "
                  "controls."},
        ErrorCase{
            "FieldsOfTheOtherProtocol",
            "\"http2\",\n  \"service\": {\"settings\": {\"max_concurrent_streams\": 3}},\n  "
            "\"workload\": [\n    {\"options\": {\"request_timeout\": \"1s\"}},\n    {\"send\": 3}",
            "\"binary\",\n  \"workload\": [\n    {\"send\": 3, \"topic\": \"a\"}",
            ":7:26: topic, push_type, collapse_id and apns_id are HTTP/2's: the binary "
            "protocol has no fields for them. Leave them out, or say \"protocol\": "
            "\"http2\"."},
        ErrorCase{"SettingsOfTheOtherProtocol", "\"http2\",", "\"binary\",",
                  ":6:27: settings is HTTP/2's. Leave it out, or say \"protocol\": \"http2\"."},
        ErrorCase{"AuthOfTheOtherProtocol", "\"http2\",\n  \"service\"",
                  "\"binary\", \"auth\": \"provider-token\",\n  \"service\"",
                  ":5:33: Provider tokens are HTTP/2's. Leave auth out, or say \"protocol\": "
                  "\"http2\"."},
        ErrorCase{"CertificateBesideProviderToken", "\"service\"",
                  "\"auth\": \"provider-token\", \"certificate\": \"expired\", \"service\"",
                  ":6:44: A provider with provider tokens shows no certificate. Leave certificate "
                  "out."},
        ErrorCase{"UnknownOfTheOtherProtocol", "\"sent\": \"1-3\"",
                  "\"unknown\": {\"1-3\": \"evicted\"}",
                  ":13:37: \"evicted\" is not a reason. There are: connection-lost, drain-limit, "
                  "reset, bad-answer, no-answer."},
        ErrorCase{"ReasonThatIsNone", "\"sent\": \"1-3\"",
                  "\"rejected\": {\"1-3\": \"Unregisterd\"}",
                  ":13:38: \"Unregisterd\" is not a reason; did you mean \"Unregistered\"? There "
                  "are: unsent, payload-too-long, payload-empty, field-illegal, not-processed, "
                  "BadCollapseId, BadDeviceToken, BadExpirationDate, BadMessageId, BadPriority, "
                  "BadTopic, DeviceTokenNotForTopic, DuplicateHeaders, IdleTimeout, "
                  "InvalidPushType, MissingDeviceToken, MissingTopic, PayloadEmpty, "
                  "TopicDisallowed, BadCertificate, BadCertificateEnvironment, "
                  "ExpiredProviderToken, Forbidden, InvalidProviderToken, MissingProviderToken, "
                  "UnrelatedKeyIdInToken, BadEnvironmentKeyIdInToken, BadEnvironmentKeyInToken, "
                  "BadPath, MethodNotAllowed, ExpiredToken, Unregistered, PayloadTooLarge, "
                  "TooManyProviderTokenUpdates, TooManyRequests, InternalServerError, "
                  "ServiceUnavailable, Shutdown."},
        ErrorCase{"AnswerWithoutStatus", "\"sent\": \"1-3\"",
                  "\"rejected\": {\"1-3\": {\"reason\": \"New\"}}",
                  ":13:38: answer needs \"status\""},
        ErrorCase{"KeyOfNotifications", "\"event\": \"notification\"", "\"event\": \"connection\"",
                  ":15:31: \"reason\" is a key of notification events, and this matches connection "
                  "events. Leave it out, or change \"event\"."}),
    [](const testing::TestParamInfo<ErrorCase>& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace apns::scenarios
