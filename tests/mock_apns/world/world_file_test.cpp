// World files and device steps: docs/world.md is right, and mistakes are refused with their place.
#include "mock_apns/world/world_file.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "apns/base/time.h"

namespace apns::mock {
namespace {

std::string read_doc() {
  std::ifstream in(APNSLAB_SOURCE_DIR "/docs/world.md");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The one example of the page.
WorldPlan example() {
  const std::string doc = read_doc();
  const std::size_t begin = doc.find("```json\n") + 8;
  return read_world(json::parse(doc.substr(begin, doc.find("```", begin) - begin), "world.md"));
}

WorldPlan world_of(std::string_view text) {
  return read_world(json::parse(text, "w.json"));
}

DeviceChange change_of(std::string_view text) {
  return read_device_change(json::parse(text, "s.json"));
}

TEST(WorldFile, TheDocumentedExampleSaysWhatItSays) {
  const WorldPlan plan = example();
  EXPECT_EQ(plan.open, false);
  ASSERT_EQ(plan.devices.size(), 1U);
  EXPECT_EQ(plan.devices[0].options.name, "phone");
  ASSERT_EQ(plan.devices[0].apps.size(), 1U);
  const AppPlan& app = plan.devices[0].apps[0];
  EXPECT_EQ(app.bundle_id, "com.example.app");
  ASSERT_TRUE(app.profile);
  EXPECT_EQ(app.profile->aps_environment, ApsEnvironment::Production);
  EXPECT_EQ(app.state, AppState::Background);
  EXPECT_EQ(app.sounds, false);
  ASSERT_TRUE(app.device_token);
  EXPECT_EQ(app.device_token->to_short_text(), "a1a1…a1a1");
  ASSERT_EQ(app.families.size(), 4U);
  EXPECT_EQ(app.families[0].family, PushFamily::Voip);
  EXPECT_EQ(app.families[0].device_token->to_hex(), "d4d4");
  EXPECT_EQ(app.families[1], (Registration{.family = PushFamily::LiveActivity}));
  EXPECT_EQ(app.families[2].activity, "order-17");
  EXPECT_EQ(app.families[3].channel, "kitchen");
  ASSERT_EQ(plan.device_tokens.size(), 1U);
  EXPECT_EQ(plan.device_tokens[0].family, PushFamily::Alert);
  EXPECT_EQ(plan.device_tokens[0].environment, Environment::Development);
  EXPECT_EQ(plan.device_tokens[0].device_tokens.size(), 2U);
  ASSERT_EQ(plan.faults.size(), 1U);
  EXPECT_EQ(plan.faults[0].name, "busy");
  ASSERT_EQ(plan.teams.size(), 1U);
  ASSERT_EQ(plan.teams[0].keys.size(), 2U);
  EXPECT_EQ(plan.teams[0].keys[1].related, plan.teams[0].keys[0].key_id);
  TeamKeys keys;
  carry_out(plan.teams, keys);
  EXPECT_EQ(keys.table()->keys().size(), 2U);
}

TEST(WorldFile, EveryKeyOfAPhoneIsRead) {
  const WorldPlan plan = world_of(R"({"format": 1, "open": true, "devices": [
      {"name": "p", "online": false, "low_power": true, "background_per_hour": 7,
       "complications_per_day": 8, "reloads_per_day": 9, "activity_pushes_per_hour": 10,
       "disconnects_with_last_app": true,
       "apps": [{"bundle_id": "a", "state": "force-quit", "alerts": false, "badges": true,
                 "sounds": false, "background_refresh": false, "registered": false,
                 "device_token": "b1b2",
                 "profile": {"name": "n", "bundle_id": "a", "aps_environment": "development"}}]},
      {"name": "q", "apps": [{"bundle_id": "b"}]}]})");
  EXPECT_EQ(plan.open, true);
  ASSERT_EQ(plan.devices.size(), 2U);
  const PhoneOptions& options = plan.devices[0].options;
  EXPECT_EQ(options.name, "p");
  EXPECT_FALSE(options.is_online);
  EXPECT_TRUE(options.is_low_power);
  EXPECT_EQ(options.background_per_hour, 7U);
  EXPECT_EQ(options.complications_per_day, 8U);
  EXPECT_EQ(options.reloads_per_day, 9U);
  EXPECT_EQ(options.activity_pushes_per_hour, 10U);
  EXPECT_TRUE(options.disconnects_with_last_app);
  ASSERT_EQ(plan.devices[0].apps.size(), 1U);
  const AppPlan& app = plan.devices[0].apps[0];
  EXPECT_EQ(app.bundle_id, "a");
  EXPECT_EQ(app.state, AppState::ForceQuit);
  EXPECT_EQ(app.alerts, false);
  EXPECT_EQ(app.badges, true);
  EXPECT_EQ(app.sounds, false);
  EXPECT_EQ(app.background_refresh, false);
  EXPECT_FALSE(app.is_registered);
  ASSERT_TRUE(app.device_token);
  EXPECT_EQ(app.device_token->to_hex(), "b1b2");
  ASSERT_TRUE(app.profile);
  EXPECT_EQ(app.profile->name, "n");
  EXPECT_EQ(app.profile->bundle_id, "a");
  EXPECT_EQ(app.profile->aps_environment, ApsEnvironment::Development);
}

TEST(WorldFile, WhatIsAbsentIsAsThePageSays) {
  const WorldPlan nothing = world_of("{}");
  EXPECT_EQ(nothing.open, std::nullopt);
  EXPECT_TRUE(nothing.devices.empty());
  EXPECT_TRUE(nothing.device_tokens.empty());
  EXPECT_TRUE(nothing.faults.empty());
  const WorldPlan plan = world_of(R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a"}]}],
      "device_tokens": [{"bundle_id": "a", "device_tokens": []}]})");
  const PhoneOptions& options = plan.devices.at(0).options;
  EXPECT_TRUE(options.is_online);
  EXPECT_FALSE(options.is_low_power);
  EXPECT_EQ(options.background_per_hour, 3U);
  EXPECT_EQ(options.complications_per_day, 50U);
  EXPECT_EQ(options.reloads_per_day, 70U);
  EXPECT_EQ(options.activity_pushes_per_hour, 0U);
  EXPECT_FALSE(options.disconnects_with_last_app);
  const AppPlan& app = plan.devices.at(0).apps.at(0);
  EXPECT_FALSE(app.profile);
  EXPECT_EQ(app.state, std::nullopt);
  EXPECT_EQ(app.alerts, std::nullopt);
  EXPECT_EQ(app.badges, std::nullopt);
  EXPECT_EQ(app.sounds, std::nullopt);
  EXPECT_EQ(app.background_refresh, std::nullopt);
  EXPECT_TRUE(app.is_registered);
  EXPECT_FALSE(app.device_token);
  EXPECT_TRUE(app.families.empty());
  EXPECT_EQ(plan.device_tokens.at(0).environment, Environment::Production);
  EXPECT_EQ(plan.device_tokens.at(0).family, PushFamily::Alert);
}

TEST(WorldFile, ThePageNamesEveryKeyOfAWorldFile) {
  const std::string doc = read_doc();
  for (const json::ObjectKeys& object : world_format()) {
    if (object.object == "device_step") {
      continue;  // docs/scenarios.md has the steps
    }
    for (const std::string& key : object.keys) {
      EXPECT_NE(doc.find("\"" + key + "\":"), std::string::npos) << object.object << "." << key;
    }
  }
}

TEST(WorldFile, IsCarriedOut) {
  const ManualClock clock;
  World world({.open = false}, clock, nullptr);
  carry_out(example(), world, 0);
  EXPECT_EQ(world.phone_names(), std::vector<std::string>{"phone"});
  EXPECT_TRUE(world.device_token("phone", "com.example.app"));
  EXPECT_FALSE(world.settings("phone", "com.example.app").sounds);
  EXPECT_EQ(world.device_token("phone", "com.example.app", {.family = PushFamily::Voip}),
            DeviceToken::parse("d4d4"));
  const auto activity = world.device_token(
      "phone", "com.example.app", {.family = PushFamily::LiveActivity, .activity = "order-17"});
  ASSERT_TRUE(activity);
  EXPECT_EQ(activity->bytes().size(), 80U);
  EXPECT_EQ(world.screen("phone").apps[0].activities.size(), 1U);
  const auto other = world.find(DeviceToken::parse("b2b2")->bytes());
  ASSERT_TRUE(other);
  EXPECT_EQ(other->environment, Environment::Development);
}

TEST(WorldFile, AnAppIsRegisteredUnlessItSaysOtherwise) {
  const ManualClock clock;
  World world({}, clock, nullptr);
  carry_out(world_of(R"({"devices": [{"name": "p", "apps": [
                {"bundle_id": "a"}, {"bundle_id": "b", "registered": false}]}]})"),
            world, 0);
  EXPECT_TRUE(world.device_token("p", "a"));
  EXPECT_FALSE(world.device_token("p", "b"));
}

TEST(WorldFile, AnAppWithoutTheEntitlementCannotBeRegistered) {
  const ManualClock clock;
  World world({}, clock, nullptr);
  EXPECT_THROW(carry_out(world_of(R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
      "profile": {"bundle_id": "a", "aps_environment": "none"}}]}]})"),
                         world, 0),
               WorldError);
}

TEST(WorldFile, MistakesAreRefusedWithTheirPlace) {
  struct Case {
    const char* text;
    const char* error;
  };

  const Case cases[] = {
      {R"({"devces": []})",
       "w.json:1:2: \"devces\" is not a key of world; did you mean \"devices\"? Keys: format, "
       "open, devices, device_tokens, faults, teams."},
      {R"([])", "w.json:1:1: world must be an object, not an array."},
      {R"({"format": 2})", "w.json:1:12: format must be a whole number from 1 to 1, not 2."},
      {R"({"open": "yes"})", "w.json:1:10: open must be true or false, not a text."},
      {R"({"devices": {}})", "w.json:1:13: devices must be an array, not an object."},
      {R"({"devices": [{"name": "p", "background_per_hour": -1}]})",
       "w.json:1:51: background_per_hour must be a whole number from 0 to 1000000, not -1."},
      {R"({"devices": [{"name": "p", "low_power": 1}]})",
       "w.json:1:41: low_power must be true or false, not 1."},
      {R"({"devices": [{"name": "p", "apps": [{"state": "background"}]}]})",
       "w.json:1:37: app needs \"bundle_id\""},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a", "sound": true}]}]})",
       "w.json:1:56: \"sound\" is not a key of app; did you mean \"sounds\"? Keys: state, alerts, "
       "badges, sounds, background_refresh, bundle_id, profile, registered, device_token, "
       "families."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a"}, {"bundle_id": "a"}]}]})",
       "w.json:1:1: On p the app a is there twice. Give each another one."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
           "profile": {"bundle_id": "a"}}]}]})",
       "w.json:2:23: profile needs \"aps_environment\""},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
           "profile": {"bundle_id": "a", "aps_environment": "producton"}}]}]})",
       "w.json:2:61: \"producton\" is not an aps_environment; did you mean \"production\"? There "
       "are: none, development, production."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
           "profile": {"bundle_id": "b", "aps_environment": "production"}}]}]})",
       "w.json:1:37: The provisioning profile is for b and does not fit a. Take one of this app."},
      {R"({"device_tokens": [{"bundle_id": "a"}]})",
       "w.json:1:20: device_tokens entry needs \"device_tokens\""},
      {R"({"device_tokens": [{"bundle_id": "a", "enviroment": "production"}]})",
       "w.json:1:39: \"enviroment\" is not a key of device_tokens entry; did you mean "
       "\"environment\"? Keys: bundle_id, environment, family, device_tokens."},
      {R"({"device_tokens": [{"bundle_id": "a", "environment": "sandbox", "device_tokens": []}]})",
       "w.json:1:54: \"sandbox\" is not an environment. There are: production, development."},
      {R"({"devices": [{}]})", "w.json:1:14: device needs \"name\""},
      {R"({"devices": [{"name": ""}]})", "w.json:1:23: name is empty."},
      {R"({"devices": [{"name": "p", "onlin": true}]})",
       "w.json:1:28: \"onlin\" is not a key of device; did you mean \"online\"? Keys: name, "
       "online, low_power, background_per_hour, complications_per_day, reloads_per_day, "
       "activity_pushes_per_hour, disconnects_with_last_app, apps."},
      {R"({"devices": [{"name": "p"}, {"name": "p"}]})",
       "w.json:1:1: The device p is there twice. Give each another one."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a", "state": "killed"}]}]})",
       "w.json:1:65: \"killed\" is not a state. There are: foreground, background, not-running, "
       "force-quit."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a", "device_token": "a"}]}]})",
       "w.json:1:72: A device token is 2 to 200 hex digits, an even number of them."},
      {R"({"device_tokens": [{"bundle_id": "a", "device_tokens": ["b1", "B1"]}]})",
       "w.json:1:1: The device token b1 is there twice. Give each another one."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
           "families": [{"family": "voi"}]}]}]})",
       "w.json:2:36: \"voi\" is not a family; did you mean \"voip\"? There are: alert, location, "
       "voip, complication, fileprovider, mdm, liveactivity, pushtotalk, widgets, controls."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a", "families": [{}]}]}]})",
       "w.json:1:37: Each of families names a family, and not alert: of that are registered and "
       "device_token."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
           "families": [{"family": "alert"}]}]}]})",
       "w.json:1:37: Each of families names a family, and not alert: of that are registered and "
       "device_token."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
           "families": [{"family": "mdm"}]}]}]})",
       "w.json:1:37: a has no device token of family mdm: that is of an enrolment, such as "
       "com.apple.mgmt.External.UUID."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
           "families": [{"family": "voip"}, {"family": "voip"}]}]}]})",
       "w.json:1:37: The family voip is there twice. Name each once."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a", "device_token": "b1",
           "families": [{"family": "voip", "device_token": "B1"}]}]}]})",
       "w.json:1:1: The device token b1 is there twice. Give each another one."},
      {R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a",
           "families": [{"family": "voip", "token": "B1"}]}]}]})",
       "w.json:2:44: \"token\" is not a key of family. Keys: family, activity, channel, "
       "device_token."},
      {R"({"devices": [{"name": "p", "reloads_per_day": -1}]})",
       "w.json:1:47: reloads_per_day must be a whole number from 0 to 1000000, not -1."},
      {R"({"faults": [{"then": {"rejct": 8}}]})",
       "w.json:1:23: \"rejct\" is not a key of then; did you mean \"reject\"? Keys: reject, "
       "status, timestamp, delay, latency, error_packet, no_answer, raw, close, stop_reading, "
       "bandwidth, reset_stream, reset_again, goaway, ignore_ping, withhold_window, settings, "
       "tls_alert, tuples."},
  };
  for (const Case& c : cases) {
    try {
      (void)world_of(c.text);
      ADD_FAILURE() << c.text;
    } catch (const json::Error& error) {
      EXPECT_STREQ(error.what(), c.error) << c.text;
    }
  }
}

TEST(DeviceChange, EachVerbIsRead) {
  using Verb = DeviceChange::Verb;
  const DeviceChange online = change_of(R"({"device": "p", "set": {"online": false}})");
  EXPECT_EQ(online.verb, Verb::SetPhone);
  EXPECT_EQ(online.online, false);
  EXPECT_EQ(online.low_power, std::nullopt);
  const DeviceChange state =
      change_of(R"({"device": "p", "app": "a", "set": {"state": "force-quit"}})");
  EXPECT_EQ(state.verb, Verb::SetApp);
  EXPECT_EQ(state.app.bundle_id, "a");
  EXPECT_EQ(state.app.state, AppState::ForceQuit);
  EXPECT_EQ(change_of(R"({"device": "p", "install": {"bundle_id": "a"}})").verb, Verb::Install);
  EXPECT_EQ(change_of(R"({"device": "p", "uninstall": "a"})").verb, Verb::Uninstall);
  EXPECT_EQ(change_of(R"({"device": "p", "register": "a"})").verb, Verb::Register);
  EXPECT_EQ(change_of(R"({"device": "p", "launch": "a"})").verb, Verb::Launch);
  EXPECT_EQ(change_of(R"({"device": "p", "register": "a"})").registration, Registration());
  EXPECT_EQ(change_of(R"({"device": "p", "register": "a", "family": "pushtotalk",
                          "channel": "ops"})")
                .registration,
            (Registration{.family = PushFamily::PushToTalk, .channel = "ops"}));
  const DeviceChange ended = change_of(
      R"({"device": "p", "unregister": "a", "family": "liveactivity", "activity": "order-17"})");
  EXPECT_EQ(ended.verb, Verb::Unregister);
  EXPECT_EQ(ended.app.bundle_id, "a");
  EXPECT_EQ(ended.registration,
            (Registration{.family = PushFamily::LiveActivity, .activity = "order-17"}));
}

TEST(DeviceChange, MistakesAreRefusedWithTheirPlace) {
  struct Case {
    const char* text;
    const char* error;
  };

  const Case cases[] = {
      {R"({"device": "p"})",
       "s.json:1:1: A device step does exactly one thing: set, install, uninstall, register, "
       "unregister or launch."},
      {R"({"device": "p", "launch": "a", "register": "a"})",
       "s.json:1:1: A device step does exactly one thing: set, install, uninstall, register, "
       "unregister or launch."},
      {R"({"device": "p", "app": "a", "launch": "a"})",
       "s.json:1:24: \"app\" goes with \"set\" only; the other verbs name the app themselves."},
      {R"({"device": "p", "launch": "a", "family": "voip"})",
       "s.json:1:42: \"family\", \"activity\" and \"channel\" go with register and unregister."},
      {R"({"device": "p", "register": "a", "family": "voip", "activity": "x"})",
       "s.json:1:1: A Live Activity goes with family liveactivity only, not voip."},
      {R"({"device": "p", "unregister": "a", "channel": "x"})",
       "s.json:1:1: A channel goes with family pushtotalk only, not alert."},
      {R"({"set": {"online": true}})", "s.json:1:1: device step needs \"device\""},
      {R"({"device": "", "launch": "a"})", "s.json:1:12: device is empty."},
      {R"({"device": "p", "launch": ""})", "s.json:1:27: launch is empty."},
      {R"({"device": "p", "unistall": "a"})",
       "s.json:1:17: \"unistall\" is not a key of device step; did you mean \"uninstall\"? Keys: "
       "device, app, set, install, uninstall, register, unregister, family, activity, channel, "
       "launch."},
      {R"({"device": "p", "set": {"onlin": true}})",
       "s.json:1:25: \"onlin\" is not a key of set; did you mean \"online\"? Keys: online, "
       "low_power."},
      {R"({"device": "p", "app": "a", "set": {"badge": true}})",
       "s.json:1:37: \"badge\" is not a key of set of an app; did you mean \"badges\"? Keys: "
       "state, "
       "alerts, badges, sounds, background_refresh."},
      {R"({"device": "p", "install": {"bundle_id": "a",
          "profile": {"bundle_id": "b.*", "aps_environment": "none"}}})",
       "s.json:1:28: The provisioning profile is for b.* and does not fit a. Take one of this "
       "app."},
      {R"({"device": "p", "set": {"state": "foreground"}})",
       "s.json:1:25: \"state\" is not a key of set. Keys: online, low_power."},
      {R"({"device": "p", "app": "a", "set": {"online": true}})",
       "s.json:1:37: \"online\" is not a key of set of an app. Keys: state, alerts, badges, "
       "sounds, background_refresh."},
  };
  for (const Case& c : cases) {
    try {
      (void)change_of(c.text);
      ADD_FAILURE() << c.text;
    } catch (const json::Error& error) {
      EXPECT_STREQ(error.what(), c.error) << c.text;
    }
  }
}

TEST(DeviceChange, IsCarriedOut) {
  const ManualClock clock;
  World world({}, clock, nullptr);
  carry_out(world_of(R"({"devices": [{"name": "p", "apps": [{"bundle_id": "a"}]}]})"), world, 0);
  const auto first = world.device_token("p", "a");
  carry_out(change_of(R"({"device": "p", "register": "a"})"), world, 0);
  EXPECT_NE(world.device_token("p", "a"), first);
  carry_out(change_of(R"({"device": "p", "app": "a", "set": {"badges": false}})"), world, 0);
  EXPECT_FALSE(world.settings("p", "a").badges);
  EXPECT_TRUE(world.settings("p", "a").alerts);
  carry_out(change_of(R"({"device": "p", "app": "a",
      "set": {"alerts": false, "badges": true, "sounds": false, "background_refresh": false}})"),
            world, 0);
  EXPECT_EQ(
      world.settings("p", "a"),
      (AppSettings{.alerts = false, .badges = true, .sounds = false, .background_refresh = false}));
  carry_out(change_of(R"({"device": "p", "launch": "a"})"), world, 0);
  EXPECT_EQ(world.screen("p").apps.at(0).state, AppState::Foreground);
  const Registration ptt{.family = PushFamily::PushToTalk};
  carry_out(change_of(R"({"device": "p", "register": "a", "family": "pushtotalk",
                          "channel": "ops"})"),
            world, 0);
  EXPECT_TRUE(world.device_token("p", "a", ptt));
  carry_out(change_of(R"({"device": "p", "unregister": "a", "family": "pushtotalk"})"), world, 0);
  EXPECT_FALSE(world.device_token("p", "a", ptt));
  carry_out(change_of(R"({"device": "p", "uninstall": "a"})"), world, 0);
  EXPECT_FALSE(world.device_token("p", "a"));
  EXPECT_THROW(carry_out(change_of(R"({"device": "q", "launch": "a"})"), world, 0), WorldError);
}

}  // namespace
}  // namespace apns::mock
