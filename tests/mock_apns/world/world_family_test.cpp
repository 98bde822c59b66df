// Device tokens of every push family: what the provider API says to each, from the app's
// registration to its end.
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/world/snapshot.h"
#include "mock_apns/world/world_writer.h"
#include "tests/mock_apns/world/world_family_fixture.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::kApp;
using test::kEnrolment;
using test::kHello;
using test::kStart;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Environment;

class WorldFamilies : public test::WorldFamilyFixture {};

// ---- Topics ----

// Rule delivery/token-of-one-family.
TEST_F(WorldFamilies, EachFamilyHasATokenOfItsOwnThatFitsItsTopicAlone) {
  std::vector<std::pair<PushFamily, DeviceToken>> tokens;
  for (const PushFamilyRow& row : push_families()) {
    if (row.family == PushFamily::Mdm) {
      continue;  // of an enrolment
    }
    const Registration registration{.family = row.family,
                                    .channel = row.family == PushFamily::PushToTalk ? "ops" : ""};
    tokens.emplace_back(row.family, launch(registration));
    EXPECT_EQ(tokens.back().second.bytes().size(), row.device_token_len) << row.name;
    EXPECT_EQ(world.device_token("phone", kApp, registration), tokens.back().second);
  }
  for (const auto& [family, token] : tokens) {
    for (const auto& [other, its] : tokens) {
      EXPECT_EQ(push_to(other, token), family == other ? "" : "DeviceTokenNotForTopic")
          << to_string(family) << " to the topic of " << to_string(other);
      EXPECT_EQ(token == its, family == other);
    }
  }
}

TEST_F(WorldFamilies, TheTopicWithoutItsSuffixIsSaidToBeWrong) {
  const DeviceToken token = launch({.family = PushFamily::Voip});
  EXPECT_EQ(push(token, kApp), "DeviceTokenNotForTopic");
  EXPECT_EQ(why.found, "a device token of com.example.app.voip with the topic com.example.app");
  EXPECT_EQ(why.fix, "send apns-topic: com.example.app.voip, or use a device token of this topic");
}

TEST_F(WorldFamilies, AllAreOfTheEnvironmentOfTheProfile) {
  install(kApp, ApsEnvironment::Development);
  const DeviceToken token = launch({.family = PushFamily::Voip});
  EXPECT_EQ(push(token, "com.example.app.voip", kHello, PushType::Voip, Production),
            "BadDeviceToken");
  EXPECT_EQ(push(token, "com.example.app.voip", kHello, PushType::Voip, Development), "");
}

TEST_F(WorldFamilies, AnEnrolmentHasATokenOfFamilyMdm) {
  install(kEnrolment);
  const DeviceToken token = launch({}, kEnrolment);
  EXPECT_EQ(push(token, kEnrolment, R"({"mdm":"MAGIC"})", PushType::Mdm), "");
  EXPECT_EQ(last_delivery(), "delivered com.apple.mgmt.External.7e1c background");
  EXPECT_THAT(refusal_of({.family = PushFamily::Voip}, kEnrolment), HasSubstr("enrolment"));
  EXPECT_THAT(refusal_of({.family = PushFamily::Mdm}), HasSubstr("enrolment"));
  const PhoneInfo info = world.phone_info("phone");
  EXPECT_EQ(info.apps[0].bundle_id, kEnrolment);
  EXPECT_TRUE(info.apps[0].is_registered);
  EXPECT_EQ(info.apps[0].device_token, token);
}

TEST_F(WorldFamilies, TheListOfAppsHasNoTopicsOfFamilies) {
  (void)launch({.family = PushFamily::Voip});
  (void)world.topic_id("com.example.heard.voip");
  EXPECT_THAT(world.apps(), ElementsAre("com.example.app", "com.example.heard.voip"));
}

TEST_F(WorldFamilies, TokensWithoutAPhoneHaveFamiliesToo) {
  const DeviceToken token = *DeviceToken::parse("c1c2");
  world.register_token(token.bytes(), kApp, Production, PushFamily::Widgets);
  EXPECT_EQ(push_to(PushFamily::Widgets, token), "");
  EXPECT_EQ(push_to(PushFamily::Alert, token), "DeviceTokenNotForTopic");
  EXPECT_EQ(world.token_info(token.bytes())->family, PushFamily::Widgets);
}

// ---- What reaches the phone ----

TEST_F(WorldFamilies, DeliveriesAreOfTheTopicThatWasPushedTo) {
  EXPECT_EQ(push_to(PushFamily::Voip, launch({.family = PushFamily::Voip})), "");
  EXPECT_EQ(last_delivery(), "delivered com.example.app.voip call-screen");
}

TEST_F(WorldFamilies, APushTypeOfAnotherFamilyIsAcceptedAndDropped) {
  const DeviceToken token = launch({.family = PushFamily::Voip});
  EXPECT_EQ(push(token, "com.example.app.voip", kHello, PushType::Alert), "");
  EXPECT_EQ(last_delivery(), "discarded com.example.app.voip");
}

TEST_F(WorldFamilies, WhatDoesNotFitThePushTypeIsAViolation) {
  const DeviceToken token = launch({.family = PushFamily::Voip});
  const auto violations = [this] {
    std::vector<std::string> rules;
    for (const LedgerEvent& event : ledger.snapshot()) {
      if (event.kind == EventKind::Violation) {
        rules.push_back(std::string(to_string(event.outcome)) + " " + event.rule);
      }
    }
    return rules;
  };
  EXPECT_EQ(push(token, "com.example.app.voip", R"({"caller":"Eva"})", PushType::Voip), "");
  EXPECT_THAT(violations(), IsEmpty());
  EXPECT_EQ(push(token, "com.example.app.voip", kHello), "") << "inferred from the device token";
  EXPECT_THAT(violations(), ElementsAre("should push-type/voip-has-no-alert"));
  EXPECT_EQ(push(launch(), kApp, kHello, PushType::Background), "");
  EXPECT_THAT(violations(), ElementsAre("should push-type/voip-has-no-alert",
                                        "must push-type/background-is-alone",
                                        "must push-type/background-has-content-available"));
}

TEST_F(WorldFamilies, TheCollapseIdGoesToThePhone) {
  const DeviceToken token = launch();
  for (int i = 0; i < 2; ++i) {
    world.accepted(
        AcceptedPush{.device_token = token.bytes(), .payload = kHello, .collapse_id = "score"},
        world.find(token.bytes()), std::nullopt, world.topic_id(kApp), Production);
  }
  EXPECT_EQ(world.screen("phone").apps[0].notices.size(), 1U);
}

// ---- The end of a token ----

TEST_F(WorldFamilies, RegisteringAgainReplacesTheFamilysTokenOnly) {
  const DeviceToken alert = launch();
  const DeviceToken older = launch({.family = PushFamily::Voip});
  const DeviceToken newer = launch({.family = PushFamily::Voip});
  EXPECT_NE(older, newer);
  EXPECT_EQ(push_to(PushFamily::Voip, older), "Unregistered");
  EXPECT_EQ(push_to(PushFamily::Voip, newer), "");
  EXPECT_EQ(push_to(PushFamily::Alert, alert), "");
}

// Rule delivery/uninstalled-in-all-families.
TEST_F(WorldFamilies, UninstallingIsFoundOutOfAllAtOnceAndFeedbackTellsOfTheClassicOne) {
  const DeviceToken alert = launch();
  const DeviceToken voip = launch({.family = PushFamily::Voip});
  const DeviceToken order = launch({.family = PushFamily::LiveActivity, .activity = "order-17"});
  world.uninstall("phone", kApp, 0);
  clock.advance_to(TimePoint(90s));
  EXPECT_EQ(push_to(PushFamily::Voip, voip), "") << "it finds the app gone";
  const std::uint64_t found_out_ms = now_ms();
  clock.advance_to(TimePoint(200s));
  EXPECT_THAT(read_feedback(), IsEmpty()) << "nobody has pushed to the alert token";
  EXPECT_EQ(push_to(PushFamily::Voip, voip), "Unregistered");
  EXPECT_EQ(since_ms, found_out_ms);
  EXPECT_EQ(push_to(PushFamily::LiveActivity, order), "Unregistered");
  EXPECT_EQ(since_ms, found_out_ms);
  EXPECT_EQ(push_to(PushFamily::Alert, alert), "Unregistered");
  EXPECT_EQ(since_ms, found_out_ms);
  EXPECT_THAT(read_feedback(),
              ElementsAre(FeedbackTuple{static_cast<std::uint32_t>(found_out_ms / 1000), alert}));
  EXPECT_THAT(read_feedback("com.example.app.voip"), IsEmpty());
}

TEST_F(WorldFamilies, ARemovedPhoneIsFoundOutOfAppByApp) {
  install("com.example.other");
  const DeviceToken alert = launch();
  const DeviceToken voip = launch({.family = PushFamily::Voip});
  const DeviceToken other = launch({}, "com.example.other");
  world.remove_phone("phone", 0);
  EXPECT_EQ(push_to(PushFamily::Alert, alert), "");
  EXPECT_EQ(push_to(PushFamily::Voip, voip), "Unregistered");
  EXPECT_EQ(push(other, "com.example.other"), "");
  EXPECT_EQ(push(other, "com.example.other"), "Unregistered");
}

TEST_F(WorldFamilies, WhatIsUnregisteredIsKnownAtOnce) {
  const DeviceToken alert = launch();
  const DeviceToken voip = launch({.family = PushFamily::Voip});
  world.unregister_app("phone", kApp, 0, {.family = PushFamily::Voip});
  EXPECT_EQ(push_to(PushFamily::Voip, voip), "Unregistered");
  EXPECT_EQ(push_to(PushFamily::Alert, alert), "");
  EXPECT_THROW(world.unregister_app("phone", kApp, 0, {.family = PushFamily::Voip}), WorldError);
  world.unregister_app("phone", kApp, 0, {});
  EXPECT_FALSE(world.phone_info("phone").apps[0].is_registered);
  EXPECT_EQ(world.device_token("phone", kApp), std::nullopt);
  EXPECT_THROW(world.unregister_app("phone", "com.example.none", 0, {}), WorldError);
}

TEST_F(WorldFamilies, ATokenIsOfOneFamily) {
  const DeviceToken alert = launch();
  EXPECT_THAT(refusal_of({.family = PushFamily::Voip, .device_token = alert}),
              HasSubstr("is another app's"));
  const Registration order{.family = PushFamily::LiveActivity,
                           .activity = "1",
                           .device_token = DeviceToken::parse("b1")};
  EXPECT_EQ(launch(order), *DeviceToken::parse("b1"));
  EXPECT_EQ(launch(order), *DeviceToken::parse("b1")) << "its own, again";
  Registration other = order;
  other.activity = "2";
  EXPECT_THAT(refusal_of(other), HasSubstr("is another app's"));
}

// docs/world.md has a row for each family: | `voip` | `.voip` | 32 bytes |
TEST(WorldFamiliesDocument, HasEachFamilyWithItsTopicAndLength) {
  std::ifstream file(APNSLAB_SOURCE_DIR "/docs/world.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const PushFamilyRow& row : push_families()) {
    const std::string suffix = topic_of_family({}, row.family);
    const std::string topic = row.family == PushFamily::Mdm ? "`com.apple.mgmt.External.UUID`"
                              : suffix.empty()              ? "the bundle id"
                                                            : "`" + suffix + "`";
    const std::size_t at = text.find("| `" + std::string(row.name) + "` | " + topic);
    ASSERT_NE(at, std::string::npos) << row.name;
    const std::string line = text.substr(at, text.find('\n', at) - at);
    EXPECT_THAT(line, HasSubstr("| " + std::to_string(row.device_token_len) + " bytes")) << line;
  }
}

// ---- Magic device tokens, open worlds, seeds, snapshots ----

TEST_F(WorldFamilies, MagicTokensDrawForEveryTopic) {
  const DeviceToken gone = *DeviceToken::parse("fa110410" + std::string(56, '0'));
  const DeviceToken feed = *DeviceToken::parse("fa11feed" + std::string(56, '0'));
  for (const PushFamilyRow& row : push_families()) {
    const std::string topic = topic_of_family(kApp, row.family);
    const PushBody body{.device_token = gone,
                        .topic = topic,
                        .topic_id = world.topic_id(topic),
                        .push_type = row.type,
                        .payload_len = 2};
    const PushVerdict verdict =
        judge_body(body, PushContext{.profile = default_profile(), .world = &world}, nullptr);
    ASSERT_TRUE(verdict.magic) << row.name;
    EXPECT_EQ(verdict.magic->http2.reason, Reason::Unregistered) << row.name;
  }
  EXPECT_EQ(push(feed, "com.example.app.voip", kHello, PushType::Voip), "");
  EXPECT_EQ(push(feed, "com.example.app.voip", kHello, PushType::Voip), "Unregistered");
  EXPECT_THAT(read_feedback("com.example.app.voip"), IsEmpty());
}

TEST_F(WorldFamilies, AnOpenWorldTakesAnyTopicOnTrust) {
  World open(WorldOptions{.open = true}, clock, nullptr);
  const DeviceToken token = *DeviceToken::parse("77");
  for (const char* topic : {"com.example.app", "com.example.app.voip"}) {
    const PushBody body{.device_token = token,
                        .topic = topic,
                        .topic_id = open.topic_id(topic),
                        .push_type = PushType::Alert,
                        .payload_len = 2};
    const PushVerdict verdict =
        judge_body(body, PushContext{.profile = default_profile(), .world = &open}, nullptr);
    EXPECT_TRUE(verdict.accepted()) << topic;
    open.accepted(AcceptedPush{.device_token = token.bytes(), .payload = "{}"}, verdict.token,
                  verdict.magic, body.topic_id, Production);
  }
}

TEST_F(WorldFamilies, TheSameSeedGivesTheSameTokens) {
  const auto tokens = [this] {
    World one(WorldOptions{.open = false, .seed = 9}, clock, nullptr);
    one.add_phone(Phone(PhoneOptions{.name = "phone"}));
    one.install("phone", kApp, ProvisioningProfile{.name = "any", .bundle_id = std::string(kApp)});
    (void)one.register_app("phone", kApp, 0);
    const DeviceToken starts =
        one.register_app("phone", kApp, 0, {.family = PushFamily::LiveActivity});
    one.accepted(AcceptedPush{.device_token = starts.bytes(), .payload = kStart},
                 one.find(starts.bytes()), std::nullopt, 0, Production);
    std::vector<DeviceToken> all;
    const PhoneInfo phone = one.phone_info("phone");
    for (const FamilyToken& family : phone.apps[0].families) {
      all.push_back(family.device_token);
    }
    return all;
  };
  EXPECT_EQ(tokens().size(), 2U);
  EXPECT_EQ(tokens(), tokens());
}

TEST_F(WorldFamilies, ASnapshotBringsThemBack) {
  install(kEnrolment);
  (void)launch();
  (void)launch({}, kEnrolment);
  (void)launch({.family = PushFamily::Voip});
  (void)launch({.family = PushFamily::LiveActivity});
  (void)launch({.family = PushFamily::LiveActivity, .activity = "order-17"});
  (void)launch({.family = PushFamily::PushToTalk, .channel = "kitchen"});
  world.register_token(DeviceToken::parse("c1")->bytes(), kApp, Production, PushFamily::Voip);
  const WorldPlan plan = make_plan(world);
  ASSERT_EQ(plan.devices[0].apps.size(), 2U);
  EXPECT_EQ(plan.devices[0].apps[1].families.size(), 4U);
  EXPECT_THAT(plan.device_tokens,
              ElementsAre(TokenPlan{.bundle_id = std::string(kApp),
                                    .environment = Production,
                                    .family = PushFamily::Voip,
                                    .device_tokens = {*DeviceToken::parse("c1")}}));
  const std::string text = write_world(plan);
  World other(WorldOptions{.open = false, .seed = 6}, clock, nullptr);
  carry_out(read_world(json::parse(text, "world.json")), other, 0);
  EXPECT_EQ(make_plan(other), plan);
  EXPECT_EQ(other.screen("phone").apps[1].activities.at(0).id, "order-17");
}

TEST_F(WorldFamilies, AResetForgetsAppsThatWereGone) {
  const WorldPlan start = make_plan(world);
  const DeviceToken alert = *DeviceToken::parse("a1");
  const DeviceToken voip = *DeviceToken::parse("a2");
  for (int round = 0; round < 2; ++round) {
    (void)launch({.device_token = alert});
    (void)launch({.family = PushFamily::Voip, .device_token = voip});
    if (round == 0) {
      world.uninstall("phone", kApp, 0);
      reset(world, start, 0);
    }
  }
  EXPECT_EQ(push_to(PushFamily::Voip, voip), "");
  EXPECT_EQ(push_to(PushFamily::Alert, alert), "");
}

}  // namespace
}  // namespace apns::mock
