#include "mock_apns/control/world_json.h"

#include <utility>

#include "apns/base/rfc3339.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Notice& notice) {
  Json json = {{"of", notice.of}, {"place", notice.shown.place}};
  for (const auto& [key, value] :
       {std::pair("title", notice.shown.title), std::pair("subtitle", notice.shown.subtitle),
        std::pair("body", notice.shown.body), std::pair("sound", notice.shown.sound),
        std::pair("collapse_id", notice.collapse_id), std::pair("thread_id", notice.thread_id)}) {
    if (!value.empty()) {
      json[key] = value;
    }
  }
  if (notice.shown.badge) {
    json["badge"] = *notice.shown.badge;
  }
  return json;
}

}  // namespace

Json to_json(const AppInfo& app) {
  Json json = {{"bundle_id", app.bundle_id},
               {"state", to_string(app.state)},
               {"alerts", app.settings.alerts},
               {"badges", app.settings.badges},
               {"sounds", app.settings.sounds},
               {"background_refresh", app.settings.background_refresh},
               {"registered", app.is_registered},
               {"profile",
                {{"name", app.profile.name},
                 {"bundle_id", app.profile.bundle_id},
                 {"aps_environment", to_string(app.profile.aps_environment)}}}};
  if (app.device_token) {
    json["device_token"] = app.device_token->to_hex();
    json["environment"] = to_string(app.environment);
  }
  return json;
}

Json to_json(const PhoneInfo& phone) {
  Json apps = Json::array();
  for (const AppInfo& app : phone.apps) {
    apps.push_back(to_json(app));
  }
  return {{"name", phone.options.name},
          {"online", phone.options.is_online},
          {"low_power", phone.options.is_low_power},
          {"background_per_hour", phone.options.background_per_hour},
          {"disconnects_with_last_app", phone.options.disconnects_with_last_app},
          {"apps", std::move(apps)}};
}

Json to_json(const Screen& screen) {
  Json apps = Json::array();
  for (const Screen::App& app : screen.apps) {
    Json notices = Json::array();
    for (const Notice& notice : app.notices) {
      notices.push_back(to_json(notice));
    }
    apps.push_back({{"bundle_id", app.bundle_id},
                    {"state", to_string(app.state)},
                    {"badge", app.badge},
                    {"notices", std::move(notices)}});
  }
  return {{"apps", std::move(apps)}};
}

Json to_json(const TokenInfo& token, const std::string& hex) {
  Json json = {{"device_token", hex},
               {"state", to_string(token.state)},
               {"environment", to_string(token.environment)},
               {"trusted", token.is_trusted},
               {"listed", token.is_listed}};
  if (!token.topic.empty()) {
    json["topic"] = token.topic;
  }
  if (!token.device.empty()) {
    json["device"] = token.device;
  }
  if (token.since) {
    json["since"] = to_rfc3339(*token.since);
  }
  return json;
}

}  // namespace apns::mock::control
