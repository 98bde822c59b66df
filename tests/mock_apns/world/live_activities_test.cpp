#include "mock_apns/world/live_activities.h"

#include <chrono>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kApp = "com.example.app";
constexpr WorldTime kStart = kManualStart;  // 2025-01-01T00:00:00Z
constexpr std::int64_t kStartSeconds = 1'735'689'600;

/// One line: "lock-screen order-17 {...} T|B|sound", behind it what is told besides.
std::string summary(const ActivityChange& change) {
  const Shown& shown = change.presentation.shown;
  std::string text = shown.place;
  for (const std::string& part :
       {shown.activity, shown.content_state, shown.title, shown.body, shown.sound}) {
    text += part.empty() ? "" : " " + part;
  }
  return text + (change.has_started ? " started" : "") + (change.has_ended ? " ended" : "");
}

class LiveActivitiesTest : public testing::Test {
 protected:
  static AppView app() {
    return AppView{.bundle_id = kApp, .state = AppState::Background, .settings = {}};
  }

  ActivityChange start(std::string_view aps, const AppView& view = app()) {
    return activities.start_by_push(reader.read(fmt::format(R"({{"aps":{{{}}}}})", aps)), view,
                                    now);
  }

  ActivityChange push(std::string_view id, std::string_view aps, const AppView& view = app()) {
    return activities.update_by_push(id, reader.read(fmt::format(R"({{"aps":{{{}}}}})", aps)), view,
                                     now);
  }

  /// The state of the only one; "none".
  std::string state() {
    return activities.all().empty() ? "none" : std::string(to_string(activities.all()[0].state));
  }

  WorldTime now = kStart;
  PayloadReader reader;
  LiveActivities activities;
};

constexpr std::string_view kWhole =
    R"("event":"start","timestamp":100,"content-state":{"goals":0},"attributes-type":"Match",
       "attributes":{},"alert":{"title":"T","body":"B"},"sound":"s")";

TEST_F(LiveActivitiesTest, APushStartsOneAndLightsTheScreenUp) {
  const ActivityChange change = start(kWhole);
  EXPECT_EQ(summary(change), R"(lock-screen activity-1 {"goals":0} T B s started)");
  EXPECT_THAT(change.presentation.why,
              ElementsAre("started: its updates go to a device token of its own"));
  ASSERT_EQ(activities.all().size(), 1U);
  const LiveActivity& activity = activities.all()[0];
  EXPECT_EQ(activity.attributes_type, "Match");
  EXPECT_EQ(activity.ends_at, kStart + 8h);
  EXPECT_EQ(state(), "active");
  EXPECT_EQ(start(kWhole).activity, "activity-2");
}

TEST_F(LiveActivitiesTest, OnAPhoneInUseItIsInTheDynamicIsland) {
  AppView view = app();
  view.phone_in_use = true;
  EXPECT_EQ(start(kWhole, view).presentation.shown.place, "dynamic-island");
}

TEST_F(LiveActivitiesTest, SettingsTakeItsAlertAwayAndNotItself) {
  AppView view = app();
  view.settings.alerts = view.settings.sounds = false;
  const ActivityChange change = start(kWhole, view);
  EXPECT_EQ(summary(change), R"(lock-screen activity-1 {"goals":0} started)");
  EXPECT_THAT(change.presentation.why,
              ElementsAre("no alert: alerts are off for com.example.app",
                          "no sound: sounds are off for com.example.app",
                          "started: its updates go to a device token of its own"));
}

TEST_F(LiveActivitiesTest, WhatStartsOneIsComplete) {
  const auto why = [this](std::string_view aps) {
    const ActivityChange change = start(aps);
    EXPECT_EQ(summary(change), "nothing");
    return change.presentation.why.at(0);
  };
  EXPECT_EQ(why(R"("alert":"a")"), "nothing shown: aps has no event");
  EXPECT_EQ(why(R"("event":"start")"), "nothing shown: a Live Activity's aps needs timestamp");
  EXPECT_EQ(why(R"("event":"start","timestamp":1)"),
            "nothing shown: event start needs content-state");
  EXPECT_EQ(why(R"("event":"update","timestamp":1,"content-state":{})"),
            "nothing shown: this device token takes event start only, and each Live Activity has "
            "another for its updates");
  EXPECT_EQ(why(R"("event":"start","timestamp":1,"content-state":{},"attributes":{})"),
            "nothing shown: event start needs attributes-type and attributes");
  EXPECT_EQ(
      why(R"("event":"start","timestamp":1,"content-state":{},"attributes":{},"attributes-type":"T")"),
      "nothing shown: event start needs an alert");
  EXPECT_THAT(activities.all(), IsEmpty());
}

TEST_F(LiveActivitiesTest, AnUpdateShowsItsContent) {
  ASSERT_TRUE(activities.start(kApp, "order-17", now));
  EXPECT_EQ(
      summary(push("order-17", R"("event":"update","timestamp":5,"content-state":{"a":[1]})")),
      R"(lock-screen order-17 {"a":[1]})");
  EXPECT_EQ(activities.find(kApp, "order-17")->content_state, R"({"a":[1]})");
}

// Rule delivery/newest-live-activity-content.
TEST_F(LiveActivitiesTest, WhatIsOlderThanWhatIsShownIsIgnored) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  const char* kNew = R"("event":"update","timestamp":5,"content-state":{"a":1})";
  EXPECT_EQ(summary(push("x", kNew)), R"(lock-screen x {"a":1})");
  const ActivityChange older =
      push("x", R"("event":"update","timestamp":4,"content-state":{"a":0})");
  EXPECT_EQ(summary(older), "nothing");
  EXPECT_EQ(older.presentation.fate, Presentation::Fate::Delivered);
  EXPECT_THAT(older.presentation.why,
              ElementsAre("nothing shown: its timestamp is older than that of what is shown"));
  EXPECT_EQ(summary(push("x", R"("event":"end","timestamp":4)")), "nothing");
  EXPECT_EQ(summary(push("x", kNew)), R"(lock-screen x {"a":1})") << "of the same second";
}

TEST_F(LiveActivitiesTest, UpdatesAreComplete) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  const auto why = [this](std::string_view aps) { return push("x", aps).presentation.why.at(0); };
  EXPECT_EQ(why(R"("event":"update","content-state":{})"),
            "nothing shown: a Live Activity's aps needs timestamp");
  EXPECT_EQ(why(R"("event":"update","timestamp":1)"),
            "nothing shown: event update needs content-state");
  EXPECT_EQ(why(R"("event":"start","timestamp":1,"content-state":{})"),
            "nothing shown: this device token takes the events update and end");
  EXPECT_EQ(state(), "active");
}

TEST_F(LiveActivitiesTest, ItIsStaleFromItsStaleDateOnUntilTheNextUpdate) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  const ActivityChange change = push(
      "x", fmt::format(R"("event":"update","timestamp":1,"content-state":{{}},"stale-date":{})",
                       kStartSeconds + 60));
  EXPECT_THAT(change.presentation.why,
              ElementsAre("stale from 2025-01-01T00:01:00Z, unless it is updated"));
  EXPECT_EQ(activities.deadline(), kStart + 60s);
  now += 60s - 1us;
  EXPECT_THAT(activities.on_time(now), IsEmpty());
  EXPECT_EQ(state(), "active");
  now += 1us;
  EXPECT_THAT(activities.on_time(now), IsEmpty());
  EXPECT_EQ(state(), "stale");
  EXPECT_EQ(activities.deadline(), kStart + 8h);
  (void)push("x", R"("event":"update","timestamp":2,"content-state":{})");
  EXPECT_EQ(state(), "active");
}

TEST_F(LiveActivitiesTest, WhatEndsStaysOnTheLockScreenForFourHours) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  now += 1h;
  const ActivityChange change = push("x", R"("event":"end","timestamp":1,"content-state":{"a":9})");
  EXPECT_EQ(summary(change), R"(lock-screen x {"a":9} ended)");
  EXPECT_THAT(change.presentation.why, ElementsAre("ended, and off the screen at "
                                                   "2025-01-01T05:00:00Z"));
  EXPECT_EQ(state(), "ended");
  EXPECT_EQ(activities.find(kApp, "x"), nullptr) << "it runs no more";
  EXPECT_EQ(activities.deadline(), kStart + 5h);
  EXPECT_THAT(activities.on_time(kStart + 5h), IsEmpty());
  EXPECT_EQ(state(), "none");
}

struct DismissalCase {
  const char* name;
  std::int64_t seconds_from_now;
  std::chrono::seconds stays;
};

class Dismissal : public LiveActivitiesTest, public testing::WithParamInterface<DismissalCase> {};

// Rule delivery/live-activity-leaves-the-screen.
TEST_P(Dismissal, DecidesHowLongItStays) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  const ActivityChange change =
      push("x", fmt::format(R"("event":"end","timestamp":1,"dismissal-date":{})",
                            kStartSeconds + GetParam().seconds_from_now));
  EXPECT_TRUE(change.has_ended);
  EXPECT_EQ(change.presentation.shown.place, GetParam().stays > 0s ? "lock-screen" : "nothing");
  EXPECT_EQ(activities.deadline(),
            GetParam().stays > 0s ? kStart + GetParam().stays : WorldTime::max());
}

INSTANTIATE_TEST_SUITE_P(LiveActivities, Dismissal,
                         testing::Values(DismissalCase{"Past", -1, 0s}, DismissalCase{"Now", 0, 0s},
                                         DismissalCase{"InASecond", 1, 1s},
                                         DismissalCase{"InFourHours", 14'400, 4h},
                                         DismissalCase{"InADay", 86'400, 4h}),
                         [](const auto& row) { return row.param.name; });

TEST_F(LiveActivitiesTest, AnEndWithoutContentKeepsWhatIsShown) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  (void)push("x", R"("event":"update","timestamp":1,"content-state":{"a":1})");
  EXPECT_EQ(summary(push("x", R"("event":"end","timestamp":2)")), R"(lock-screen x {"a":1} ended)");
}

TEST_F(LiveActivitiesTest, WhatComesAfterTheEndIsDiscarded) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  (void)push("x", R"("event":"end","timestamp":1)");
  const ActivityChange late = push("x", R"("event":"update","timestamp":2,"content-state":{})");
  EXPECT_EQ(late.presentation.fate, Presentation::Fate::Discarded);
  EXPECT_THAT(late.presentation.why, ElementsAre("the Live Activity has ended"));
}

TEST_F(LiveActivitiesTest, TheSystemEndsItAfterEightHours) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  EXPECT_THAT(activities.on_time(kStart + 8h - 1us), IsEmpty());
  const auto ended = activities.on_time(kStart + 8h);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].id, "x");
  EXPECT_EQ(state(), "ended");
  EXPECT_EQ(activities.deadline(), kStart + 12h);
}

TEST_F(LiveActivitiesTest, AClockThatJumpsLeavesNothingBehind) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  EXPECT_EQ(activities.on_time(kStart + std::chrono::days(2)).size(), 1U);
  EXPECT_EQ(state(), "none");
  EXPECT_EQ(activities.deadline(), WorldTime::max());
}

TEST_F(LiveActivitiesTest, FiveOfAnAppRun) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(start(kWhole).has_started);
  }
  EXPECT_FALSE(activities.start(kApp, "more", now));
  EXPECT_TRUE(activities.start(kApp, "activity-3", now)) << "it runs already";
  const ActivityChange change = start(kWhole);
  EXPECT_EQ(summary(change), "nothing");
  EXPECT_THAT(change.presentation.why,
              ElementsAre("nothing shown: com.example.app has 5 Live Activities already"));
  EXPECT_TRUE(activities.start("com.example.other", "more", now));
  EXPECT_TRUE(activities.end(kApp, "activity-3"));
  EXPECT_TRUE(start(kWhole).has_started);
}

TEST_F(LiveActivitiesTest, OfThoseThatHaveEndedTheOldestGiveWay) {
  for (int i = 1; i <= 7; ++i) {
    const std::string id = start(kWhole).activity;
    now += 1s;
    EXPECT_TRUE(push(id, R"("event":"end","timestamp":100)").has_ended);
  }
  ASSERT_EQ(activities.all().size(), 5U);
  EXPECT_EQ(activities.all()[0].id, "activity-3");
  EXPECT_EQ(activities.all()[4].id, "activity-7");
}

TEST_F(LiveActivitiesTest, AnIdIsNotGivenTwice) {
  ASSERT_TRUE(activities.start(kApp, "activity-1", now));
  EXPECT_EQ(start(kWhole).activity, "activity-2");
}

TEST_F(LiveActivitiesTest, WhatItsOwnerEndsIsOffTheScreen) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  EXPECT_FALSE(activities.end(kApp, "y"));
  EXPECT_FALSE(activities.end("com.example.other", "x"));
  EXPECT_TRUE(activities.end(kApp, "x"));
  EXPECT_EQ(state(), "none");
  EXPECT_FALSE(activities.end(kApp, "x"));
}

TEST_F(LiveActivitiesTest, TheyGoWithTheirApp) {
  ASSERT_TRUE(activities.start(kApp, "x", now));
  ASSERT_TRUE(activities.start("com.example.other", "x", now));
  activities.remove_app(kApp);
  ASSERT_EQ(activities.all().size(), 1U);
  EXPECT_EQ(activities.all()[0].bundle_id, "com.example.other");
}

}  // namespace
}  // namespace apns::mock
