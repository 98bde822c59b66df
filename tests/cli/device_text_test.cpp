#include "cli/device_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/delivery_line.h"

namespace apns::cli {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

/// As GET /v1/devices/phone/apps/com.example.app has it.
Json app(const std::string& bundle_id, const std::string& device_token) {
  Json json = {{"bundle_id", bundle_id}, {"state", "background"}, {"alerts", true},
               {"badges", true},         {"sounds", true},        {"background_refresh", true},
               {"registered", true}};
  if (!device_token.empty()) {
    json["device_token"] = device_token;
    json["environment"] = "production";
  }
  return json;
}

Json phone(const std::string& name, std::vector<Json> apps) {
  return {{"name", name}, {"online", true}, {"low_power", false}, {"apps", std::move(apps)}};
}

TEST(DeviceTable, HasARowForEachApp) {
  Json quiet = app("com.example.quiet", "b1b2b3b4b5b6");
  quiet["sounds"] = false;
  quiet["background_refresh"] = false;
  Json gone = app("com.example.gone", "c1c2c3c4c5c6");
  gone["registered"] = false;
  Json tablet = phone("tablet", {});
  tablet["online"] = false;
  tablet["low_power"] = true;
  EXPECT_EQ(
      device_table(
          {phone("phone", {app("com.example.app", "a1a2a3a4a5a6"), quiet, gone, app("new", "")}),
           tablet}),
      "phone   online              com.example.app    background  a1a2…a5a6                   "
      "production\n"
      "                            com.example.quiet  background  b1b2…b5b6                   "
      "production  off: sounds, background refresh\n"
      "                            com.example.gone   background  c1c2…c5c6 (not registered)  "
      "production\n"
      "                            new                background  no device token\n"
      "tablet  offline, low power  no apps\n");
}

TEST(DeviceTable, AnAppAloneIsARowToo) {
  EXPECT_EQ(app_line(app("com.example.app", "a1a2a3a4a5a6")),
            "com.example.app  background  a1a2…a5a6  production\n");
}

TEST(DeviceTable, TokensOfOtherFamiliesStandBelowTheApp) {
  Json shown = app("com.example.app", "a1a2a3a4a5a6");
  shown["families"] = {{{"family", "voip"}, {"topic", "t"}, {"device_token", "b1b2b3b4b5b6"}},
                       {{"family", "liveactivity"},
                        {"topic", "t"},
                        {"activity", "order\u0007"},
                        {"device_token", "c1c2c3c4c5c6"}},
                       {{"family", "pushtotalk"},
                        {"topic", "t"},
                        {"channel", "kitchen"},
                        {"device_token", "d1d2d3d4d5d6"}}};
  EXPECT_EQ(device_table({phone("phone", {shown})}),
            "phone  online  com.example.app        background  a1a2…a5a6  production\n"
            "                 voip                             b1b2…b5b6\n"
            "                 liveactivity order?              c1c2…c5c6\n"
            "                 pushtotalk kitchen               d1d2…d5d6\n");
}

TEST(DeviceTable, RefusesWhatIsNoDevice) {
  EXPECT_THROW((void)device_table({Json{{"name", "phone"}}}), nlohmann::json::exception);
}

TEST(ScreenDrawing, ShowsNoticesTheNewestFirstAndBadges) {
  const Json screen = {
      {"apps",
       {{{"bundle_id", "com.example.app"},
         {"state", "background"},
         {"badge", 2},
         {"notices",
          {{{"of", 3}, {"place", "lock-screen"}, {"body", "Hello 世界 😀"}},
           {{"of", 9},
            {"place", "lock-screen"},
            {"title", "News"},
            {"subtitle", "Today"},
            {"body", "What is too long for one line goes on in the next\nas told"}}}}},
        {{"bundle_id", "chat"},
         {"state", "background"},
         {"badge", 0},
         {"notices", {{{"of", 5}, {"place", "lock-screen"}, {"body", "Hi\u0007"}}}}}}}};
  EXPECT_EQ(screen_drawing(phone("phone", {app("com.example.app", "a1a2a3a4a5a6")}), screen,
                           "2025-11-25T10:14:59.999999Z"),
            "  ╭──────────────────────────────────────────────╮\n"
            "  │ phone                                 online │\n"
            "  │                                              │\n"
            "  │                    10:14                     │\n"
            "  │             Tuesday 25 November              │\n"
            "  │                                              │\n"
            "  │ ╭ com.example.app ─────────────────────────╮ │\n"
            "  │ │ News                                     │ │\n"
            "  │ │ Today                                    │ │\n"
            "  │ │ What is too long for one line goes on in │ │\n"
            "  │ │ the next                                 │ │\n"
            "  │ │ as told                                  │ │\n"
            "  │ ╰──────────────────────────────────────────╯ │\n"
            "  │ ╭ chat ────────────────────────────────────╮ │\n"
            "  │ │ Hi?                                      │ │\n"
            "  │ ╰──────────────────────────────────────────╯ │\n"
            "  │ ╭ com.example.app ─────────────────────────╮ │\n"
            "  │ │ Hello 世界 😀                            │ │\n"
            "  │ ╰──────────────────────────────────────────╯ │\n"
            "  │                                              │\n"
            "  │ (2) com.example.app                          │\n"
            "  ╰──────────────────────────────────────────────╯\n"
            "  com.example.app  background  a1a2…a5a6  production\n");
}

TEST(ScreenDrawing, LiveActivitiesComeFirst) {
  const Json screen = {
      {"apps",
       {{{"bundle_id", "com.example.app"},
         {"state", "background"},
         {"badge", 0},
         {"notices", {{{"of", 3}, {"place", "lock-screen"}, {"body", "Hello"}}}},
         {"activities",
          {{{"activity", "order-17"}, {"state", "stale"}, {"content_state", {{"eta", 5}}}},
           {{"activity", "order-18"}, {"state", "active"}}}}}}}};
  EXPECT_THAT(screen_drawing(phone("phone", {}), screen, ""),
              HasSubstr("  │ │ Live Activity order-17 (stale)           │ │\n"
                        "  │ │ {\"eta\":5}                                │ │\n"
                        "  │ ╰──────────────────────────────────────────╯ │\n"
                        "  │ ╭ com.example.app ─────────────────────────╮ │\n"
                        "  │ │ Live Activity order-18                   │ │\n"
                        "  │ ╰──────────────────────────────────────────╯ │\n"
                        "  │ ╭ com.example.app ─────────────────────────╮ │\n"
                        "  │ │ Hello                                    │ │\n"));
}

TEST(ScreenDrawing, CountsTheNoticesThatDoNotFit) {
  Json notices = Json::array();
  for (int of = 1; of <= 7; ++of) {
    notices.push_back({{"of", of}, {"place", "lock-screen"}, {"body", "no " + std::to_string(of)}});
  }
  const Json screen = {
      {"apps",
       {{{"bundle_id", "a"}, {"state", "background"}, {"badge", 0}, {"notices", notices}}}}};
  const std::string drawing = screen_drawing(phone("phone", {}), screen, "");
  EXPECT_THAT(drawing, HasSubstr("no 3"));
  EXPECT_THAT(drawing, Not(HasSubstr("no 2")));
  EXPECT_THAT(drawing, HasSubstr("and 2 older"));
}

TEST(ScreenDrawing, SaysThatThereAreNone) {
  Json sleeping = phone("a phone whose name is longer than its screen is wide", {});
  sleeping["low_power"] = true;
  EXPECT_EQ(screen_drawing(sleeping, {{"apps", Json::array()}}, "no time"),
            "  ╭──────────────────────────────────────────────╮\n"
            "  │ a phone whose name is lon… online, low power │\n"
            "  │                                              │\n"
            "  │                  no notices                  │\n"
            "  ╰──────────────────────────────────────────────╯\n"
            "  no apps\n");
}

TEST(DeliveryLine, ReadsAsServePrintsIt) {
  EXPECT_EQ(delivery_line(Json::parse(
                R"({"seq":8,"at":"2025-01-01T10:14:09.774204Z","event":"delivery",)"
                R"("outcome":"delivered","connection":2,"protocol":"binary",)"
                R"("environment":"production","of":2,"device_token":"a1a100000000b2b2",)"
                R"("topic":"com.example.app","device":"phone",)"
                R"("shown":{"place":"lock-screen","title":"News","body":"Hello","badge":2,)"
                R"("sound":"default"},"why":["one thing","another"]})")),
            "10:14:09.774  delivered binary #2  com.example.app  a1a1…b2b2  phone: lock screen "
            "\"News\", \"Hello\", badge 2, sound default: one thing; another");
  EXPECT_EQ(delivery_line(
                Json::parse(R"({"at":"2025-01-01T10:14:09Z","outcome":"expired","device":"phone",)"
                            R"("device_token":"a1a1","topic":"com.example.app"})")),
            "10:14:09.000  expired   delivery   com.example.app  a1a1  phone");
  EXPECT_THROW((void)delivery_line(Json{{"at", "x"}}), nlohmann::json::exception);
}

}  // namespace
}  // namespace apns::cli
