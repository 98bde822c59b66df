// The world is changed and asked while pushes arrive.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/time.h"
#include "mock_apns/ledger.h"
#include "mock_apns/world/world.h"
#include "mock_apns/world/world_file.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Environment;

constexpr std::string_view kApp = "com.example.app";

class WorldAtRunTime : public testing::Test {
 protected:
  void add_phone(const std::string& name, PhoneOptions options = {}) {
    options.name = name;
    world.add_phone(Phone(options), 0);
    world.install(name, kApp, ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
  }

  DeviceToken launch(const std::string& phone) { return world.register_app(phone, kApp, 0); }

  void push(const DeviceToken& to) { push(to, world.find(to.bytes())); }

  void push(const DeviceToken& to, const std::optional<TokenRecord>& known, unsigned thread = 0) {
    world.accepted(AcceptedPush{.device_token = to.bytes(),
                                .payload = R"({"aps":{"alert":"Hello"}})",
                                .thread = thread},
                   known, std::nullopt, world.topic_id(kApp), Production);
  }

  /// "device added phone", "delivery discarded phone: the phone was removed".
  std::vector<std::string> story() {
    std::vector<std::string> lines;
    for (const LedgerEvent& event : ledger.snapshot()) {
      std::string line = std::string(to_string(event.kind)) + " " + to_string(event.outcome);
      line += event.device.empty() ? "" : " " + event.device;
      line += event.reasons.empty() ? "" : ": " + event.reasons.front();
      lines.push_back(line);
    }
    return lines;
  }

  template <class Change>
  static std::string refused(const Change& change) {
    try {
      change();
    } catch (const WorldError& error) {
      return error.what();
    }
    return {};
  }

  ManualClock clock;
  Ledger ledger{Ledger::Options{.threads = 2}};
  World world{WorldOptions{.open = false, .threads = 2}, clock, &ledger};
};

TEST_F(WorldAtRunTime, ARemovedPhoneLosesWhatIsStoredAndItsAppsAreFoundGone) {
  add_phone("phone", PhoneOptions{.is_online = false});
  const DeviceToken its = launch("phone");
  push(its);
  world.remove_phone("phone", 0);
  EXPECT_THAT(world.phone_names(), IsEmpty());
  EXPECT_EQ(refused([&] { world.set_online("phone", true, 0); }),
            "There is no phone called \"phone\".");
  EXPECT_EQ(world.token_info(its.bytes())->state, TokenState::AppGone);
  push(its);
  EXPECT_EQ(world.token_info(its.bytes())->state, TokenState::Inactive);
  EXPECT_EQ(world.take_feedback(Production, kApp, 10).size(), 1U);
  EXPECT_THAT(story(),
              ElementsAre("device added phone", "device registered phone",
                          "delivery stored phone: the phone is offline", "device removed phone",
                          "delivery discarded phone: the phone was removed", "feedback added"));
}

TEST_F(WorldAtRunTime, APushThatWasJudgedBeforeThePhoneWasRemovedIsDiscarded) {
  add_phone("phone");
  const DeviceToken its = launch("phone");
  const auto known = world.find(its.bytes());
  world.remove_phone("phone", 0);
  push(its, known);
  EXPECT_THAT(story(), testing::IsSupersetOf({"delivery discarded: the phone was removed"}));
  EXPECT_EQ(world.token_info(its.bytes())->state, TokenState::Inactive);
}

TEST_F(WorldAtRunTime, ANameThatWasGivenBackIsAnotherPhone) {
  add_phone("phone");
  const DeviceToken older = launch("phone");
  world.remove_phone("phone", 0);
  add_phone("phone");
  const DeviceToken newer = launch("phone");
  EXPECT_NE(older, newer);
  push(older);
  EXPECT_EQ(world.token_info(older.bytes())->state, TokenState::Inactive);
  EXPECT_EQ(world.token_info(newer.bytes())->device, "phone");
  EXPECT_EQ(world.num_deliveries(DeliveryOutcome::Delivered), 0U);
}

TEST_F(WorldAtRunTime, SaysWhatIsOnAPhone) {
  add_phone("phone", PhoneOptions{.is_low_power = true, .background_per_hour = 7});
  world.install("phone", "com.example.other",
                ProvisioningProfile{.name = "dev",
                                    .bundle_id = "com.example.other",
                                    .aps_environment = ApsEnvironment::Development});
  const DeviceToken its = world.register_app("phone", "com.example.other", 0);
  world.set_state("phone", kApp, AppState::ForceQuit, 0);
  world.set_settings("phone", kApp, AppSettings{.sounds = false}, 0);
  const PhoneInfo info = world.phone_info("phone");
  EXPECT_TRUE(info.options.is_low_power);
  EXPECT_EQ(info.options.background_per_hour, 7U);
  ASSERT_EQ(info.apps.size(), 2U);
  EXPECT_EQ(info.apps[0].bundle_id, kApp);
  EXPECT_EQ(info.apps[0].state, AppState::ForceQuit);
  EXPECT_FALSE(info.apps[0].settings.sounds);
  EXPECT_FALSE(info.apps[0].is_registered);
  EXPECT_EQ(info.apps[0].device_token, std::nullopt);
  EXPECT_EQ(info.apps[1].profile.name, "dev");
  EXPECT_TRUE(info.apps[1].is_registered);
  EXPECT_EQ(info.apps[1].device_token, its);
  EXPECT_EQ(info.apps[1].environment, Development);
  EXPECT_EQ(refused([&] { (void)world.phone_info("tablet"); }),
            "There is no phone called \"tablet\".");

  add_phone("tablet");
  ASSERT_EQ(world.phones().size(), 2U);
  EXPECT_EQ(world.phones()[1].options.name, "tablet");
  EXPECT_THAT(world.apps(), ElementsAre(kApp, "com.example.other"));
}

TEST_F(WorldAtRunTime, SaysWhatItKnowsOfADeviceToken) {
  add_phone("phone");
  const DeviceToken older = launch("phone");
  clock.advance_to(TimePoint(90s));
  const DeviceToken newer = launch("phone");
  EXPECT_EQ(world.token_info(older.bytes()), (TokenInfo{.state = TokenState::Replaced,
                                                        .topic = std::string(kApp),
                                                        .device = "phone",
                                                        .since = kManualStart + 90s}));
  EXPECT_EQ(world.token_info(newer.bytes()),
            (TokenInfo{.topic = std::string(kApp), .device = "phone"}));
  EXPECT_EQ(world.token_info(DeviceToken::parse("b1b2")->bytes()), std::nullopt);
  world.uninstall("phone", kApp, 0);
  push(newer);
  EXPECT_TRUE(world.token_info(newer.bytes())->is_listed);
  EXPECT_EQ(to_string(world.token_info(newer.bytes())->state), "inactive");
}

TEST_F(WorldAtRunTime, ATokenIsGivenToOneApp) {
  const DeviceToken wanted = *DeviceToken::parse("b1b2");
  add_phone("phone");
  add_phone("tablet");
  EXPECT_EQ(world.register_app("phone", kApp, 0, {.device_token = wanted}), wanted);
  EXPECT_EQ(refused([&] { (void)world.register_app("tablet", kApp, 0, {.device_token = wanted}); }),
            "The device token b1b2 is another app's. Give this one another, or none to have one "
            "drawn.");
  EXPECT_EQ(world.phone_info("tablet").apps[0].is_registered, false);
  EXPECT_EQ(world.register_app("phone", kApp, 0, {.device_token = wanted}), wanted)
      << "its own, again";
  world.uninstall("phone", kApp, 0);
  EXPECT_EQ(world.register_app("tablet", kApp, 0, {.device_token = wanted}), wanted)
      << "nobody has it any more";
}

TEST_F(WorldAtRunTime, ADeviceIsAddedWithItsAppsOrNotAtAll) {
  PhonePlan plan;
  plan.options.name = "phone";
  plan.apps.emplace_back().bundle_id = kApp;
  carry_out(plan, world, 0);
  EXPECT_TRUE(world.device_token("phone", kApp));
  plan.options.name = "tablet";
  plan.apps[0].device_token = world.device_token("phone", kApp);
  EXPECT_THAT(refused([&] { carry_out(plan, world, 0); }), HasSubstr("is another app's"));
  EXPECT_THAT(world.phone_names(), ElementsAre("phone"));
  EXPECT_THAT(story(), ElementsAre("device added phone", "device registered phone",
                                   "device added tablet", "device removed tablet"));
}

TEST_F(WorldAtRunTime, CountsWhatBecameOfNotificationsAndWhatWasWrongWithThem) {
  add_phone("phone");
  const DeviceToken its = launch("phone");
  push(its);
  world.accepted(AcceptedPush{.device_token = its.bytes(), .payload = "Hello"},
                 world.find(its.bytes()), std::nullopt, world.topic_id(kApp), Production);
  world.set_online("phone", false, 0);
  push(its);
  push(its);
  EXPECT_EQ(world.num_deliveries(DeliveryOutcome::Delivered), 2U);
  EXPECT_EQ(world.num_deliveries(DeliveryOutcome::Stored), 2U);
  EXPECT_EQ(world.num_deliveries(DeliveryOutcome::Replaced), 1U);
  EXPECT_EQ(world.num_deliveries(DeliveryOutcome::Discarded), 0U);
  EXPECT_THAT(world.num_violations(), ElementsAre(testing::Pair("payload/is-json", 1U)));
}

TEST_F(WorldAtRunTime, PhonesComeAndGoWhilePushesArrive) {
  constexpr int kRounds = 300;
  std::atomic<bool> is_over{false};
  std::vector<DeviceToken> tokens;
  for (int i = 0; i < 8; ++i) {
    tokens.push_back(*DeviceToken::parse("b1b" + std::to_string(i)));
  }
  std::atomic<std::uint64_t> num_pushed{0};
  std::vector<std::jthread> pushers;
  for (unsigned thread = 0; thread < 2; ++thread) {
    pushers.emplace_back([&, thread] {
      for (std::size_t i = 0; !is_over; ++i) {
        const DeviceToken& to = tokens[i % tokens.size()];
        const auto known = world.find(to.bytes());
        if (known && known->phone != 0) {
          push(to, known, thread);
          ++num_pushed;
        }
      }
    });
  }
  std::jthread asker([&] {
    while (!is_over) {
      for (const PhoneInfo& info : world.phones()) {
        EXPECT_THAT(info.options.name, HasSubstr("phone"));
      }
      world.on_time(ledger.outside_ring());
    }
  });
  for (int round = 0; round < kRounds || num_pushed == 0; ++round) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::string name = "phone-" + std::to_string(i);
      world.add_phone(Phone(PhoneOptions{.name = name}), ledger.outside_ring());
      world.install(name, kApp, ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
      (void)world.register_app(name, kApp, ledger.outside_ring(), {.device_token = tokens[i]});
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      world.remove_phone("phone-" + std::to_string(i), ledger.outside_ring());
    }
  }
  is_over = true;
  pushers.clear();
  asker.join();
  EXPECT_THAT(world.phone_names(), IsEmpty());
  EXPECT_EQ(world.num_deliveries(DeliveryOutcome::Delivered) +
                world.num_deliveries(DeliveryOutcome::Discarded),
            num_pushed)
      << "each has one outcome";
}

}  // namespace
}  // namespace apns::mock
