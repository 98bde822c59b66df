// What a provider can tell before it sends: field reports H117, H118, H119, H121, H122, H123, H125.
#include "provider/check_notification.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <ostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::provider {
namespace {

constexpr const char* kAlert = R"({"aps":{"alert":"Hello"}})";
constexpr const char* kWakes = R"({"aps":{"content-available":1}})";
constexpr WorldTime kNow = std::chrono::sys_days{std::chrono::year{2025} / 11 / 25};
constexpr std::uint32_t kNowSeconds = 1'764'028'800;

Notification good() {
  return Notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                      .payload = kAlert,
                      .topic = "com.example.app",
                      .push_type = PushType::Alert};
}

NotificationRoute route() {
  return {.has_provider_token = true, .now = kNow};
}

/// One thing that is wrong with a good notification, and nothing else is found.
struct Case {
  const char* name;
  std::function<void(Notification&, NotificationRoute&)> spoil;
  const char* line;  // "field refusal|taken source: found"
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

std::string line_of(const NotificationFinding& finding) {
  return std::string(to_string(finding.field)) + " " +
         (finding.refusal ? std::string(row_of(*finding.refusal).name) : "taken") + " " +
         std::string(finding.source) + ": " + finding.found;
}

std::string lines_of(const Notification& notification, const NotificationRoute& way) {
  std::string lines;
  for (const NotificationFinding& finding : check_notification(notification, way)) {
    EXPECT_FALSE(finding.fix.empty());
    lines += (lines.empty() ? "" : "\n") + line_of(finding);
  }
  return lines;
}

void be(Notification& n, PushType type, const char* payload) {
  n.push_type = type;
  n.payload = payload;
  n.topic = "com.example.app" + std::string(row_of(type).topic_suffix);
}

const Case kCases[] = {
    {"DeviceTokenTooShort",
     [](Notification& n, NotificationRoute&) { n.device_token = *DeviceToken::parse("a1a1"); },
     "device_token BadDeviceToken \"Registering your app with APNs\": device_token has 2 bytes"},
    {"PayloadEmpty", [](Notification& n, NotificationRoute&) { n.payload.clear(); },
     "payload PayloadEmpty http2/payload-is-present: payload is empty"},
    {"PayloadTooLarge",
     [](Notification& n, NotificationRoute&) {
       n.payload = R"({"aps":{"alert":")" + std::string(4097 - 20, 'a') + R"("}})";
     },
     "payload PayloadTooLarge payload/fits-the-limit: payload has 4097 bytes, where 4096 are the "
     "limit"},
    {"VoipTooLarge",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::Voip, "");
       n.payload = R"({"k":")" + std::string(5121 - 8, 'a') + R"("})";
     },
     "payload PayloadTooLarge payload/fits-the-limit: payload has 5121 bytes, where 5120 are the "
     "limit"},
    {"BinaryTooLarge",
     [](Notification& n, NotificationRoute& r) {
       r.is_http2 = false;
       n.payload = R"({"aps":{"alert":")" + std::string(2049 - 20, 'a') + R"("}})";
     },
     "payload PayloadTooLarge payload/fits-the-limit: payload has 2049 bytes, where 2048 are the "
     "limit"},
    {"NoObject", [](Notification& n, NotificationRoute&) { n.payload = "Hello"; },
     "payload taken http2/payload-is-json: payload is no JSON object"},
    {"BackgroundWithBadge",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::Background, R"({"aps":{"content-available":1,"badge":0}})");
       n.priority = std::uint8_t{5};
     },
     "push_type taken push-type/background-is-alone: push type background with badge"},
    {"BackgroundThatWakesNobody",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::Background, R"({"aps":{}})");
       n.priority = std::uint8_t{5};
     },
     "push_type taken push-type/background-has-content-available: push type background without "
     "content-available"},
    {"SilentAlert", [](Notification& n, NotificationRoute&) { n.payload = kWakes; },
     "push_type taken push-type/alert-has-something-to-show: push type alert with nothing to show"},
    {"ManagementAsAlert", [](Notification& n, NotificationRoute&) { n.payload = R"({"mdm":"M"})"; },
     "push_type taken push-type/mdm-has-its-payload: mdm with push type alert"},
    {"NoManagement", [](Notification& n, NotificationRoute&) { be(n, PushType::Mdm, kAlert); },
     "push_type taken push-type/mdm-has-its-payload: push type mdm without mdm"},
    {"NoLiveActivity",
     [](Notification& n, NotificationRoute&) { be(n, PushType::LiveActivity, kAlert); },
     "push_type taken push-type/live-activity-has-its-keys: push type liveactivity without event "
     "and timestamp"},
    {"NoWidgets", [](Notification& n, NotificationRoute&) { be(n, PushType::Widgets, kAlert); },
     "push_type taken push-type/content-changed-is-true: push type widgets without "
     "content-changed"},
    {"CallWithAlert", [](Notification& n, NotificationRoute&) { be(n, PushType::Voip, kAlert); },
     "push_type taken push-type/voip-has-no-alert: push type voip with something to show"},
    {"TalkThatMayBeStored",
     [](Notification& n, NotificationRoute&) { be(n, PushType::PushToTalk, "{}"); },
     "push_type taken push-type/push-to-talk-is-now-or-never: push type pushtotalk that may be "
     "stored"},
    {"TalkLater",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::PushToTalk, "{}");
       n.expiration = 0;
       n.priority = std::uint8_t{5};
     },
     "push_type taken push-type/push-to-talk-is-now-or-never: push type pushtotalk with priority "
     "5"},
    {"LocationByCertificate",
     [](Notification& n, NotificationRoute& r) {
       be(n, PushType::Location, "{}");
       r.has_provider_token = false;
     },
     "push_type Forbidden http2/push-type-needs-a-provider-token: push type location with a "
     "certificate"},
    {"NoTopicH123", [](Notification& n, NotificationRoute&) { n.topic.clear(); },
     "topic MissingTopic http2/topic-is-named: a provider token, and no topic"},
    {"TopicInBrackets", [](Notification& n, NotificationRoute&) { n.topic = "<com.example>"; },
     "topic TopicDisallowed http2/topic-is-a-name: topic is <com.example>"},
    {"LiveActivityWithoutSuffixH122",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::LiveActivity, R"({"aps":{"event":"end","timestamp":1}})");
       n.topic = "com.example.app";
     },
     "topic TopicDisallowed push-type/topic-has-its-suffix: push type liveactivity with the topic "
     "com.example.app"},
    {"VoipWithoutSuffixH122",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::Voip, "{}");
       n.topic = "com.example.app";
     },
     "topic taken push-type/topic-has-its-suffix: push type voip with the topic com.example.app"},
    {"AlertWithASuffix",
     [](Notification& n, NotificationRoute&) { n.topic = "com.example.app.voip"; },
     "topic taken push-type/topic-has-its-suffix: push type alert with the topic "
     "com.example.app.voip"},
    {"SuffixTwice",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::Voip, "{}");
       n.topic = "com.example.app.voip.complication";
     },
     "topic taken push-type/topic-has-its-suffix: push type voip with the topic "
     "com.example.app.voip.complication"},
    {"PriorityThatIsNone",
     [](Notification& n, NotificationRoute&) { n.priority = std::uint8_t{7}; },
     "priority BadPriority http2/priority-is-10-5-or-1: priority is 7"},
    {"BackgroundAtOnceH121",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::Background, kWakes);
       n.priority = std::uint8_t{10};
     },
     "priority taken http2/background-has-priority-5: push type background with priority 10"},
    {"BackgroundAtOnceByDefaultH121",
     [](Notification& n, NotificationRoute&) { be(n, PushType::Background, kWakes); },
     "priority taken http2/background-has-priority-5: push type background with priority 10"},
    {"AlertThatNeverWakes",
     [](Notification& n, NotificationRoute&) { n.priority = std::uint8_t{1}; },
     "priority taken \"Sending notification requests to APNs\": push type alert with priority 1"},
    {"BinaryBackgroundAtOnceH121",
     [](Notification& n, NotificationRoute& r) {
       r.is_http2 = false;
       n.payload = kWakes;
     },
     "priority taken payload/priority-10-needs-an-alert: priority 10 with only content-available"},
    {"ExpirationIsASpan", [](Notification& n, NotificationRoute&) { n.expiration = 3600; },
     "expiration taken \"Sending notification requests to APNs\": expiration 3600 is in the "
     "seventies"},
    {"ExpirationIsNow", [](Notification& n, NotificationRoute&) { n.expiration = kNowSeconds; },
     "expiration taken delivery/expired-is-never-delivered: expiration is over since "
     "2025-11-25T00:00:00Z"},
    {"CollapseIdOf65LettersH118",
     [](Notification& n, NotificationRoute&) { n.collapse_id = std::string(65, 'a'); },
     "collapse_id BadCollapseId http2/collapse-id-size: collapse_id has 65 bytes"},
    {"CollapseIdOf22EurosH118",
     [](Notification& n, NotificationRoute&) {
       for (int i = 0; i < 22; ++i) {
         n.collapse_id += "\u20ac";
       }
     },
     "collapse_id BadCollapseId http2/collapse-id-size: collapse_id has 66 bytes"},
    {"ApnsIdIsNone", [](Notification& n, NotificationRoute&) { n.apns_id = "1"; },
     "apns_id BadMessageId http2/apns-id-is-a-uuid: apns_id is 1"},
};

class CheckedNotification : public testing::TestWithParam<Case> {};

TEST_P(CheckedNotification, SaysWhatIsWrongAndNothingElse) {
  Notification notification = good();
  NotificationRoute way = route();
  GetParam().spoil(notification, way);
  EXPECT_EQ(lines_of(notification, way), GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(Rows, CheckedNotification, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

// The nearest to each row above that is right.
const Case kGood[] = {
    {"AsItIs", [](Notification&, NotificationRoute&) {}, ""},
    {"ShortDeviceTokenOfASimulation",
     [](Notification& n, NotificationRoute& r) {
       n.device_token = *DeviceToken::parse("a1a1");
       r.short_device_tokens = true;
     },
     ""},
    {"PayloadAtItsLimit",
     [](Notification& n, NotificationRoute&) {
       n.payload = R"({"aps":{"alert":")" + std::string(4096 - 20, 'a') + R"("}})";
     },
     ""},
    {"WalletPass", [](Notification& n, NotificationRoute&) { n.payload = "{}"; }, ""},
    {"Background",
     [](Notification& n, NotificationRoute&) {
       be(n, PushType::Background, kWakes);
       n.priority = std::uint8_t{5};
     },
     ""},
    {"CertificateWithoutTopicH123",
     [](Notification& n, NotificationRoute& r) {
       n.topic.clear();
       r.has_provider_token = false;
     },
     ""},
    {"BinaryWithoutWords",
     [](Notification& n, NotificationRoute& r) {
       r.is_http2 = false;
       n.push_type = PushType::Voip;
       n.collapse_id = std::string(65, 'a');
       n.apns_id = "1";
     },
     ""},
    {"ExpirationZeroH117", [](Notification& n, NotificationRoute&) { n.expiration = 0; }, ""},
    {"ExpirationToCome",
     [](Notification& n, NotificationRoute&) { n.expiration = kNowSeconds + 1; }, ""},
    {"ExpirationUnlessThereIsAClock",
     [](Notification& n, NotificationRoute& r) {
       n.expiration = 3600;
       r.now.reset();
     },
     ""},
    {"CollapseIdOf64LettersH118",
     [](Notification& n, NotificationRoute&) { n.collapse_id = std::string(64, 'a'); }, ""},
    {"ApnsIdInUpperCaseH125",
     [](Notification& n, NotificationRoute&) {
       n.apns_id = "27CFDC15-E305-27E0-E290-8FC98E115899";
     },
     ""},
};

INSTANTIATE_TEST_SUITE_P(Good, CheckedNotification, testing::ValuesIn(kGood),
                         [](const auto& row) { return std::string(row.param.name); });

// Rules that a finding names are in the catalogue.
TEST(CheckNotification, NamesRulesThatExist) {
  std::ifstream file(APNSLAB_SOURCE_DIR "/scenarios/rules.json");
  const std::string catalogue{std::istreambuf_iterator<char>(file), {}};
  for (const Case& row : kCases) {
    Notification notification = good();
    NotificationRoute way = route();
    row.spoil(notification, way);
    for (const NotificationFinding& finding : check_notification(notification, way)) {
      EXPECT_TRUE(finding.source.starts_with('"') ||
                  catalogue.find("\"id\": \"" + std::string(finding.source) + '"') !=
                      std::string::npos)
          << finding.source;
    }
  }
}

}  // namespace
}  // namespace apns::provider
