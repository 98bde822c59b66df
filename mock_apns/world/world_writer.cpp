#include "mock_apns/world/world_writer.h"

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "mock_apns/fault_text.h"
#include "mock_apns/world/team_json.h"

namespace apns::mock {

namespace {

using Json = nlohmann::ordered_json;

/// What is absent stays so.
template <class T>
void put(Json& object, const char* key, const std::optional<T>& value) {
  if (value) {
    object[key] = *value;
  }
}

Json profile_json(const ProvisioningProfile& profile) {
  return Json{{"name", profile.name},
              {"bundle_id", profile.bundle_id},
              {"aps_environment", to_string(profile.aps_environment)}};
}

Json family_json(const Registration& registration) {
  Json made = Json::object();
  if (registration.family) {
    made["family"] = to_string(*registration.family);
  }
  if (!registration.activity.empty()) {
    made["activity"] = registration.activity;
  }
  if (!registration.channel.empty()) {
    made["channel"] = registration.channel;
  }
  if (registration.device_token) {
    made["device_token"] = registration.device_token->to_hex();
  }
  return made;
}

Json app_json(const AppPlan& app) {
  Json made{{"bundle_id", app.bundle_id}};
  if (app.profile) {
    made["profile"] = profile_json(*app.profile);
  }
  if (app.state) {
    made["state"] = to_string(*app.state);
  }
  put(made, "alerts", app.alerts);
  put(made, "badges", app.badges);
  put(made, "sounds", app.sounds);
  put(made, "background_refresh", app.background_refresh);
  made["registered"] = app.is_registered;
  if (app.device_token) {
    made["device_token"] = app.device_token->to_hex();
  }
  if (!app.families.empty()) {
    Json& families = made["families"] = Json::array();
    for (const Registration& family : app.families) {
      families.push_back(family_json(family));
    }
  }
  return made;
}

Json phone_json(const PhonePlan& phone) {
  Json apps = Json::array();
  for (const AppPlan& app : phone.apps) {
    apps.push_back(app_json(app));
  }
  return Json{{"name", phone.options.name},
              {"online", phone.options.is_online},
              {"low_power", phone.options.is_low_power},
              {"background_per_hour", phone.options.background_per_hour},
              {"complications_per_day", phone.options.complications_per_day},
              {"reloads_per_day", phone.options.reloads_per_day},
              {"activity_pushes_per_hour", phone.options.activity_pushes_per_hour},
              {"disconnects_with_last_app", phone.options.disconnects_with_last_app},
              {"apps", std::move(apps)}};
}

Json tokens_json(const TokenPlan& plan) {
  Json tokens = Json::array();
  for (const DeviceToken& token : plan.device_tokens) {
    tokens.push_back(token.to_hex());
  }
  return Json{{"bundle_id", plan.bundle_id},
              {"environment", to_string(plan.environment)},
              {"family", to_string(plan.family)},
              {"device_tokens", std::move(tokens)}};
}

}  // namespace

std::string write_world(const WorldPlan& plan) {
  Json world{{"format", 1}};
  put(world, "open", plan.open);
  Json& devices = world["devices"] = Json::array();
  for (const PhonePlan& phone : plan.devices) {
    devices.push_back(phone_json(phone));
  }
  Json& tokens = world["device_tokens"] = Json::array();
  for (const TokenPlan& list : plan.device_tokens) {
    tokens.push_back(tokens_json(list));
  }
  Json& faults = world["faults"] = Json::array();
  for (const FaultRule& rule : plan.faults) {
    faults.push_back(Json::parse(write_fault(rule)));
  }
  Json& teams = world["teams"] = Json::array();
  for (const TeamPlan& team : plan.teams) {
    teams.push_back(to_json(team));
  }
  return world.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace apns::mock
