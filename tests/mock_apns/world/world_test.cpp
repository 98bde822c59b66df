#include "mock_apns/world/world.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/time.h"
#include "mock_apns/controlled_clock.h"
#include "mock_apns/ledger.h"
#include "mock_apns/verdict.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Environment;

constexpr std::string_view kApp = "com.example.app";
constexpr std::string_view kPayload = R"({"aps":{"alert":"Hello"}})";

DeviceToken token(std::string hex) {
  hex.resize(64, '0');
  return *DeviceToken::parse(hex);
}

/// A world with a production gateway in front of it that judges and carries out, without bytes.
class WorldTest : public testing::Test {
 protected:
  explicit WorldTest(WorldOptions options = {.open = false}) : world(options, clock, &ledger) {}

  void add_phone(ApsEnvironment environment = ApsEnvironment::Production) {
    world.add_phone(Phone(PhoneOptions{.name = "phone"}));
    world.install(
        "phone", kApp,
        ProvisioningProfile{
            .name = "any", .bundle_id = std::string(kApp), .aps_environment = environment});
  }

  /// Registers the app, as its start does.
  DeviceToken launch() { return world.register_app("phone", kApp, 0); }

  /// Pushes, and returns the rule that refused; empty: accepted.
  std::string push(const DeviceToken& to, Environment environment = Production,
                   std::string_view topic = kApp) {
    binary::NotificationView view;
    view.command = binary::Command::Framed;
    view.has_device_token = view.has_payload = true;
    view.device_token = to.bytes();
    view.device_token_len = to.bytes().size();
    view.payload = as_bytes(kPayload);
    view.payload_len = kPayload.size();
    const VerdictContext context{.profile = default_profile(),
                                 .topic = topic,
                                 .environment = environment,
                                 .world = &world,
                                 .topic_id = world.topic_id(topic)};
    const Verdict verdict = judge(view, context);
    if (!verdict.accepted()) {
      if (verdict.token && verdict.token->state == TokenState::Inactive) {
        world.rejected_as_inactive(to.bytes(), 0, 0);
      }
      return std::string(verdict.rule);
    }
    world.accepted(AcceptedPush{.device_token = to.bytes(), .payload = kPayload}, verdict.token,
                   verdict.magic, context.topic_id, environment);
    return {};
  }

  std::vector<FeedbackTuple> read_feedback(Environment environment = Production) {
    return world.take_feedback(environment, kApp, 100);
  }

  /// "delivered phone", "registered phone".
  std::vector<std::string> story() {
    std::vector<std::string> lines;
    for (const LedgerEvent& event : ledger.snapshot()) {
      lines.push_back(std::string(to_string(event.kind)) + " " + to_string(event.outcome));
    }
    return lines;
  }

  [[nodiscard]] std::uint32_t now_seconds() const {
    return static_cast<std::uint32_t>(
        std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count());
  }

  ManualClock clock;
  Ledger ledger{Ledger::Options{}};
  World world;
};

TEST_F(WorldTest, APhoneThatIsRegisteredIsReached) {
  add_phone();
  const DeviceToken its = launch();
  EXPECT_EQ(push(its), "");
  EXPECT_THAT(story(), ElementsAre("device registered", "delivery delivered"));
}

TEST_F(WorldTest, AnAppWithoutTheEntitlementIsToldWhatIosSays) {
  add_phone(ApsEnvironment::None);
  try {
    launch();
    FAIL() << "it was registered";
  } catch (const WorldError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no valid 'aps-environment' entitlement string found"));
  }
  EXPECT_THAT(story(), IsEmpty());
}

TEST_F(WorldTest, TheProfileDecidesTheEnvironment) {
  add_phone(ApsEnvironment::Development);
  const DeviceToken its = launch();
  EXPECT_EQ(push(its, Production), "binary/device-token-of-this-environment");
  EXPECT_EQ(push(its, Development), "");
}

TEST_F(WorldTest, ATokenBelongsToItsApp) {
  add_phone();
  EXPECT_EQ(push(launch(), Production, "com.example.other"), "binary/device-token-of-this-topic");
}

TEST_F(WorldTest, ATokenThatNobodyHasIsUnknown) {
  EXPECT_EQ(push(token("1234")), "binary/device-token-is-known");
  EXPECT_EQ(world.tokens().size(), 0U) << "asking changes nothing";
}

TEST_F(WorldTest, RegisteringAgainReplacesTheToken) {
  add_phone();
  const DeviceToken older = launch();
  const DeviceToken newer = launch();
  EXPECT_NE(older, newer);
  EXPECT_EQ(push(older), "binary/device-token-is-the-newest");
  EXPECT_EQ(push(newer), "");
  EXPECT_EQ(world.device_token("phone", kApp), newer);
  EXPECT_THAT(read_feedback(), IsEmpty()) << "no app is gone";
}

TEST_F(WorldTest, AnUninstalledAppIsFoundOutByAPushAndThenInFeedback) {
  add_phone();
  const DeviceToken its = launch();
  world.uninstall("phone", kApp, 0);
  EXPECT_THAT(read_feedback(), IsEmpty()) << "nobody has pushed";
  clock.advance_to(TimePoint(90s));
  EXPECT_EQ(push(its), "") << "the service does not know yet";
  EXPECT_EQ(push(its), "binary/device-token-is-active");
  EXPECT_THAT(read_feedback(), ElementsAre(FeedbackTuple{now_seconds(), its}));
  EXPECT_THAT(read_feedback(), IsEmpty());
}

TEST_F(WorldTest, APushAfterReadingListsTheTokenAgainWithItsOldTime) {
  add_phone();
  const DeviceToken its = launch();
  world.uninstall("phone", kApp, 0);
  EXPECT_EQ(push(its), "");
  const auto first = read_feedback();
  clock.advance_to(TimePoint(1h));
  EXPECT_NE(push(its), "");
  EXPECT_NE(push(its), "");
  EXPECT_EQ(read_feedback(), first) << "once, with the time when it was found out";
}

TEST_F(WorldTest, WhatWasNotDeliveredToAPollerIsNotListedTwice) {
  add_phone();
  const DeviceToken its = launch();
  world.uninstall("phone", kApp, 0);
  EXPECT_EQ(push(its), "");
  const auto taken = read_feedback();
  world.put_back_feedback(Production, kApp, taken);
  EXPECT_NE(push(its), "");
  EXPECT_EQ(read_feedback(), taken);
}

TEST_F(WorldTest, AnOfflinePhoneFindsOutWhenItComesBack) {
  add_phone();
  const DeviceToken its = launch();
  world.set_online("phone", false, 0);
  world.uninstall("phone", kApp, 0);
  EXPECT_EQ(push(its), "");
  EXPECT_EQ(push(its), "");
  EXPECT_THAT(read_feedback(), IsEmpty());
  world.set_online("phone", true, 0);
  EXPECT_THAT(read_feedback(), ElementsAre(FeedbackTuple{now_seconds(), its}));
}

TEST_F(WorldTest, StoredNotificationsExpireWhenTheirTimeComes) {
  add_phone();
  const DeviceToken its = launch();
  world.set_online("phone", false, 0);
  world.accepted(
      AcceptedPush{
          .device_token = its.bytes(), .payload = kPayload, .expiration = now_seconds() + 60},
      world.find(its.bytes()), std::nullopt, world.topic_id(kApp), Production);
  clock.advance_to(TimePoint(59s));
  world.on_time(0);
  EXPECT_EQ(story().back(), "delivery stored");
  clock.advance_to(TimePoint(61s));
  world.on_time(0);
  EXPECT_EQ(story().back(), "delivery expired");
}

class WorldInAnotherTime : public testing::Test {
 protected:
  WorldInAnotherTime() {
    world.add_phone(Phone(PhoneOptions{.name = "phone", .is_online = false}));
    world.install("phone", kApp,
                  ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
    its = world.register_app("phone", kApp, 0);
  }

  /// Pushes what the provider, by its own clock, lets expire after `time`.
  void push_for(std::chrono::seconds time) {
    const auto expires = clients.now() + time;
    push(std::chrono::floor<std::chrono::seconds>(expires).time_since_epoch().count());
  }

  void push(std::int64_t expiration) {
    world.accepted(AcceptedPush{.device_token = its.bytes(),
                                .payload = kPayload,
                                .expiration = static_cast<std::uint32_t>(expiration)},
                   world.find(its.bytes()), std::nullopt, world.topic_id(kApp), Production);
  }

  std::string last() {
    world.on_time(0);
    return to_string(ledger.snapshot().back().outcome);
  }

  ManualClock clients;
  ControlledClock clock{clients};
  Ledger ledger{Ledger::Options{}};
  World world{WorldOptions{.open = false}, clock, &ledger};
  DeviceToken its = token("00");
};

TEST_F(WorldInAnotherTime, WhatWasStoredAgesAndWhatIsMadeNextDoesNot) {
  push_for(10min);
  clock.advance(11min);
  EXPECT_EQ(last(), "expired");
  push_for(10min);
  EXPECT_EQ(last(), "stored");
  clock.advance(10min - 1us);
  EXPECT_EQ(last(), "stored");
  clock.advance(1us);
  EXPECT_EQ(last(), "expired");
}

TEST_F(WorldInAnotherTime, AFrozenClockLetsNothingExpire) {
  clock.freeze();
  push_for(10s);
  clients.advance_to(TimePoint(1h));
  EXPECT_EQ(last(), "stored");
  push_for(10s);
  EXPECT_EQ(last(), "stored") << "by the provider's clock it has ten seconds left";
  clock.advance(10s);
  EXPECT_EQ(last(), "expired");
}

TEST_F(WorldInAnotherTime, ExpirationsThatSayMoreThanATimeKeepTheirMeaning) {
  clock.set(ControlledClock::kEarliest);
  push(0);
  EXPECT_EQ(last(), "discarded") << "now or never";
  push(1);
  EXPECT_EQ(last(), "expired") << "long past, but no 0";
  clock.set(ControlledClock::kLatest);
  push(UINT32_MAX);
  EXPECT_EQ(last(), "stored");
}

TEST_F(WorldTest, TokensWithoutAPhoneHaveTheSameLife) {
  const DeviceToken its = token("77");
  world.register_token(its.bytes(), kApp, Production);
  EXPECT_EQ(push(its), "");
  EXPECT_TRUE(world.uninstall_token(its.bytes()));
  EXPECT_EQ(push(its), "");
  EXPECT_EQ(push(its), "binary/device-token-is-active");
  EXPECT_THAT(read_feedback(), ElementsAre(FeedbackTuple{now_seconds(), its}));
  EXPECT_FALSE(world.uninstall_token(token("78").bytes()));
}

TEST_F(WorldTest, ANameIsTakenOnce) {
  add_phone();
  EXPECT_THROW(add_phone(), WorldError);
  EXPECT_THROW(world.uninstall("tablet", kApp, 0), WorldError);
  EXPECT_THROW(world.uninstall("phone", "com.example.other", 0), WorldError);
}

TEST_F(WorldTest, GivesTheSameTokensForTheSameSeed) {
  add_phone();
  const DeviceToken first = launch();
  World again({.open = false}, clock, nullptr);
  again.add_phone(Phone(PhoneOptions{.name = "phone"}));
  again.install("phone", kApp, ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
  EXPECT_EQ(again.register_app("phone", kApp, 0), first);
}

TEST_F(WorldTest, MagicTokensHoldInAStrictWorldToo) {
  EXPECT_EQ(push(token("fa110ff1")), "");
  EXPECT_EQ(story().back(), "delivery stored");
}

TEST_F(WorldTest, AMagicTokenIsUninstalledByItsFirstPush) {
  const DeviceToken its = token("fa11feed");
  EXPECT_EQ(push(its), "");
  EXPECT_EQ(push(its), "binary/device-token-is-active");
  EXPECT_THAT(read_feedback(), ElementsAre(FeedbackTuple{now_seconds(), its}));
  EXPECT_THAT(read_feedback(Development), IsEmpty());
}

TEST_F(WorldTest, AMagicTokenDrawsAsOftenAsItSays) {
  const DeviceToken its = token("fa11b0080002");
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(world.magic(its.bytes(), world.find(its.bytes()))) << i;
    world.drawn(its.bytes());
  }
  EXPECT_FALSE(world.magic(its.bytes(), world.find(its.bytes())));
  EXPECT_EQ(push(its), "");
}

class OpenWorldTest : public WorldTest {
 protected:
  OpenWorldTest() : WorldTest(WorldOptions{.max_trusted_tokens = 256}) {}
};

TEST_F(OpenWorldTest, UnknownTokensAreTakenOnTrustForEveryAppAndEnvironment) {
  EXPECT_EQ(push(token("55")), "");
  EXPECT_EQ(push(token("55"), Development, "com.example.other"), "");
  EXPECT_EQ(world.tokens().size(), 1U);
}

TEST_F(OpenWorldTest, WhatIsRegisteredIsHeldToIt) {
  add_phone();
  EXPECT_EQ(push(launch(), Development), "binary/device-token-of-this-environment");
}

TEST_F(OpenWorldTest, TrustHasItsBound) {
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(push(token("5" + std::to_string(100'000 + i))), "");
  }
  EXPECT_LE(world.tokens().size(), 256U);
  EXPECT_GE(world.tokens().num_evicted(), 10'000U - 256U);
}

TEST_F(OpenWorldTest, WithoutMagicTheyAreOrdinaryTokens) {
  World plain({.open = false, .magic = false}, clock, nullptr);
  EXPECT_FALSE(plain.magic(token("fa11b008").bytes(), std::nullopt));
}

}  // namespace
}  // namespace apns::mock
