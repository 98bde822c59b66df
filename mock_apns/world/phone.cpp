#include "mock_apns/world/phone.h"

#include <algorithm>
#include <utility>

namespace apns::mock {

Phone::Phone(PhoneOptions options) : options_(std::move(options)) {}

// ---- Its apps ----

std::optional<InstallError> Phone::install(std::string_view bundle_id,
                                           ProvisioningProfile profile) {
  if (!fits(profile, bundle_id)) {
    return InstallError::ProfileOfOtherApp;
  }
  Installation* app = find_app(bundle_id);
  if (app == nullptr && apps_.size() >= kMaxInstallations) {
    return InstallError::PhoneIsFull;
  }
  if (app == nullptr) {
    app = &apps_[std::string(bundle_id)];
  }
  if (!has_entitlement(profile)) {
    app->registered = {};
  }
  app->profile = std::move(profile);
  return std::nullopt;
}

bool Phone::uninstall(std::string_view bundle_id, WorldTime now, DeliverySink& sink) {
  on_time(now, sink);
  const auto found = apps_.find(bundle_id);
  if (found == apps_.end()) {
    return false;
  }
  discard_held(bundle_id, false, "the app was deleted", sink);
  activities_.remove_app(bundle_id);
  const bool was_registered = !found->second.registered.empty();
  apps_.erase(found);
  const bool is_last =
      std::ranges::all_of(apps_, [](const auto& entry) { return entry.second.registered.empty(); });
  if (options_.disconnects_with_last_app && was_registered && is_last) {
    has_connection_ = false;
  }
  return true;
}

Result<Environment, RegistrationError> Phone::register_for(std::string_view bundle_id,
                                                           PushFamily family, WorldTime now,
                                                           DeliverySink& sink) {
  on_time(now, sink);
  const auto environment = may_register(bundle_id);
  if (environment.has_error()) {
    return environment;
  }
  find_app(bundle_id)->registered.insert(family);
  if (!has_connection_) {
    has_connection_ = true;
    forward_stored(false, now, sink);
  }
  return environment;
}

Result<Environment, RegistrationError> Phone::may_register(std::string_view bundle_id) const {
  const Installation* app = find(bundle_id);
  if (app == nullptr) {
    return RegistrationError::NotInstalled;
  }
  if (!has_entitlement(app->profile)) {
    return RegistrationError::NoEntitlement;
  }
  return environment_of(app->profile);
}

bool Phone::unregister_from(std::string_view bundle_id, PushFamily family) {
  Installation* app = find_app(bundle_id);
  if (app == nullptr || !app->registered.has(family)) {
    return false;
  }
  app->registered.erase(family);
  if (family == PushFamily::PushToTalk) {
    app->channel.clear();
  }
  return true;
}

bool Phone::join_channel(std::string_view bundle_id, std::string_view channel) {
  Installation* app = find_app(bundle_id);
  if (app != nullptr) {
    app->channel = channel;
  }
  return app != nullptr;
}

std::string_view Phone::app_in_channel() const {
  const auto in_channel =
      std::ranges::find_if(apps_, [](const auto& entry) { return !entry.second.channel.empty(); });
  return in_channel == apps_.end() ? std::string_view() : in_channel->first;
}

bool Phone::start_activity(std::string_view bundle_id, std::string_view activity, WorldTime now,
                           DeliverySink& sink) {
  on_time(now, sink);
  return find(bundle_id) != nullptr && activities_.start(bundle_id, activity, now);
}

bool Phone::end_activity(std::string_view bundle_id, std::string_view activity, WorldTime now,
                         DeliverySink& sink) {
  on_time(now, sink);
  return activities_.end(bundle_id, activity);
}

bool Phone::set_state(std::string_view bundle_id, AppState state, WorldTime now,
                      DeliverySink& sink) {
  on_time(now, sink);
  Installation* app = find_app(bundle_id);
  if (app == nullptr) {
    return false;
  }
  app->state = state;
  if (state == AppState::ForceQuit) {
    discard_held(bundle_id, true, "the app was force-quit", sink);
  } else {
    deliver_held(now, sink);
  }
  return true;
}

bool Phone::set_settings(std::string_view bundle_id, const AppSettings& settings) {
  Installation* app = find_app(bundle_id);
  if (app != nullptr) {
    app->settings = settings;
  }
  return app != nullptr;
}

const Installation* Phone::find(std::string_view bundle_id) const {
  const auto found = apps_.find(bundle_id);
  return found == apps_.end() ? nullptr : &found->second;
}

Installation* Phone::find_app(std::string_view bundle_id) {
  const auto found = apps_.find(bundle_id);
  return found == apps_.end() ? nullptr : &found->second;
}

// ---- The phone ----

void Phone::set_online(bool is_online, WorldTime now, DeliverySink& sink) {
  on_time(now, sink);
  options_.is_online = is_online;
  if (is_reachable()) {
    forward_stored(false, now, sink);
  }
}

void Phone::set_low_power(bool is_low_power, WorldTime now, DeliverySink& sink) {
  on_time(now, sink);
  options_.is_low_power = is_low_power;
  deliver_held(now, sink);
  if (is_reachable()) {
    forward_stored(false, now, sink);
  }
}

Screen Phone::screen() const {
  Screen screen;
  for (const auto& [bundle_id, app] : apps_) {
    Screen::App& shown = screen.apps.emplace_back();
    shown.bundle_id = bundle_id;
    shown.state = app.state;
    shown.badge = app.badge;
    shown.notices = app.notices;
    std::ranges::copy_if(
        activities_.all(), std::back_inserter(shown.activities),
        [&id = bundle_id](const LiveActivity& activity) { return activity.bundle_id == id; });
    std::ranges::stable_sort(
        shown.activities, std::ranges::greater(),
        [](const LiveActivity& activity) { return activity.relevance_score.value_or(0); });
  }
  return screen;
}

void Phone::give_up(std::string_view reason, DeliverySink& sink) {
  for (KeptList* list : {&stored_, &held_}) {
    for (const Kept& kept : std::exchange(*list, {})) {
      tell(kept, DeliveryOutcome::Discarded, {std::string(reason)}, sink);
    }
  }
}

}  // namespace apns::mock
