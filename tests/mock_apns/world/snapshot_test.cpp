#include "mock_apns/world/snapshot.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/time.h"
#include "mock_apns/ledger.h"
#include "mock_apns/world/world_writer.h"

namespace apns::mock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Environment;

constexpr std::string_view kApp = "com.example.app";

class Snapshot : public testing::Test {
 protected:
  Snapshot() { carry_out(start, world, 0); }

  static WorldPlan plan_of(std::string_view text) {
    return read_world(json::parse(text, "world.json"));
  }

  void push(const DeviceToken& to) {
    const auto known = world.find(to.bytes());
    world.accepted(
        AcceptedPush{.device_token = to.bytes(), .payload = R"({"aps":{"alert":"Hello"}})"}, known,
        world.magic(to.bytes(), known), world.topic_id(kApp), Production);
  }

  [[nodiscard]] DeviceToken its_token() const { return *world.device_token("phone", kApp); }

  const WorldPlan start = plan_of(R"({
    "devices": [
      {"name": "phone", "apps": [{"bundle_id": "com.example.app"}]},
      {"name": "tablet", "online": false, "low_power": true, "background_per_hour": 1,
       "disconnects_with_last_app": true, "apps": [
        {"bundle_id": "com.example.app", "state": "force-quit", "alerts": false, "sounds": false,
         "profile": {"name": "dev", "bundle_id": "com.example.app", "aps_environment": "development"},
         "device_token": "b1b2"},
        {"bundle_id": "com.example.other", "registered": false}]}],
    "device_tokens": [
      {"bundle_id": "com.example.z", "device_tokens": ["c1", "c2"]},
      {"bundle_id": "com.example.app", "environment": "development", "device_tokens": ["c3"]}]})");
  ManualClock clock;
  Ledger ledger{Ledger::Options{}};
  World world{WorldOptions{.open = true, .seed = 5}, clock, &ledger};
};

TEST_F(Snapshot, SaysWhatTheWorldIsMadeOf) {
  push(*DeviceToken::parse("77"));                           // on trust
  world.uninstall_token(DeviceToken::parse("c1")->bytes());  // not registered any more
  const WorldPlan plan = make_plan(world);
  EXPECT_EQ(plan.open, true);
  ASSERT_EQ(plan.devices.size(), 2U);
  EXPECT_EQ(plan.devices[0].apps[0].device_token, its_token());
  EXPECT_EQ(plan.devices[1].options, start.devices[1].options);
  const AppPlan& app = plan.devices[1].apps[0];
  EXPECT_EQ(app.profile, start.devices[1].apps[0].profile);
  EXPECT_EQ(app.state, AppState::ForceQuit);
  EXPECT_EQ(app.alerts, false);
  EXPECT_EQ(app.badges, true);
  EXPECT_EQ(app.sounds, false);
  EXPECT_EQ(app.device_token, DeviceToken::parse("b1b2"));
  EXPECT_FALSE(plan.devices[1].apps[1].is_registered);
  EXPECT_THAT(plan.device_tokens,
              ElementsAre(TokenPlan{.bundle_id = "com.example.app",
                                    .environment = Development,
                                    .device_tokens = {*DeviceToken::parse("c3")}},
                          TokenPlan{.bundle_id = "com.example.z",
                                    .device_tokens = {*DeviceToken::parse("c2")}}));
}

TEST_F(Snapshot, AWorldMadeOfItIsTheSame) {
  const WorldPlan plan = make_plan(world);
  const std::string text = write_world(plan);
  World other(WorldOptions{.open = true, .seed = 6}, clock, nullptr);
  carry_out(plan_of(text), other, 0);
  EXPECT_EQ(make_plan(other), plan);
  reset(world, plan_of(text), 0);
  EXPECT_EQ(make_plan(world), plan);
}

TEST_F(Snapshot, AResetDrawsTheSameTokensAgain) {
  const DeviceToken first = its_token();
  (void)world.register_app("phone", kApp, 0);
  world.remove_phone("tablet", 0);
  const WorldPlan before = make_plan(world);
  reset(world, start, 0);
  EXPECT_EQ(its_token(), first);
  EXPECT_NE(make_plan(world), before);
  EXPECT_THAT(world.phone_names(), ElementsAre("phone", "tablet"));
}

TEST_F(Snapshot, AResetForgetsWhatWasStoredShownListedAndDrawn) {
  const DeviceToken magic = *DeviceToken::parse("fa11b0080001" + std::string(52, '0'));
  world.drawn(magic.bytes());
  push(its_token());
  world.set_online("phone", false, 0);
  push(its_token());
  world.uninstall_token(DeviceToken::parse("c1")->bytes());
  push(*DeviceToken::parse("c1"));
  push(*DeviceToken::parse("77"));
  const std::uint32_t topic = world.topic_id("com.example.z");

  reset(world, start, 0);
  EXPECT_EQ(world.topic_id("com.example.z"), topic) << "engines keep it";
  EXPECT_THAT(world.screen("phone").apps[0].notices, IsEmpty());
  EXPECT_TRUE(world.magic(magic.bytes(), world.find(magic.bytes()))) << "it draws again";
  EXPECT_EQ(world.find(DeviceToken::parse("77")->bytes()), std::nullopt);
  EXPECT_THAT(world.take_feedback(Production, "com.example.z", 10), IsEmpty());
  const auto num_expired = world.num_deliveries(DeliveryOutcome::Expired);
  clock.advance_to(TimePoint(std::chrono::days(31)));
  world.on_time(0);
  EXPECT_EQ(world.num_deliveries(DeliveryOutcome::Expired), num_expired) << "nothing is stored";
}

TEST_F(Snapshot, APlanThatCannotBeCarriedOutChangesNothing) {
  const WorldPlan before = make_plan(world);
  try {
    reset(world, plan_of(R"({"devices": [{"name": "new"}, {"name": "p", "apps": [
      {"bundle_id": "a", "profile": {"bundle_id": "a", "aps_environment": "none"}}]}]})"),
          0);
    FAIL() << "an app without the entitlement has registered";
  } catch (const WorldError& error) {
    EXPECT_THAT(error.what(), HasSubstr("entitlement"));
  }
  EXPECT_EQ(make_plan(world), before);
}

TEST_F(Snapshot, HasItsBound) {
  for (std::size_t i = 0; i < kMaxPlannedTokens; ++i) {
    Bytes bytes(28);
    ByteWriter(bytes).write(static_cast<std::uint32_t>(i));
    world.register_token(bytes, kApp, Production);
  }
  EXPECT_THROW((void)make_plan(world), WorldError);
}

}  // namespace
}  // namespace apns::mock
