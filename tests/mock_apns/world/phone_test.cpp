#include "mock_apns/world/phone.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/mock_apns/world/phone_fixture.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::kApp;
using test::kOtherApp;

class PhoneTest : public test::PhoneFixture {};

// ---- Apps and registration ----

struct RegistrationCase {
  const char* name;
  const char* profile_bundle_id;
  ApsEnvironment entitlement;
  std::optional<Environment> environment;
};

// Rule delivery/registering-needs-the-entitlement.
const RegistrationCase kRegistrations[] = {
    {"Production", "com.example.new", ApsEnvironment::Production, Environment::Production},
    {"Development", "com.example.new", ApsEnvironment::Development, Environment::Development},
    {"WithoutEntitlement", "com.example.new", ApsEnvironment::None, std::nullopt},
    {"ByWildcard", "com.example.*", ApsEnvironment::Production, std::nullopt},
};

class PhoneRegistration : public test::PhoneFixture,
                          public testing::WithParamInterface<RegistrationCase> {};

TEST_P(PhoneRegistration, GivesTheEnvironmentOfTheProfileOrTheMessageOfIos) {
  const RegistrationCase& row = GetParam();
  const std::string app = "com.example.new";
  ASSERT_EQ(phone.install(app, {"profile", row.profile_bundle_id, row.entitlement}), std::nullopt);
  const auto result = phone.register_for(app, PushFamily::Alert, now, sink);
  ASSERT_EQ(result.has_value(), row.environment.has_value());
  EXPECT_EQ(phone.find(app)->registered.has(PushFamily::Alert), row.environment.has_value());
  if (row.environment) {
    EXPECT_EQ(*result, *row.environment);
  } else {
    EXPECT_EQ(to_string(result.error()),
              "no valid 'aps-environment' entitlement string found for application");
  }
}

INSTANTIATE_TEST_SUITE_P(Phone, PhoneRegistration, testing::ValuesIn(kRegistrations),
                         [](const auto& row) { return row.param.name; });

TEST_F(PhoneTest, AnAppThatIsNotThereCannotRegister) {
  const auto result = phone.register_for("com.example.none", PushFamily::Alert, now, sink);
  ASSERT_TRUE(result.has_error());
  EXPECT_EQ(result.error(), RegistrationError::NotInstalled);
  EXPECT_FALSE(phone.launch("com.example.none", now, sink));
  EXPECT_FALSE(phone.set_settings("com.example.none", AppSettings{}));
  EXPECT_FALSE(phone.uninstall("com.example.none", now, sink));
}

TEST_F(PhoneTest, RefusesAProfileOfAnotherApp) {
  EXPECT_EQ(phone.install("com.example.new", {"profile", "com.example.app", {}}),
            InstallError::ProfileOfOtherApp);
  EXPECT_EQ(phone.find("com.example.new"), nullptr);
}

TEST_F(PhoneTest, AnUpdateKeepsWhatIsThereAndTheRegistration) {
  send(make_push(1, R"({"aps":{"alert":"a","badge":3}})"));
  ASSERT_EQ(phone.install(kApp, {"new", std::string(kApp), ApsEnvironment::Production}),
            std::nullopt);
  EXPECT_TRUE(phone.find(kApp)->registered.has(PushFamily::Alert));
  EXPECT_EQ(phone.find(kApp)->badge, 3);
  ASSERT_EQ(phone.install(kApp, {"new", std::string(kApp), ApsEnvironment::None}), std::nullopt);
  EXPECT_FALSE(phone.find(kApp)->registered.has(PushFamily::Alert));
}

TEST_F(PhoneTest, HoldsABoundedNumberOfApps) {
  for (std::size_t i = 1; i < Phone::kMaxInstallations; ++i) {
    const std::string app = "com.example.app" + std::to_string(i);
    ASSERT_EQ(phone.install(app, {"profile", app, {}}), std::nullopt);
  }
  EXPECT_EQ(phone.install("one.more", {"profile", "one.more", {}}), InstallError::PhoneIsFull);
  EXPECT_EQ(phone.install(kApp, {"profile", std::string(kApp), {}}), std::nullopt);
}

TEST_F(PhoneTest, ANotificationForAnAppThatDidNotRegisterIsDiscarded) {
  ASSERT_EQ(phone.install(kOtherApp, {"profile", std::string(kOtherApp), {}}), std::nullopt);
  EXPECT_EQ(send(alert(1), kOtherApp), PushResult::Taken);
  EXPECT_EQ(take_log(), Log{"discarded 1"});
  EXPECT_EQ(last_why(), "com.example.other is not registered for remote notifications");
}

// ---- Apps that are gone ----

TEST_F(PhoneTest, AnAppThatWasDeletedIsReportedAtOnce) {
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  EXPECT_EQ(send(alert(1)), PushResult::AppIsGone);
  EXPECT_EQ(take_log(), Log{"discarded 1"});
  EXPECT_EQ(last_why(), "the app is not installed");
}

TEST_F(PhoneTest, AnAppThatWasDeletedOfflineIsReportedWhenThePhoneIsBack) {
  set_online(false);
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  EXPECT_EQ(send(alert(1)), PushResult::Taken);
  EXPECT_EQ(take_log(), Log{"stored 1"});
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"discarded 1", "gone 1"}));
  ASSERT_EQ(sink.gone.size(), 1U);
  EXPECT_EQ(sink.gone[0].first, kApp);
  EXPECT_EQ(as_text(sink.gone[0].second.bytes()), "token");
}

TEST_F(PhoneTest, WhatExpiredForAMissingAppIsNotReported) {
  set_online(false);
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  send(expiring(alert(1), 60));
  advance(60s);
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "expired 1"}));
}

TEST_F(PhoneTest, DeletingTheLastAppCanCutTheConnection) {
  restart(PhoneOptions{.disconnects_with_last_app = true});
  add_app(kOtherApp);
  ASSERT_TRUE(phone.uninstall(kOtherApp, now, sink));
  EXPECT_EQ(send(alert(1), kOtherApp), PushResult::AppIsGone) << "another app is left";
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  take_log();
  EXPECT_EQ(send(alert(2)), PushResult::Taken);
  EXPECT_EQ(last_why(), "the phone has no connection since its last push-enabled app went");
  set_online(false);
  set_online(true);
  EXPECT_EQ(take_log(), Log{"stored 2"});
  add_app(kOtherApp);
  EXPECT_EQ(take_log(), (Log{"discarded 2", "gone 2"}));
}

TEST_F(PhoneTest, DeletingAnAppThatNeverRegisteredCutsNothing) {
  phone = Phone(PhoneOptions{.disconnects_with_last_app = true});
  add_app(kApp, ApsEnvironment::None);
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  EXPECT_EQ(send(alert(1)), PushResult::AppIsGone);
}

TEST_F(PhoneTest, TheConnectionStaysByDefault) {
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  EXPECT_EQ(send(alert(1)), PushResult::AppIsGone);
}

// ---- The screen ----

TEST_F(PhoneTest, TellsWhoAndWhatAndWhere) {
  send(make_push(7, R"({"aps":{"alert":{"title":"T","body":"B"},"badge":2,"sound":"bell"}})"));
  ASSERT_EQ(sink.deliveries.size(), 1U);
  const Delivery& delivery = sink.deliveries[0];
  EXPECT_EQ(delivery.outcome, DeliveryOutcome::Delivered);
  EXPECT_EQ(delivery.of, 7U);
  EXPECT_EQ(delivery.device, "phone");
  EXPECT_EQ(delivery.bundle_id, kApp);
  EXPECT_EQ(delivery.shown, (Shown{"lock-screen", "T", "", "B", 2, "bell"}));
  EXPECT_TRUE(delivery.why.empty());
}

// Rule delivery/settings-decide-presentation; the whole matrix is in docs/delivery.md.
TEST_F(PhoneTest, SettingsDecideWhatIsSeen) {
  ASSERT_TRUE(phone.set_settings(kApp, AppSettings{.badges = false, .sounds = false}));
  send(make_push(1, R"({"aps":{"alert":"B","badge":2,"sound":"bell"}})"));
  EXPECT_EQ(sink.deliveries.back().shown, (Shown{"lock-screen", "", "", "B", std::nullopt, ""}));
  EXPECT_EQ(last_why(),
            "no badge: badges are off for com.example.app; no sound: sounds are off for "
            "com.example.app");
  EXPECT_EQ(phone.find(kApp)->badge, 0);
  ASSERT_TRUE(
      phone.set_settings(kApp, AppSettings{.alerts = false, .badges = false, .sounds = false}));
  send(alert(2));
  EXPECT_EQ(take_log(), (Log{"delivered 1 lock-screen", "discarded 2"}));
}

TEST_F(PhoneTest, TheScreenHasBadgesAndNoticesOfEachApp) {
  add_app(kOtherApp);
  send(make_push(1, R"({"aps":{"alert":"a","badge":3,"thread-id":"t"}})"));
  send(make_push(2, R"({"aps":{"badge":4}})"));
  send(alert(3), kOtherApp);
  const Screen screen = phone.screen();
  ASSERT_EQ(screen.apps.size(), 2U);
  EXPECT_EQ(screen.apps[0].bundle_id, kApp);
  EXPECT_EQ(screen.apps[0].badge, 4);
  ASSERT_EQ(screen.apps[0].notices.size(), 1U);
  EXPECT_EQ(screen.apps[0].notices[0].of, 1U);
  EXPECT_EQ(screen.apps[0].notices[0].shown.body, "a");
  EXPECT_EQ(screen.apps[0].notices[0].thread_id, "t");
  EXPECT_EQ(screen.apps[1].notices[0].of, 3U);
  send(make_push(4, R"({"aps":{"badge":0}})"));
  EXPECT_EQ(phone.screen().apps[0].badge, 0);
}

TEST_F(PhoneTest, WhatTheForegroundAppIsHandedIsNotOnTheScreen) {
  set_state(AppState::Foreground);
  send(make_push(1, R"({"aps":{"alert":"a","badge":3}})"));
  EXPECT_EQ(take_log(), Log{"delivered 1 app"});
  EXPECT_EQ(phone.screen().apps[0].badge, 0);
  EXPECT_TRUE(phone.screen().apps[0].notices.empty());
}

TEST_F(PhoneTest, TheNotificationCentreForgetsTheOldest) {
  for (std::uint64_t of = 1; of <= Phone::kMaxNotices + 2; ++of) {
    send(alert(of));
  }
  const Screen screen = phone.screen();
  ASSERT_EQ(screen.apps[0].notices.size(), Phone::kMaxNotices);
  EXPECT_EQ(screen.apps[0].notices.front().of, 3U);
}

TEST_F(PhoneTest, OneCollapseIdIsOneNotice) {
  for (const std::uint64_t of : {1U, 2U, 3U}) {
    Push push = alert(of);
    push.collapse_id = of == 2 ? "other" : "score";
    send(std::move(push));
  }
  EXPECT_EQ(last_why(), "takes the place of 1: the same collapse id");
  const Screen screen = phone.screen();
  ASSERT_EQ(screen.apps[0].notices.size(), 2U);
  EXPECT_EQ(screen.apps[0].notices[0].of, 2U);
  EXPECT_EQ(screen.apps[0].notices[1].of, 3U);
  EXPECT_EQ(take_log(),
            (Log{"delivered 1 lock-screen", "delivered 2 lock-screen", "delivered 3 lock-screen"}));
}

TEST_F(PhoneTest, WithoutCollapseIdNothingIsMerged) {
  send(alert(1));
  send(alert(2));
  EXPECT_EQ(phone.screen().apps[0].notices.size(), 2U);
}

TEST_F(PhoneTest, CollapseIdsAreOfOneApp) {
  add_app(kOtherApp);
  Push push = alert(1);
  push.collapse_id = "score";
  send(push);
  send(push, kOtherApp);
  EXPECT_EQ(phone.screen().apps[0].notices.size(), 1U);
  EXPECT_EQ(phone.screen().apps[1].notices.size(), 1U);
}

TEST_F(PhoneTest, APhoneIsAValue) {
  send(alert(1));
  set_online(false);
  send(alert(2));
  Phone copy = phone;
  set_online(true);
  send(alert(3));
  take_log();
  EXPECT_EQ(copy.screen().apps[0].notices.size(), 1U);
  copy.set_online(true, now, sink);
  EXPECT_EQ(take_log(), Log{"delivered 2 lock-screen"});
}

}  // namespace
}  // namespace apns::mock
