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

Json to_json(const FamilyToken& family) {
  Json json = {{"family", to_string(family.family)}, {"topic", family.topic}};
  if (!family.activity.empty()) {
    json["activity"] = family.activity;
  }
  if (!family.channel.empty()) {
    json["channel"] = family.channel;
  }
  json["device_token"] = family.device_token.to_hex();
  json["environment"] = to_string(family.environment);
  return json;
}

Json to_json(const LiveActivity& activity) {
  Json json = {{"activity", activity.id}, {"state", to_string(activity.state)}};
  if (!activity.attributes_type.empty()) {
    json["attributes_type"] = activity.attributes_type;
  }
  if (!activity.content_state.empty()) {
    json["content_state"] = Json::parse(activity.content_state, nullptr, false);
  }
  if (activity.relevance_score) {
    json["relevance_score"] = *activity.relevance_score;
  }
  const auto put_time = [&json](const char* key, WorldTime time) {
    if (time != WorldTime::max()) {
      json[key] = to_rfc3339(time);
    }
  };
  put_time("stale_at", activity.stale_at);
  put_time(activity.state == LiveActivity::State::Ended ? "ended_at" : "ends_at", activity.ends_at);
  put_time("removed_at", activity.removed_at);
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
  if (!app.families.empty()) {
    Json& families = json["families"] = Json::array();
    for (const FamilyToken& family : app.families) {
      families.push_back(to_json(family));
    }
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
          {"complications_per_day", phone.options.complications_per_day},
          {"reloads_per_day", phone.options.reloads_per_day},
          {"activity_pushes_per_hour", phone.options.activity_pushes_per_hour},
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
    Json made = {{"bundle_id", app.bundle_id},
                 {"state", to_string(app.state)},
                 {"badge", app.badge},
                 {"notices", std::move(notices)}};
    if (!app.activities.empty()) {
      Json& activities = made["activities"] = Json::array();
      for (const LiveActivity& activity : app.activities) {
        activities.push_back(to_json(activity));
      }
    }
    apps.push_back(std::move(made));
  }
  return {{"apps", std::move(apps)}};
}

Json to_json(const TokenInfo& token, const std::string& hex) {
  Json json = {{"device_token", hex},
               {"state", to_string(token.state)},
               {"environment", to_string(token.environment)},
               {"family", to_string(token.family)},
               {"trusted", token.is_trusted},
               {"listed", token.is_listed}};
  if (!token.topic.empty()) {
    json["topic"] = token.topic;
  }
  if (!token.device.empty()) {
    json["device"] = token.device;
  }
  if (!token.activity.empty()) {
    json["activity"] = token.activity;
  }
  if (token.since) {
    json["since"] = to_rfc3339(*token.since);
  }
  return json;
}

}  // namespace apns::mock::control
