// What a phone does with pushes to device tokens other than alert's: when, how often, and for how
// long they are kept.
#include <chrono>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "mock_apns/world/phone.h"
#include "tests/mock_apns/world/phone_fixture.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::kApp;
using test::kOtherApp;

constexpr const char* kChanged = R"({"aps":{"content-changed":true}})";

class PhoneFamilies : public test::PhoneFixture {
 protected:
  PhoneFamilies() { register_all(kApp); }

  void register_all(std::string_view bundle_id) {
    for (const PushFamilyRow& row : push_families()) {
      EXPECT_TRUE(phone.register_for(bundle_id, row.family, now, sink).has_value());
    }
  }

  Push of_family(PushFamily family, std::uint64_t of, std::string_view json = "{}") {
    Push push = make_push(of, json);
    push.family = family;
    return push;
  }

  Push voip(std::uint64_t of) { return of_family(PushFamily::Voip, of); }

  Push widgets(std::uint64_t of) { return of_family(PushFamily::Widgets, of, kChanged); }

  /// Of a Live Activity that is called "x"; events in the order of `of`.
  Push activity(std::uint64_t of, std::string_view event) {
    Push push = of_family(PushFamily::LiveActivity, of,
                          fmt::format(R"({{"aps":{{"event":"{}","timestamp":{},"content-state":{{}},
                              "attributes-type":"T","attributes":{{}},"alert":"a"}}}})",
                                      event, of));
    if (event != "start") {
      push.activity = "x";
    }
    return push;
  }
};

// ---- Who is registered for what ----

TEST_F(PhoneFamilies, AFamilyThatIsNotRegisteredGetsNothing) {
  add_app(kOtherApp);
  send(voip(1), kOtherApp);
  EXPECT_EQ(last_why(), "com.example.other is not registered for voip pushes");
  ASSERT_TRUE(phone.register_for(kOtherApp, PushFamily::Voip, now, sink).has_value());
  send(voip(2), kOtherApp);
  ASSERT_TRUE(phone.unregister_from(kOtherApp, PushFamily::Voip));
  EXPECT_FALSE(phone.unregister_from(kOtherApp, PushFamily::Voip));
  send(voip(3), kOtherApp);
  EXPECT_EQ(take_log(), (Log{"discarded 1", "delivered 2 call-screen", "discarded 3"}));
}

// Rule delivery/push-type-of-the-family.
TEST_F(PhoneFamilies, APushTypeOfAnotherFamilyIsDropped) {
  Push push = voip(1);
  push.push_type = PushType::Alert;
  send(push);
  EXPECT_EQ(last_why(), "push type alert is not for a device token of voip");
  push.push_type = PushType::Voip;
  send(push);
  Push silent = background(2);
  silent.push_type = PushType::Background;
  send(silent);
  Push call = alert(3);
  call.push_type = PushType::Voip;
  send(call);
  EXPECT_EQ(take_log(), (Log{"discarded 1", "delivered 1 call-screen", "delivered 2 background",
                             "discarded 3"}));
}

TEST_F(PhoneFamilies, AnUpdateWithoutTheEntitlementEndsThemAll) {
  phone.install(kApp, ProvisioningProfile{"none", std::string(kApp), ApsEnvironment::None});
  send(voip(1));
  send(alert(2));
  EXPECT_EQ(take_log(), (Log{"discarded 1", "discarded 2"}));
}

TEST_F(PhoneFamilies, TheLastAppMayBeRegisteredForAnyFamily) {
  restart(PhoneOptions{.disconnects_with_last_app = true});
  ASSERT_TRUE(phone.register_for(kApp, PushFamily::Voip, now, sink).has_value());
  ASSERT_TRUE(phone.unregister_from(kApp, PushFamily::Alert));
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  send(voip(1));
  EXPECT_EQ(last_why(), "the phone has no connection since its last push-enabled app went");
}

// ---- Calls ----

// Rule delivery/calls-in-every-state. "PushKit" says so of apps that are not running, whatever
// ended them.
TEST_F(PhoneFamilies, ACallComesThroughInEveryStateAndWithEverySetting) {
  phone.set_settings(kApp, AppSettings{false, false, false, false});
  set_low_power(true);
  for (const AppState state :
       {AppState::Foreground, AppState::Background, AppState::NotRunning, AppState::ForceQuit}) {
    set_state(state);
    send(voip(1));
  }
  EXPECT_EQ(take_log(), Log(4, "delivered 1 call-screen"));
}

TEST_F(PhoneFamilies, ACallIsNotStoredLongerThanItSays) {
  set_online(false);
  Push now_or_never = voip(1);
  now_or_never.expiration = 0;
  send(now_or_never);
  send(expiring(voip(2), 5));
  advance(6s);
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"discarded 1", "stored 2", "expired 2"}));
}

TEST_F(PhoneFamilies, ACallCostsNoBackgroundBudget) {
  for (std::uint64_t of = 1; of <= 9; ++of) {
    send(of_family(PushFamily::Voip, of, R"({"aps":{"content-available":1}})"));
  }
  take_log();
  send(background(10));
  EXPECT_EQ(take_log(), Log{"delivered 10 background"});
}

// ---- What is stored ----

TEST_F(PhoneFamilies, EachFamilyAndEachLiveActivityHasAStoredOne) {
  ASSERT_TRUE(phone.start_activity(kApp, "x", now, sink));
  ASSERT_TRUE(phone.start_activity(kApp, "y", now, sink));
  set_online(false);
  send(alert(1));
  send(voip(2));
  send(activity(3, "update"));
  Push other = activity(4, "update");
  other.activity = "y";
  send(other);
  send(voip(5));
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "stored 2", "stored 3", "stored 4", "replaced 2",
                             "stored 5", "delivered 1 lock-screen", "delivered 3 lock-screen",
                             "delivered 4 lock-screen", "delivered 5 call-screen"}));
}

TEST_F(PhoneFamilies, TheNewestOfACollapseIdIsKept) {
  set_online(false);
  Push push = alert(1);
  push.collapse_id = "score";
  send(push);
  push = alert(2);
  push.collapse_id = "score";
  send(push);
  EXPECT_EQ(sink.deliveries[1].why[0], "a newer one (seq 2) took its place: the same collapse id");
  push = alert(3);
  push.collapse_id = "other";
  send(push);
  EXPECT_EQ(sink.deliveries[3].why[0],
            "a newer one (seq 3) took its place: one is kept per app and phone");
}

TEST_F(PhoneFamilies, InLowPowerModePriority5Waits) {
  set_low_power(true);
  Push push = voip(1);
  push.priority = 5;
  send(push);
  set_low_power(false);
  EXPECT_EQ(take_log(), (Log{"stored 1", "delivered 1 call-screen"}));
}

TEST_F(PhoneFamilies, Priority10WithOnlyContentAvailableIsRightForAComplication) {
  Push push = of_family(PushFamily::Complication, 1, R"({"aps":{"content-available":1}})");
  push.priority = 10;
  send(push);
  EXPECT_EQ(take_log(), Log{"delivered 1 background"});
}

// ---- Budgets ----

// Rule delivery/complication-budget.
TEST_F(PhoneFamilies, FiftyComplicationPushesADayAreDelivered) {
  for (std::uint64_t of = 1; of <= 50; ++of) {
    send(of_family(PushFamily::Complication, of));
  }
  EXPECT_EQ(take_log().back(), "delivered 50 background");
  send(of_family(PushFamily::Complication, 51));
  EXPECT_EQ(last_why(),
            "50 complication pushes came since midnight UTC, and no more are delivered");
  advance(12h);
  send(of_family(PushFamily::Complication, 52));
  EXPECT_EQ(take_log(), (Log{"discarded 51", "delivered 52 background"}));
}

// Rule delivery/reload-budget.
TEST_F(PhoneFamilies, ReloadsBeyondTheBudgetWaitForTheNextDay) {
  restart(PhoneOptions{.reloads_per_day = 2});
  register_all(kApp);
  for (std::uint64_t of = 1; of <= 4; ++of) {
    send(widgets(of));
  }
  EXPECT_EQ(last_why(), "its widgets were reloaded 2 times since midnight UTC");
  EXPECT_EQ(take_log(), (Log{"delivered 1 background", "delivered 2 background", "stored 3",
                             "replaced 3", "stored 4"}));
  send(of_family(PushFamily::Controls, 5, kChanged));
  EXPECT_EQ(take_log(), Log{"delivered 5 background"}) << "controls have one of their own";
  EXPECT_EQ(phone.deadline(), now + 12h);
  advance(12h);
  EXPECT_EQ(take_log(), Log{"delivered 4 background"});
}

TEST_F(PhoneFamilies, LaunchingTheAppReloadsWhatIsHeldForNothing) {
  restart(PhoneOptions{.reloads_per_day = 1});
  register_all(kApp);
  send(widgets(1));
  send(widgets(2));
  set_state(AppState::Foreground);
  send(widgets(3));
  EXPECT_EQ(take_log(), (Log{"delivered 1 background", "stored 2", "delivered 2 background",
                             "delivered 3 background"}));
}

TEST_F(PhoneFamilies, ForceQuitKeepsReloadsThatAreHeld) {
  set_low_power(true);
  send(widgets(1));
  send(background(2));
  set_state(AppState::ForceQuit);
  set_low_power(false);
  EXPECT_EQ(take_log(), (Log{"stored 1", "stored 2", "discarded 2", "delivered 1 background"}));
}

TEST_F(PhoneFamilies, UninstallingDiscardsAllThatIsHeld) {
  set_low_power(true);
  send(widgets(1));
  send(of_family(PushFamily::Controls, 2, kChanged));
  send(background(3));
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  EXPECT_EQ(take_log(),
            (Log{"stored 1", "stored 2", "stored 3", "discarded 1", "discarded 2", "discarded 3"}));
}

TEST_F(PhoneFamilies, LiveActivityPushesOfPriority10HaveABudgetOnRequest) {
  restart(PhoneOptions{.activity_pushes_per_hour = 2});
  register_all(kApp);
  ASSERT_TRUE(phone.start_activity(kApp, "x", now, sink));
  for (std::uint64_t of = 1; of <= 3; ++of) {
    send(activity(of, "update"));
  }
  EXPECT_EQ(last_why(),
            "2 Live Activity pushes of priority 10 came within the hour; priority 5 costs nothing");
  Push patient_one = activity(4, "update");
  patient_one.priority = 5;
  send(patient_one);
  advance(1h);
  send(activity(5, "update"));
  EXPECT_EQ(take_log(), (Log{"delivered 1 lock-screen", "delivered 2 lock-screen", "discarded 3",
                             "delivered 4 lock-screen", "delivered 5 lock-screen"}));
}

// ---- Push to Talk ----

// Rule delivery/talk-needs-a-channel.
TEST_F(PhoneFamilies, TalkNeedsAChannel) {
  send(of_family(PushFamily::PushToTalk, 1));
  EXPECT_EQ(last_why(), "no Push to Talk channel is joined");
  EXPECT_EQ(phone.app_in_channel(), "");
  ASSERT_TRUE(phone.join_channel(kApp, "kitchen"));
  EXPECT_EQ(phone.app_in_channel(), kApp);
  send(of_family(PushFamily::PushToTalk, 2));
  EXPECT_EQ(last_why(),
            "the Push to Talk framework hands it to com.example.app, which says who speaks in "
            "kitchen");
  ASSERT_TRUE(phone.unregister_from(kApp, PushFamily::PushToTalk));
  EXPECT_EQ(phone.app_in_channel(), "");
  send(of_family(PushFamily::PushToTalk, 3));
  EXPECT_EQ(take_log(), (Log{"discarded 1", "delivered 2 background", "discarded 3"}));
  EXPECT_FALSE(phone.join_channel("com.example.none", "kitchen"));
}

// ---- Live Activities ----

TEST_F(PhoneFamilies, APushStartsUpdatesAndEndsALiveActivity) {
  send(activity(1, "start"));
  EXPECT_EQ(take_log(), (Log{"started activity-1", "delivered 1 lock-screen"}));
  Push update = activity(2, "update");
  update.activity = "activity-1";
  send(update);
  ASSERT_EQ(phone.screen().apps[0].activities.size(), 1U);
  EXPECT_EQ(phone.screen().apps[0].activities[0].timestamp, 2);
  EXPECT_TRUE(phone.screen().apps[0].notices.empty());
  Push end = activity(3, "end");
  end.activity = "activity-1";
  send(end);
  EXPECT_EQ(take_log(),
            (Log{"delivered 2 lock-screen", "ended activity-1", "delivered 3 lock-screen"}));
  advance(4h);
  EXPECT_TRUE(phone.screen().apps[0].activities.empty());
}

TEST_F(PhoneFamilies, WithAnAppInFrontItIsInTheDynamicIsland) {
  add_app(kOtherApp);
  ASSERT_TRUE(phone.launch(kOtherApp, now, sink));
  send(activity(1, "start"));
  EXPECT_EQ(take_log(), (Log{"started activity-1", "delivered 1 dynamic-island"}));
}

TEST_F(PhoneFamilies, TheSystemEndsLiveActivitiesInTime) {
  ASSERT_TRUE(phone.start_activity(kApp, "x", now, sink));
  EXPECT_EQ(phone.deadline(), now + 8h);
  advance(8h);
  EXPECT_EQ(take_log(), Log{"ended x"});
  send(activity(1, "update"));
  EXPECT_EQ(last_why(), "the Live Activity has ended");
}

TEST_F(PhoneFamilies, AStoredUpdateMayFindItsLiveActivityEnded) {
  ASSERT_TRUE(phone.start_activity(kApp, "x", now, sink));
  set_online(false);
  send(activity(1, "update"));
  ASSERT_TRUE(phone.end_activity(kApp, "x", now, sink));
  set_online(true);
  EXPECT_EQ(take_log(), (Log{"stored 1", "discarded 1"}));
}

TEST_F(PhoneFamilies, LiveActivitiesGoWithTheirApp) {
  ASSERT_TRUE(phone.start_activity(kApp, "x", now, sink));
  ASSERT_TRUE(phone.uninstall(kApp, now, sink));
  EXPECT_EQ(phone.deadline(), WorldTime::max());
  EXPECT_FALSE(phone.start_activity(kApp, "x", now, sink));
}

TEST_F(PhoneFamilies, TheScreenHasTheMostRelevantFirst) {
  for (const char* id : {"x", "y", "z"}) {
    ASSERT_TRUE(phone.start_activity(kApp, id, now, sink));
  }
  Push push = of_family(PushFamily::LiveActivity, 1,
                        R"({"aps":{"event":"update","timestamp":1,"content-state":{},
                            "relevance-score":100}})");
  push.activity = "y";
  send(push);
  const Screen screen = phone.screen();
  std::string order;
  for (const LiveActivity& shown : screen.apps[0].activities) {
    order += shown.id;
  }
  EXPECT_EQ(order, "yxz");
}

}  // namespace
}  // namespace apns::mock
