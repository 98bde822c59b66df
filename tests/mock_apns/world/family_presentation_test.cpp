#include "mock_apns/world/family_presentation.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using Fate = Presentation::Fate;

struct Case {
  const char* name;
  PushFamily family;
  const char* payload;
  AppState state;
  const char* place;
  const char* why;
};

class Families : public testing::TestWithParam<Case> {};

TEST_P(Families, AreTakenByTheirPartOfTheSystem) {
  const Case& row = GetParam();
  PayloadReader reader;
  AppView app{.bundle_id = "com.example.app", .state = row.state, .settings = {}};
  app.channel = "kitchen";
  const Presentation result = present_for_system(row.family, reader.read(row.payload), app);
  EXPECT_EQ(result.fate, Fate::Delivered);
  EXPECT_EQ(result.shown.place, row.place);
  EXPECT_EQ(result.why, std::vector<std::string>{row.why});
}

constexpr const char* kOwnKeys = R"({"caller":"Eva"})";
constexpr const char* kChanged = R"({"aps":{"content-changed":true}})";

const Case kCases[] = {
    {"CallInTheForeground", PushFamily::Voip, kOwnKeys, AppState::Foreground, "call-screen",
     "PushKit hands it to com.example.app, which must report a call at once"},
    {"CallInTheBackground", PushFamily::Voip, kOwnKeys, AppState::Background, "call-screen",
     "PushKit wakes com.example.app, which must report a call at once"},
    {"CallNotRunning", PushFamily::Voip, kOwnKeys, AppState::NotRunning, "call-screen",
     "PushKit launches com.example.app, which must report a call at once"},
    {"CallForceQuit", PushFamily::Voip, "{}", AppState::ForceQuit, "call-screen",
     "PushKit launches com.example.app, which must report a call at once"},
    {"Complication", PushFamily::Complication, kOwnKeys, AppState::ForceQuit, "background",
     "PushKit launches com.example.app, which updates its complication"},
    {"ComplicationInFront", PushFamily::Complication, kOwnKeys, AppState::Foreground, "app",
     "PushKit hands it to com.example.app, which updates its complication"},
    {"Location", PushFamily::Location, R"({"aps":{}})", AppState::ForceQuit, "background",
     "the app's location push service extension runs"},
    {"Files", PushFamily::FileProvider, R"({"container-identifier":"root","domain":"d"})",
     AppState::NotRunning, "background",
     "the file provider extension is told to look for changes in root"},
    {"FilesOfNoContainer", PushFamily::FileProvider, R"({"aps":{}})", AppState::NotRunning,
     "background",
     "the file provider extension is handed it: without container-identifier the system does not "
     "know what has changed"},
    {"Management", PushFamily::Mdm, R"({"mdm":"MAGIC"})", AppState::NotRunning, "background",
     "the device management client asks its server for commands"},
    {"NoManagement", PushFamily::Mdm, R"({"aps":{"alert":"a"}})", AppState::NotRunning, "nothing",
     "nothing happens: the payload has no mdm"},
    {"Talk", PushFamily::PushToTalk, kOwnKeys, AppState::NotRunning, "background",
     "the Push to Talk framework hands it to com.example.app, which says who speaks in kitchen"},
    {"TalkInFront", PushFamily::PushToTalk, kOwnKeys, AppState::Foreground, "app",
     "the Push to Talk framework hands it to com.example.app, which says who speaks in kitchen"},
    {"Widgets", PushFamily::Widgets, kChanged, AppState::ForceQuit, "background",
     "the system reloads the widgets of com.example.app"},
    {"WidgetsUnchanged", PushFamily::Widgets, R"({"aps":{}})", AppState::Background, "nothing",
     "nothing reloaded: content-changed is not true"},
    {"Controls", PushFamily::Controls, kChanged, AppState::Background, "background",
     "the system reloads the controls of com.example.app"},
    {"NotJson", PushFamily::Voip, "Hello", AppState::Background, "nothing",
     "nothing shown: the payload is not JSON"},
    {"NoObject", PushFamily::Location, "[1]", AppState::Background, "nothing",
     "nothing shown: the payload is JSON, but no object"},
    {"Unreadable", PushFamily::Complication, R"({"a":1e400})", AppState::Background, "nothing",
     "nothing shown: the payload has a number beyond the range of a double"},
};

INSTANTIATE_TEST_SUITE_P(FamilyPresentation, Families, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

Presentation reload(AppState state, bool low_power) {
  PayloadReader reader;
  return present_for_system(
      PushFamily::Widgets, reader.read(kChanged),
      AppView{
          .bundle_id = "com.example.app", .state = state, .settings = {}, .low_power = low_power});
}

TEST(FamilyPresentation, ReloadsCountUnlessTheAppIsInFront) {
  EXPECT_TRUE(reload(AppState::Background, false).woke_app);
  EXPECT_FALSE(reload(AppState::Foreground, false).woke_app);
}

TEST(FamilyPresentation, ReloadsWaitForPowerUnlessTheAppIsInFront) {
  EXPECT_EQ(reload(AppState::Background, true).fate, Fate::Deferred);
  EXPECT_EQ(reload(AppState::Foreground, true).fate, Fate::Delivered);
}

TEST(FamilyPresentation, NobodyTalksWithoutAChannel) {
  PayloadReader reader;
  const Presentation result = present_for_system(
      PushFamily::PushToTalk, reader.read("{}"),
      AppView{.bundle_id = "com.example.app", .state = AppState::Background, .settings = {}});
  EXPECT_EQ(result.fate, Fate::Discarded);
  EXPECT_EQ(result.why, std::vector<std::string>{"no Push to Talk channel is joined"});
}

}  // namespace
}  // namespace apns::mock
