#include "mock_apns/world/presentation.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mock_apns/world/payload.h"

// The matrices of kinds of push, states and settings are in docs/delivery.md, which
// delivery_document_test.cpp compares with present(). Here is what the tables do not have.
namespace apns::mock {
namespace {

using Fate = Presentation::Fate;
using Texts = std::vector<std::string>;

constexpr const char* kAlert = R"({"aps":{"alert":{"title":"T","subtitle":"S","body":"B"}}})";
constexpr const char* kBackground = R"({"aps":{"content-available":1}})";

Payload read(std::string_view json) {
  PayloadReader reader;
  return reader.read(json);
}

AppView app_in(AppState state) {
  return AppView{"com.example.app", state, AppSettings{}, false};
}

struct NothingCase {
  const char* name;
  const char* json;
  const char* why;
};

const NothingCase kNothing[] = {
    {"NotJson", "Hello", "nothing shown: the payload is not JSON"},
    {"Unreadable", R"({"aps":{"alert":"\ud83d"}})",
     "nothing shown: the payload has a lone surrogate"},
    {"NotAnObject", "[]", "nothing shown: the payload is JSON, but no object"},
    {"ApsTooDeep", R"({"payload":{"aps":{"alert":"Hello"}}})",
     "nothing shown: the payload has no aps dictionary at its top level"},
    {"ApsIsAText", R"({"aps":"Hello"})",
     "nothing shown: the payload has no aps dictionary at its top level"},
    {"Management", R"({"mdm":"PUSH-MAGIC"})",
     "nothing shown: a payload with mdm is for the device management client"},
    {"Pass", "{}", "nothing shown: an empty payload makes Wallet fetch a pass again"},
    {"EmptyAps", R"({"aps":{},"a":1})",
     "nothing shown: aps has none of alert, badge, sound and content-available"},
    {"OnlyMutable", R"({"aps":{"mutable-content":1}})",
     "nothing shown: aps has none of alert, badge, sound and content-available"},
    {"EmptyAlert", R"({"aps":{"alert":{}}})",
     "nothing shown: the alert has no text, and there is no badge or sound"},
    {"NestedApsInAps", R"({"aps":{"aps":{"alert":"Hello"}}})",
     "nothing shown: aps has none of alert, badge, sound and content-available"},
};

class PresentationOf : public testing::TestWithParam<NothingCase> {};

TEST_P(PresentationOf, IsNothing) {
  const Presentation result = present(read(GetParam().json), app_in(AppState::Background));
  EXPECT_EQ(result.fate, Fate::Delivered);
  EXPECT_EQ(result.shown.place, "nothing");
  EXPECT_EQ(result.why, Texts{GetParam().why});
  EXPECT_FALSE(result.woke_app);
}

INSTANTIATE_TEST_SUITE_P(Presentation, PresentationOf, testing::ValuesIn(kNothing),
                         [](const auto& row) { return row.param.name; });

TEST(Presentation, ShowsAllTextsOfAnAlert) {
  const Presentation result = present(read(kAlert), app_in(AppState::NotRunning));
  EXPECT_EQ(result.shown, (Shown{"lock-screen", "T", "S", "B", std::nullopt, ""}));
  EXPECT_EQ(result.why, Texts{});
}

TEST(Presentation, BadgeZeroIsShownAsRemoved) {
  EXPECT_EQ(present(read(R"({"aps":{"badge":0}})"), app_in(AppState::Background)).shown,
            (Shown{"lock-screen", "", "", "", 0, ""}));
}

TEST(Presentation, PassiveMakesNoSound) {
  const Presentation result =
      present(read(R"({"aps":{"alert":"B","sound":"bell","interruption-level":"passive"}})"),
              app_in(AppState::Background));
  EXPECT_EQ(result.shown, (Shown{"lock-screen", "", "", "B", std::nullopt, ""}));
  EXPECT_EQ(result.why, Texts{"no sound: its interruption-level is passive"});
}

TEST(Presentation, PassiveSoundAloneIsNothingButNotRefused) {
  const Presentation result =
      present(read(R"({"aps":{"sound":"bell","interruption-level":"passive"}})"),
              app_in(AppState::Background));
  EXPECT_EQ(result.fate, Fate::Delivered);
  EXPECT_EQ(result.shown.place, "nothing");
}

TEST(Presentation, AServiceExtensionRunsOnlyForAnAlertThatIsShown) {
  const Payload payload = read(R"({"aps":{"alert":"B","badge":1,"mutable-content":1}})");
  AppView app = app_in(AppState::ForceQuit);
  EXPECT_EQ(present(payload, app).why,
            Texts{"mutable-content: a service extension of the app may change it first"});
  app.settings.alerts = false;
  EXPECT_EQ(present(payload, app).why, Texts{"no alert: alerts are off for com.example.app"});
}

TEST(Presentation, TheForegroundAppIsHandedEverythingWhateverTheSettings) {
  AppView app = app_in(AppState::Foreground);
  app.settings = AppSettings{.alerts = true, .badges = false, .sounds = false};
  const Presentation result =
      present(read(R"({"aps":{"alert":"B","badge":1,"sound":"bell"}})"), app);
  EXPECT_EQ(result.shown, (Shown{"app", "", "", "B", 1, "bell"}));
  EXPECT_EQ(result.why, Texts{"the app is in the foreground: it decides what is seen"});
}

TEST(Presentation, WithEverythingOffTheForegroundAppGetsNoAlert) {
  AppView app = app_in(AppState::Foreground);
  app.settings = AppSettings{.alerts = false, .badges = false, .sounds = false};
  const Presentation refused = present(read(kAlert), app);
  EXPECT_EQ(refused.fate, Fate::Discarded);
  EXPECT_EQ(refused.shown, (Shown{"nothing", "", "", "", std::nullopt, ""}));
  EXPECT_EQ(refused.why,
            Texts{"no alert, badge or sound: notifications are off for com.example.app"});
  const Presentation both = present(read(R"({"aps":{"alert":"B","content-available":1}})"), app);
  EXPECT_EQ(both.fate, Fate::Delivered);
  EXPECT_EQ(both.shown, (Shown{"app", "", "", "", std::nullopt, ""}));
}

TEST(Presentation, LowPowerDefersABackgroundPush) {
  AppView app = app_in(AppState::Background);
  app.low_power = true;
  const Presentation result = present(read(kBackground), app);
  EXPECT_EQ(result.fate, Fate::Deferred);
  EXPECT_EQ(result.why, Texts{"not woken: the phone is in low power mode"});
  EXPECT_FALSE(result.woke_app);
  app.state = AppState::Foreground;
  EXPECT_EQ(present(read(kBackground), app).shown.place, "app");
}

TEST(Presentation, LowPowerSavesNothingThatWouldBeDiscardedLater) {
  AppView app = app_in(AppState::ForceQuit);
  app.low_power = true;
  EXPECT_EQ(present(read(kBackground), app).fate, Fate::Discarded);
  app.state = AppState::Background;
  app.settings.background_refresh = false;
  EXPECT_EQ(present(read(kBackground), app).fate, Fate::Discarded);
}

TEST(Presentation, AnAlertThatAlsoWakesIsShownEvenIfNobodyWakes) {
  const Payload payload = read(R"({"aps":{"alert":"B","content-available":1}})");
  AppView app = app_in(AppState::Background);
  EXPECT_TRUE(present(payload, app).woke_app);
  app.low_power = true;
  const Presentation result = present(payload, app);
  EXPECT_EQ(result.fate, Fate::Delivered);
  EXPECT_EQ(result.shown.place, "lock-screen");
  EXPECT_EQ(result.why, Texts{"not woken: the phone is in low power mode"});
}

TEST(Presentation, AnAlertThatIsRefusedStillWakes) {
  AppView app = app_in(AppState::NotRunning);
  app.settings.alerts = false;
  const Presentation result = present(read(R"({"aps":{"alert":"B","content-available":1}})"), app);
  EXPECT_EQ(result.fate, Fate::Delivered);
  EXPECT_EQ(result.shown.place, "background");
  EXPECT_EQ(result.why, (Texts{"no alert: alerts are off for com.example.app",
                               "com.example.app was launched in the background"}));
}

}  // namespace
}  // namespace apns::mock
