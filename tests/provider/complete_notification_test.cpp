// What follows from a payload and an app: field reports H117, H119, H121, H122, M173.
#include "provider/complete_notification.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "provider/check_notification.h"

namespace apns::provider {
namespace {

constexpr const char* kApp = "com.example.app";
constexpr const char* kAlert = R"({"aps":{"alert":"Hello"}})";
constexpr const char* kWakes = R"({"aps":{"content-available":1}})";

Notification notification(std::string payload) {
  return Notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                      .payload = std::move(payload)};
}

Notification completed(Notification given, NotificationRoute route = {.app_topic = kApp}) {
  complete_notification(given, route);
  return given;
}

/// What a payload that says nothing else becomes.
struct TypeCase {
  PushType type;
  const char* payload;
  const char* app_topic;
  const char* topic;
  std::optional<std::uint8_t> priority;
};

void PrintTo(const TypeCase& row, std::ostream* out) {
  *out << row_of(row.type).name;
}

const TypeCase kTypeCases[] = {
    {PushType::Alert, kAlert, kApp, kApp, {}},
    {PushType::Background, kWakes, kApp, kApp, std::uint8_t{5}},
    {PushType::Location,
     "{}",
     "com.example.app.location-query",
     "com.example.app.location-query",
     {}},
    {PushType::Voip, R"({"caller":"Eva"})", "com.example.app.voip", "com.example.app.voip", {}},
    {PushType::Complication,
     "{}",
     "com.example.app.complication",
     "com.example.app.complication",
     {}},
    {PushType::FileProvider,
     R"({"container-identifier":"c"})",
     "com.example.app.pushkit.fileprovider",
     "com.example.app.pushkit.fileprovider",
     {}},
    {PushType::Mdm,
     R"({"mdm":"MAGIC"})",
     "com.apple.mgmt.External.1",
     "com.apple.mgmt.External.1",
     {}},
    {PushType::LiveActivity,
     R"({"aps":{"event":"end","timestamp":1}})",
     kApp,
     "com.example.app.push-type.liveactivity",
     {}},
    {PushType::PushToTalk, "{}", "com.example.app.voip-ptt", "com.example.app.voip-ptt", {}},
    {PushType::Widgets,
     R"({"aps":{"content-changed":true}})",
     kApp,
     "com.example.app.push-type.widgets",
     {}},
    {PushType::Controls,
     R"({"aps":{"content-changed":true}})",
     "com.example.app.push-type.controls",
     "com.example.app.push-type.controls",
     {}},
};

class CompletedPushType : public testing::TestWithParam<TypeCase> {};

TEST_P(CompletedPushType, FollowsFromPayloadOrTopic) {
  const Notification sent =
      completed(notification(GetParam().payload), {.app_topic = GetParam().app_topic});
  EXPECT_EQ(sent.push_type, GetParam().type);
  EXPECT_EQ(sent.topic, GetParam().topic);
  EXPECT_EQ(sent.priority, GetParam().priority);
  EXPECT_EQ(sent.payload, GetParam().payload);
}

TEST_P(CompletedPushType, GivenItDecidesTheTopicAndTheSuffixComesOnce) {
  Notification given = notification(GetParam().payload);
  given.push_type = GetParam().type;
  const std::string whole = std::string(kApp) + std::string(row_of(*given.push_type).topic_suffix);
  EXPECT_EQ(completed(given, {.app_topic = kApp}).topic, whole);
  EXPECT_EQ(completed(given, {.app_topic = whole}).topic, whole);
  EXPECT_EQ(completed(completed(given), {.app_topic = whole}), completed(given));
}

TEST_P(CompletedPushType, OfATopicThatWasGiven) {
  Notification given = notification(GetParam().payload);
  given.topic = GetParam().topic;
  const Notification sent = completed(given, {.app_topic = "com.example.other"});
  EXPECT_EQ(sent.push_type, GetParam().type);
  EXPECT_EQ(sent.topic, GetParam().topic);
}

INSTANTIATE_TEST_SUITE_P(Rows, CompletedPushType, testing::ValuesIn(kTypeCases),
                         [](const auto& row) { return std::string(row_of(row.param.type).name); });

TEST(CompleteNotification, HasARowForEachPushType) {
  std::set<PushType> types;
  for (const TypeCase& row : kTypeCases) {
    types.insert(row.type);
  }
  EXPECT_EQ(types.size(), push_types().size());
}

// Field reports M173: absent, 0 and 5 are three things, and all that is there is something to see.
TEST(CompleteNotification, BadgeZeroAndSoundAloneAreAlerts) {
  for (const char* aps : {R"("badge":0)", R"("badge":5)", R"("sound":"default")"}) {
    const std::string payload = std::string(R"({"aps":{"content-available":1,)") + aps + "}}";
    const Notification sent = completed(notification(payload));
    EXPECT_EQ(sent.push_type, PushType::Alert) << payload;
    EXPECT_EQ(sent.priority, std::nullopt) << payload;
  }
}

// Field reports H119: the push type is always sent, whatever the payload is.
TEST(CompleteNotification, ThereIsAlwaysAPushType) {
  for (const char* payload : {"", "{}", "[]", "Hello", R"({"aps":7})", "{\"aps\":{"}) {
    EXPECT_EQ(completed(notification(payload)).push_type, PushType::Alert) << payload;
  }
}

TEST(CompleteNotification, ChangesNothingThatWasGiven) {
  Notification given = notification(kWakes);
  given.push_type = PushType::Alert;
  given.priority = std::uint8_t{10};
  given.topic = "com.example.app.voip";
  given.expiration = 0;
  given.collapse_id = std::string(65, 'a');
  given.apns_id = "no UUID";
  EXPECT_EQ(completed(given), given);
}

// Field reports H117: absent, 0 and a time are three things.
TEST(CompleteNotification, ExpirationStaysWhatItWas) {
  using Expiration = std::optional<std::uint32_t>;
  for (const Expiration expiration : {Expiration(), Expiration(0), Expiration(1'900'000'000)}) {
    Notification given = notification(kWakes);
    given.expiration = expiration;
    EXPECT_EQ(completed(given).expiration, expiration);
  }
}

// Field reports H121.
TEST(CompleteNotification, BackgroundThatWasGivenHasPriority5Too) {
  Notification given = notification(R"({"aps":{}})");
  given.push_type = PushType::Background;
  EXPECT_EQ(completed(given).priority, 5);
}

TEST(CompleteNotification, TheBinaryProtocolGetsItsPriorityAlone) {
  Notification wanted = notification(kWakes);
  wanted.priority = std::uint8_t{5};
  const NotificationRoute binary{.is_http2 = false, .app_topic = kApp};
  EXPECT_EQ(completed(notification(kWakes), binary), wanted);
  EXPECT_EQ(completed(notification(kAlert), binary), notification(kAlert));
}

TEST(CompleteNotification, WithoutAnAppTheTopicStaysAbsent) {
  EXPECT_EQ(completed(notification(kAlert), {}).topic, "");
}

// Field reports H122: what has been completed is as the service wants it.
TEST(CompleteNotification, LeavesNothingToFind) {
  for (const TypeCase& row : kTypeCases) {
    const NotificationRoute route{.app_topic = row.app_topic, .has_provider_token = true};
    Notification given = notification(row.payload);
    if (row.type == PushType::PushToTalk) {
      given.expiration = 0;
    }
    const auto findings = check_notification(completed(given, route), route);
    EXPECT_TRUE(findings.empty()) << row_of(row.type).name << ": " << findings.front().found;
  }
}

}  // namespace
}  // namespace apns::provider
