// What a phone and the service behind it keep, for how long, and what gives way.
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "mock_apns/world/phone.h"
#include "tests/mock_apns/world/phone_fixture.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using test::kApp;
using test::kOtherApp;

class StoreAndForward : public test::PhoneFixture {};

// ---- Offline ----

// Rule delivery/one-stored-per-app.
TEST_F(StoreAndForward, APhoneThatComesBackGetsTheNewestOnly) {
  set_online(false);
  send(alert(1));
  EXPECT_EQ(last_why(), "the phone is offline");
  send(alert(2));
  EXPECT_EQ(sink.deliveries[1].why[0],
            "a newer one (seq 2) took its place: one is kept per app and phone");
  advance(10min);
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "replaced 1", "stored 2", "delivered 2 lock-screen"}));
  set_online(false);
  set_online(true);
  EXPECT_EQ(take_log(), Log{});
}

TEST_F(StoreAndForward, OneIsStoredForEachAppAndTheOldestComesFirst) {
  add_app(kOtherApp);
  set_online(false);
  send(alert(1));
  send(alert(2), kOtherApp);
  send(alert(3));
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "stored 2", "replaced 1", "stored 3",
                             "delivered 2 lock-screen", "delivered 3 lock-screen"}));
}

TEST_F(StoreAndForward, TheSettingsCountWhenItArrives) {
  set_online(false);
  send(alert(1));
  phone.set_settings(kApp, AppSettings{.alerts = false});
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "discarded 1"}));
}

TEST_F(StoreAndForward, StoringIsBounded) {
  set_online(false);
  for (std::uint64_t of = 1; of <= Phone::kMaxStored + 1; ++of) {
    send(alert(of), "com.example.app" + std::to_string(of));
  }
  const Log log = take_log();
  EXPECT_EQ(log[log.size() - 2], "discarded 1");
  EXPECT_EQ(log.back(), "stored 257");
}

// ---- Expiration ----

struct ExpirationCase {
  const char* name;
  std::optional<std::int64_t> seconds_from_now;  // nullopt: absent
  std::optional<std::int64_t> absolute;          // instead
  const char* told;                              // of an offline phone
  std::chrono::seconds kept;                     // how long it is kept, if it is
};

// Rules delivery/expiration-zero-is-not-stored and delivery/expired-is-never-delivered.
const ExpirationCase kExpirations[] = {
    {"Absent", std::nullopt, std::nullopt, "stored 1", days(30)},
    {"InAMinute", 60, std::nullopt, "stored 1", 60s},
    {"InASecond", 1, std::nullopt, "stored 1", 1s},
    {"Now", 0, std::nullopt, "expired 1", 0s},
    {"ASecondAgo", -1, std::nullopt, "expired 1", 0s},
    {"TheFirstSecondOfAll", std::nullopt, 1, "expired 1", 0s},
    {"Zero", std::nullopt, 0, "discarded 1", 0s},
    {"Negative", std::nullopt, -1, "discarded 1", 0s},
    {"In40Days", 40 * 86'400, std::nullopt, "stored 1", days(30)},
    {"AtTheEndOfTime", std::nullopt, std::numeric_limits<std::int64_t>::max(), "stored 1",
     days(30)},
};

class Expiration : public test::PhoneFixture, public testing::WithParamInterface<ExpirationCase> {
 protected:
  Push make() {
    const ExpirationCase& row = GetParam();
    Push push = alert(1);
    push.expiration = row.absolute;
    return row.seconds_from_now ? expiring(std::move(push), *row.seconds_from_now) : push;
  }
};

TEST_P(Expiration, OfAPhoneThatIsOnlineDoesNotCount) {
  send(make());
  EXPECT_EQ(take_log(), Log{"delivered 1 lock-screen"});
}

TEST_P(Expiration, DecidesWhetherItIsStored) {
  set_online(false);
  send(make());
  EXPECT_EQ(take_log(), Log{GetParam().told});
  EXPECT_EQ(phone.deadline(), GetParam().kept > 0s ? now + GetParam().kept : WorldTime::max());
}

TEST_P(Expiration, EndsWhatIsStored) {
  set_online(false);
  send(make());
  if (GetParam().kept == 0s) {
    set_online(true);
    EXPECT_EQ(take_log(), Log{GetParam().told});
    return;
  }
  Phone other = phone;
  now += GetParam().kept - 1us;
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "delivered 1 lock-screen"}));
  now += 1us;
  other.set_online(true, now, sink);
  EXPECT_EQ(take_log(), Log{"expired 1"}) << "without on_time before";
  EXPECT_EQ(other.deadline(), WorldTime::max());
}

INSTANTIATE_TEST_SUITE_P(StoreAndForward, Expiration, testing::ValuesIn(kExpirations),
                         [](const auto& row) { return row.param.name; });

TEST_F(StoreAndForward, NowOrNeverLeavesTheStoredOneAlone) {
  set_online(false);
  send(alert(1));
  Push push = alert(2);
  push.expiration = 0;
  send(push);
  EXPECT_EQ(last_why(), "the phone is offline, and expiration 0 is not stored");
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "discarded 2", "delivered 1 lock-screen"}));
}

TEST_F(StoreAndForward, TheDeadlineIsTheEarliestOfAll) {
  add_app(kOtherApp);
  set_online(false);
  send(expiring(alert(1), 120));
  send(expiring(alert(2), 60), kOtherApp);
  EXPECT_EQ(phone.deadline(), now + 60s);
  advance(60s);
  EXPECT_EQ(take_log(), (Log{"stored 1", "stored 2", "expired 2"}));
  EXPECT_EQ(phone.deadline(), now + 60s);
}

// ---- Power ----

TEST_F(StoreAndForward, InLowPowerModePriority5WaitsForPower) {
  set_low_power(true);
  send(patient(1));
  EXPECT_EQ(last_why(), "the phone is in low power mode, and the priority is not 10");
  send(patient(2));
  set_online(false);
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "replaced 1", "stored 2"})) << "still without power";
  set_low_power(false);
  EXPECT_EQ(take_log(), Log{"delivered 2 lock-screen"});
}

TEST_F(StoreAndForward, InLowPowerModePriority10BringsAlongWhatWaits) {
  add_app(kOtherApp);
  set_low_power(true);
  send(patient(1));
  send(patient(2), kOtherApp);
  send(alert(3));
  EXPECT_EQ(take_log(), (Log{"stored 1", "stored 2", "delivered 1 lock-screen",
                             "delivered 2 lock-screen", "delivered 3 lock-screen"}));
}

TEST_F(StoreAndForward, AStoredOneOfPriority10BringsAlongTheOthersToo) {
  add_app(kOtherApp);
  set_low_power(true);
  send(patient(1));
  set_online(false);
  send(alert(2), kOtherApp);
  take_log();
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"delivered 1 lock-screen", "delivered 2 lock-screen"}));
}

TEST_F(StoreAndForward, LowPowerModeChangesNothingForPriority10) {
  set_low_power(true);
  send(alert(1));
  EXPECT_EQ(take_log(), Log{"delivered 1 lock-screen"});
}

TEST_F(StoreAndForward, WhatMayNotBeStoredDoesNotWaitForPower) {
  set_low_power(true);
  Push push = patient(1);
  push.expiration = 0;
  send(push);
  send(expiring(patient(2), -5));
  EXPECT_EQ(take_log(), (Log{"discarded 1", "expired 2"}));
}

TEST_F(StoreAndForward, WhatWaitsForPowerExpires) {
  set_low_power(true);
  send(expiring(patient(1), 60));
  advance(61s);
  set_low_power(false);
  EXPECT_EQ(take_log(), (Log{"stored 1", "expired 1"}));
}

TEST_F(StoreAndForward, AMissingAppIsFoundWhenPowerReturns) {
  set_low_power(true);
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  EXPECT_EQ(send(patient(1)), PushResult::Taken);
  set_low_power(false);
  EXPECT_EQ(take_log(), (Log{"stored 1", "discarded 1", "gone 1"}));
}

TEST_F(StoreAndForward, WithPowerPriority5ComesAtOnce) {
  send(patient(1));
  EXPECT_EQ(take_log(), Log{"delivered 1 lock-screen"});
}

// ---- Background pushes ----

TEST_F(StoreAndForward, Priority10IsNotForABackgroundPush) {
  Push push = background(1);
  push.priority = 10;
  send(push);
  EXPECT_EQ(last_why(), "priority 10 is not for a payload with only content-available");
  push.priority = 5;
  send(push);
  push.priority.reset();
  send(push);
  EXPECT_EQ(take_log(), (Log{"discarded 1", "delivered 1 background", "delivered 1 background"}));
}

TEST_F(StoreAndForward, ThreeAnHourWakeAnApp) {
  for (const std::uint64_t of : {1U, 2U, 3U}) {
    send(background(of));
    advance(10min);
  }
  take_log();
  send(background(4));
  EXPECT_EQ(last_why(), "3 background pushes woke the app within the hour");
  send(background(5));
  EXPECT_EQ(take_log(), (Log{"stored 4", "replaced 4", "stored 5"}));
  EXPECT_EQ(phone.deadline(), now + 30min) << "an hour after the first";
  advance(30min - 1us);
  EXPECT_EQ(take_log(), Log{});
  advance(1us);
  EXPECT_EQ(take_log(), Log{"delivered 5 background"});
  send(background(6));
  EXPECT_EQ(take_log(), Log{"stored 6"}) << "the second was 50 minutes ago";
}

TEST_F(StoreAndForward, TheBudgetIsOfEachApp) {
  add_app(kOtherApp);
  for (const std::uint64_t of : {1U, 2U, 3U}) {
    send(background(of));
  }
  take_log();
  send(background(4), kOtherApp);
  EXPECT_EQ(take_log(), Log{"delivered 4 background"});
}

TEST_F(StoreAndForward, TheBudgetStartsAfreshAtMidnight) {
  advance(11h + 50min);
  for (const std::uint64_t of : {1U, 2U, 3U, 4U}) {
    send(background(of));
  }
  take_log();
  EXPECT_EQ(phone.deadline(), now + 10min);
  advance(10min);
  EXPECT_EQ(take_log(), Log{"delivered 4 background"});
}

TEST_F(StoreAndForward, AClockThatIsSetBackDoesNotBlockTheBudget) {
  for (const std::uint64_t of : {1U, 2U, 3U}) {
    send(background(of));
  }
  send(background(4));
  take_log();
  now -= days(300);
  advance(1us);
  EXPECT_EQ(take_log(), Log{"delivered 4 background"});
}

TEST_F(StoreAndForward, WithoutABudgetEveryOneWakes) {
  restart(PhoneOptions{.background_per_hour = 0});
  for (std::uint64_t of = 1; of <= 20; ++of) {
    send(background(of));
  }
  EXPECT_EQ(take_log().size(), 20U);
  EXPECT_EQ(sink.deliveries.back().outcome, DeliveryOutcome::Delivered);
  EXPECT_TRUE(phone.find(kApp)->wakes.empty());
}

TEST_F(StoreAndForward, AlertsAndTheForegroundCostNoBudget) {
  for (std::uint64_t of = 1; of <= 5; ++of) {
    send(make_push(of, R"({"aps":{"alert":"a","content-available":1}})"));
  }
  set_state(AppState::Foreground);
  for (std::uint64_t of = 6; of <= 10; ++of) {
    send(background(of));
  }
  set_state(AppState::Background);
  take_log();
  send(background(11));
  EXPECT_EQ(take_log(), Log{"delivered 11 background"});
}

TEST_F(StoreAndForward, LaunchingTheAppDeliversWhatIsHeld) {
  set_low_power(true);
  send(background(1));
  EXPECT_EQ(last_why(), "the phone is in low power mode");
  EXPECT_TRUE(phone.launch(kApp, now, sink));
  EXPECT_EQ(take_log(), (Log{"stored 1", "delivered 1 app"}));
}

TEST_F(StoreAndForward, WhatIsHeldForPowerComesWithPower) {
  set_low_power(true);
  send(background(1));
  send(alert(2));
  EXPECT_EQ(take_log(), (Log{"stored 1", "delivered 2 lock-screen"}))
      << "an alert makes no background push run";
  set_online(false);
  set_low_power(false);
  EXPECT_EQ(take_log(), Log{"delivered 1 background"}) << "it was on the phone already";
}

// Rule delivery/force-quit-discards-background.
TEST_F(StoreAndForward, ForceQuitDiscardsWhatIsHeldAndWhatComes) {
  set_low_power(true);
  send(background(1));
  set_state(AppState::ForceQuit);
  EXPECT_EQ(take_log(), (Log{"stored 1", "discarded 1"}));
  EXPECT_EQ(last_why(), "the app was force-quit");
  send(background(2));
  EXPECT_EQ(take_log(), Log{"discarded 2"});
  EXPECT_EQ(last_why(),
            "not woken: com.example.app was force-quit, and is not woken until it is launched");
  send(alert(3));
  EXPECT_EQ(take_log(), Log{"delivered 3 lock-screen"});
}

TEST_F(StoreAndForward, UninstallingDiscardsWhatIsHeld) {
  set_low_power(true);
  send(background(1));
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  EXPECT_EQ(take_log(), (Log{"stored 1", "discarded 1"}));
  EXPECT_EQ(phone.deadline(), WorldTime::max());
}

TEST_F(StoreAndForward, WhatIsHeldExpires) {
  set_low_power(true);
  send(expiring(background(1), 60));
  advance(60s);
  EXPECT_EQ(take_log(), (Log{"stored 1", "expired 1"}));
  Push push = background(2);
  push.expiration = 0;
  send(push);
  EXPECT_EQ(take_log(), Log{"discarded 2"});
}

TEST_F(StoreAndForward, ASettingThatChangedMeanwhileDiscardsWhatIsHeld) {
  set_low_power(true);
  send(background(1));
  phone.set_settings(kApp, AppSettings{.background_refresh = false});
  set_low_power(false);
  EXPECT_EQ(take_log(), (Log{"stored 1", "discarded 1"}));
  EXPECT_EQ(last_why(), "not woken: background app refresh is off for com.example.app");
}

TEST_F(StoreAndForward, AStoredBackgroundPushMayBeHeldByThePhone) {
  set_low_power(true);
  set_online(false);
  send(background(1));
  set_online(true);
  set_low_power(false);
  EXPECT_EQ(take_log(), (Log{"stored 1", "stored 1", "delivered 1 background"}));
}

}  // namespace
}  // namespace apns::mock
