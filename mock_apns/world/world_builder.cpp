#include "mock_apns/world/world_file.h"

// Plans carried out.
namespace apns::mock {

namespace {

ProvisioningProfile profile_of(const AppPlan& app) {
  return app.profile.value_or(ProvisioningProfile{.name = app.bundle_id + " distribution",
                                                  .bundle_id = app.bundle_id,
                                                  .aps_environment = ApsEnvironment::Production});
}

void set_app(const std::string& device, const AppPlan& app, World& world, unsigned ring) {
  AppSettings settings = world.settings(device, app.bundle_id);
  const AppSettings before = settings;
  settings.alerts = app.alerts.value_or(settings.alerts);
  settings.badges = app.badges.value_or(settings.badges);
  settings.sounds = app.sounds.value_or(settings.sounds);
  settings.background_refresh = app.background_refresh.value_or(settings.background_refresh);
  if (settings != before) {
    world.set_settings(device, app.bundle_id, settings, ring);
  }
  if (app.state) {
    world.set_state(device, app.bundle_id, *app.state, ring);
  }
}

void install_app(const std::string& device, const AppPlan& app, World& world, unsigned ring) {
  world.install(device, app.bundle_id, profile_of(app));
  if (app.is_registered) {
    (void)world.register_app(device, app.bundle_id, ring, {.device_token = app.device_token});
  }
  for (const Registration& registration : app.families) {
    (void)world.register_app(device, app.bundle_id, ring, registration);
  }
  set_app(device, app, world, ring);
}

}  // namespace

void carry_out(const WorldPlan& plan, World& world, unsigned ring) {
  for (const TokenPlan& list : plan.device_tokens) {
    for (const DeviceToken& token : list.device_tokens) {
      world.register_token(token.bytes(), list.bundle_id, list.environment, list.family);
    }
  }
  for (const PhonePlan& phone : plan.devices) {
    world.add_phone(Phone(phone.options));
    for (const AppPlan& app : phone.apps) {
      install_app(phone.options.name, app, world, ring);
    }
  }
}

void carry_out(const PhonePlan& plan, World& world, unsigned ring) {
  world.add_phone(Phone(plan.options), ring);
  try {
    for (const AppPlan& app : plan.apps) {
      install_app(plan.options.name, app, world, ring);
    }
  } catch (const WorldError&) {
    world.remove_phone(plan.options.name, ring);
    throw;
  }
}

void carry_out(const DeviceChange& change, World& world, unsigned ring) {
  switch (change.verb) {
    case DeviceChange::Verb::SetPhone:
      if (change.low_power) {
        world.set_low_power(change.device, *change.low_power, ring);
      }
      if (change.online) {
        world.set_online(change.device, *change.online, ring);
      }
      return;
    case DeviceChange::Verb::SetApp:
      return set_app(change.device, change.app, world, ring);
    case DeviceChange::Verb::Install:
      return install_app(change.device, change.app, world, ring);
    case DeviceChange::Verb::Uninstall:
      return world.uninstall(change.device, change.app.bundle_id, ring);
    case DeviceChange::Verb::Register:
      (void)world.register_app(change.device, change.app.bundle_id, ring, change.registration);
      return;
    case DeviceChange::Verb::Unregister:
      return world.unregister_app(change.device, change.app.bundle_id, ring, change.registration);
    case DeviceChange::Verb::Launch:
      return world.set_state(change.device, change.app.bundle_id, AppState::Foreground, ring);
  }
}

}  // namespace apns::mock
