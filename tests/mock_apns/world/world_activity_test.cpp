// Device tokens that live as long as something on the phone does: a Live Activity, a Push to Talk
// channel.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/controlled_clock.h"
#include "tests/mock_apns/world/world_family_fixture.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::kApp;
using test::kStart;
using test::kUpdate;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Environment;

class WorldActivities : public test::WorldFamilyFixture {};

// ---- Live Activities ----

TEST_F(WorldActivities, ALiveActivityThatAPushStartsGetsATokenForItsUpdates) {
  const DeviceToken starts = launch({.family = PushFamily::LiveActivity});
  EXPECT_EQ(push_to(PushFamily::LiveActivity, starts, kStart), "");
  EXPECT_EQ(last_delivery(), "delivered com.example.app.push-type.liveactivity lock-screen");
  const auto updates = world.device_token(
      "phone", kApp, {.family = PushFamily::LiveActivity, .activity = "activity-1"});
  ASSERT_TRUE(updates);
  EXPECT_NE(*updates, starts);
  EXPECT_EQ(updates->bytes().size(), 80U);
  EXPECT_EQ(world.token_info(updates->bytes())->activity, "activity-1");
  EXPECT_EQ(push_to(PushFamily::LiveActivity, *updates, kUpdate), "");
  EXPECT_EQ(world.screen("phone").apps[0].activities[0].content_state, R"({"eta":5})");
  const std::vector<LedgerEvent> events = ledger.snapshot();
  const auto told = std::ranges::find(events, updates->to_hex(), &LedgerEvent::device_token);
  ASSERT_NE(told, events.end());
  EXPECT_EQ(told->outcome, EventOutcome::Registered);
  EXPECT_EQ(told->topic, "com.example.app.push-type.liveactivity");
  EXPECT_EQ(told->detail, "Live Activity activity-1");
}

// Rule delivery/live-activity-token-expires.
TEST_F(WorldActivities, TheTokenOfALiveActivityExpiresWithIt) {
  const Registration order{.family = PushFamily::LiveActivity, .activity = "order-17"};
  const DeviceToken token = launch(order);
  EXPECT_EQ(push_to(PushFamily::LiveActivity, token, kUpdate), "");
  clock.advance_to(TimePoint(90s));
  EXPECT_EQ(push_to(PushFamily::LiveActivity, token,
                    R"({"aps":{"event":"end","timestamp":2,"content-state":{}}})"),
            "");
  const std::uint64_t ended_ms = now_ms();
  clock.advance_to(TimePoint(100s));
  EXPECT_EQ(push_to(PushFamily::LiveActivity, token, kUpdate), "ExpiredToken");
  EXPECT_EQ(since_ms, ended_ms);
  EXPECT_EQ(why.found, "the device token of a Live Activity that has ended");
  EXPECT_EQ(world.device_token("phone", kApp, order), std::nullopt);
  EXPECT_EQ(world.token_info(token.bytes())->state, TokenState::Expired);
}

TEST_F(WorldActivities, TheSystemEndsALiveActivityInTime) {
  const DeviceToken token = launch({.family = PushFamily::LiveActivity, .activity = "order-17"});
  clock.advance_to(TimePoint(8h));
  world.on_time(0);
  EXPECT_EQ(push_to(PushFamily::LiveActivity, token, kUpdate), "ExpiredToken");
}

TEST_F(WorldActivities, ItsOwnerMayEndALiveActivity) {
  const Registration order{.family = PushFamily::LiveActivity, .activity = "order-17"};
  const DeviceToken token = launch(order);
  world.unregister_app("phone", kApp, 0, order);
  EXPECT_EQ(push_to(PushFamily::LiveActivity, token, kUpdate), "ExpiredToken");
  EXPECT_THAT(world.screen("phone").apps[0].activities, IsEmpty());
  EXPECT_THROW(world.unregister_app("phone", kApp, 0, order), WorldError);
  EXPECT_THROW(world.unregister_app("phone", kApp, 0, {.family = PushFamily::LiveActivity}),
               WorldError)
      << "the token that starts them was never asked for";
}

TEST_F(WorldActivities, ALiveActivityMayGetANewToken) {
  const Registration order{.family = PushFamily::LiveActivity, .activity = "order-17"};
  const DeviceToken older = launch(order);
  const DeviceToken newer = launch(order);
  EXPECT_EQ(push_to(PushFamily::LiveActivity, older, kUpdate), "Unregistered");
  EXPECT_EQ(push_to(PushFamily::LiveActivity, newer, kUpdate), "");
  EXPECT_EQ(world.screen("phone").apps[0].activities.size(), 1U);
}

TEST_F(WorldActivities, ThereAreSoManyLiveActivities) {
  for (const char* id : {"1", "2", "3", "4", "5"}) {
    (void)launch({.family = PushFamily::LiveActivity, .activity = id});
  }
  EXPECT_EQ(refusal_of({.family = PushFamily::LiveActivity, .activity = "6"}),
            "com.example.app on phone has 5 Live Activities, which is the limit. End one.");
  (void)launch({.family = PushFamily::LiveActivity, .activity = "5"});
}

// The provider's stale-date and dismissal-date are by its own clock, as an expiration is.
TEST(WorldActivitiesInAnotherTime, DatesInAPayloadMeanWhatTheProviderMeant) {
  ManualClock providers;
  ControlledClock clock{providers};
  World world{WorldOptions{.open = false}, clock, nullptr};
  world.add_phone(Phone(PhoneOptions{.name = "phone"}));
  world.install("phone", kApp, ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
  const DeviceToken token = world.register_app(
      "phone", kApp, 0, {.family = PushFamily::LiveActivity, .activity = "order-17"});
  clock.advance(1h);
  const auto now =
      std::chrono::floor<std::chrono::seconds>(providers.now()).time_since_epoch().count();
  const std::string payload = R"({"aps":{"event":"update","timestamp":1,"content-state":{},)"
                              R"("stale-date":)" +
                              std::to_string(now + 60) + "}}";
  world.accepted(AcceptedPush{.device_token = token.bytes(), .payload = payload},
                 world.find(token.bytes()), std::nullopt, 0, Production);
  EXPECT_EQ(world.screen("phone").apps[0].activities.at(0).stale_at, clock.now() + 60s);
}

// ---- Push to Talk ----

TEST_F(WorldActivities, ATalkTokenLivesAsLongAsItsChannel) {
  const Registration kitchen{.family = PushFamily::PushToTalk, .channel = "kitchen"};
  const DeviceToken token = launch(kitchen);
  EXPECT_EQ(push_to(PushFamily::PushToTalk, token), "");
  clock.advance_to(TimePoint(30s));
  world.unregister_app("phone", kApp, 0, {.family = PushFamily::PushToTalk});
  const std::uint64_t left_ms = now_ms();
  EXPECT_EQ(push_to(PushFamily::PushToTalk, token), "Unregistered");
  EXPECT_EQ(since_ms, left_ms);
  EXPECT_NE(launch(kitchen), token);
  EXPECT_THAT(read_feedback("com.example.app.voip-ptt"), IsEmpty());
}

TEST_F(WorldActivities, ATalkTokenComesWithAChannelOfWhichThereIsOne) {
  install("com.example.other");
  EXPECT_EQ(refusal_of({.family = PushFamily::PushToTalk}),
            "A device token of pushtotalk comes with a channel. Say which one is joined.");
  EXPECT_THROW(world.unregister_app("phone", kApp, 0, {.family = PushFamily::PushToTalk}),
               WorldError)
      << "nothing came of it";
  (void)launch({.family = PushFamily::PushToTalk, .channel = "kitchen"});
  (void)launch({.family = PushFamily::PushToTalk, .channel = "garage"});
  EXPECT_THAT(
      refusal_of({.family = PushFamily::PushToTalk, .channel = "garage"}, "com.example.other"),
      HasSubstr("com.example.app has joined a Push to Talk channel on phone already"));
}

}  // namespace
}  // namespace apns::mock
