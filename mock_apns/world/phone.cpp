#include "mock_apns/world/phone.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace apns::mock {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::sys_seconds;

WorldTime expiry_of(const Push& push, WorldTime now) {
  const WorldTime latest = now + Phone::kStoredFor;
  if (!push.expiration) {
    return latest;
  }
  // In seconds, where no expiration overflows.
  const auto latest_seconds = floor<std::chrono::seconds>(latest).time_since_epoch().count();
  return *push.expiration > latest_seconds
             ? latest
             : WorldTime(std::chrono::seconds(std::max<std::int64_t>(*push.expiration, 0)));
}

bool is_now_or_never(const Push& push) {
  return push.expiration && *push.expiration <= 0;
}

bool is_patient(const Push& push) {
  return push.priority && *push.priority < 10;
}

/// When a wake no longer counts against the budget.
WorldTime forgotten_at(WorldTime wake) {
  return std::min<WorldTime>(wake + hours(1), floor<days>(wake) + days(1));
}

/// After the clock was set back.
void forget_wakes_ahead(Installation& app, WorldTime now) {
  std::erase_if(app.wakes, [&](WorldTime wake) { return wake > now; });
}

bool has_entitlement(const ProvisioningProfile& profile) {
  return profile.aps_environment != ApsEnvironment::None && !profile.bundle_id.ends_with('*');
}

}  // namespace

bool fits(const ProvisioningProfile& profile, std::string_view bundle_id) {
  const std::string_view pattern = profile.bundle_id;
  return pattern.ends_with('*') ? bundle_id.starts_with(pattern.substr(0, pattern.size() - 1))
                                : bundle_id == pattern;
}

std::string_view to_string(ApsEnvironment environment) {
  switch (environment) {
    case ApsEnvironment::None:
      return "none";
    case ApsEnvironment::Development:
      return "development";
    case ApsEnvironment::Production:
      return "production";
  }
  return {};
}

std::string_view to_string(RegistrationError error) {
  return error == RegistrationError::NotInstalled
             ? "the app is not installed"
             : "no valid 'aps-environment' entitlement string found for application";
}

std::string_view to_string(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::Delivered:
      return "delivered";
    case DeliveryOutcome::Stored:
      return "stored";
    case DeliveryOutcome::Replaced:
      return "replaced";
    case DeliveryOutcome::Expired:
      return "expired";
    case DeliveryOutcome::Discarded:
      return "discarded";
  }
  return {};
}

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
  app->is_registered = app->is_registered && has_entitlement(profile);
  app->profile = std::move(profile);
  return std::nullopt;
}

bool Phone::uninstall(std::string_view bundle_id, WorldTime now, DeliverySink& sink) {
  on_time(now, sink);
  const auto found = apps_.find(bundle_id);
  if (found == apps_.end()) {
    return false;
  }
  discard_held(bundle_id, "the app was deleted", sink);
  const bool was_registered = found->second.is_registered;
  apps_.erase(found);
  const bool is_last =
      std::ranges::none_of(apps_, [](const auto& entry) { return entry.second.is_registered; });
  if (options_.disconnects_with_last_app && was_registered && is_last) {
    has_connection_ = false;
  }
  return true;
}

Result<Environment, RegistrationError> Phone::register_for_remote_notifications(
    std::string_view bundle_id, WorldTime now, DeliverySink& sink) {
  on_time(now, sink);
  Installation* app = find_app(bundle_id);
  if (app == nullptr) {
    return RegistrationError::NotInstalled;
  }
  if (!has_entitlement(app->profile)) {
    return RegistrationError::NoEntitlement;
  }
  app->is_registered = true;
  if (!has_connection_) {
    has_connection_ = true;
    forward_stored(false, now, sink);
  }
  return app->profile.aps_environment == ApsEnvironment::Development ? Environment::Development
                                                                     : Environment::Production;
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
    discard_held(bundle_id, "the app was force-quit", sink);
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
    screen.apps.push_back(Screen::App{bundle_id, app.state, app.badge, app.notices});
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

// ---- Notifications ----

PushResult Phone::push(std::string_view bundle_id, Push push, WorldTime now, DeliverySink& sink) {
  on_time(now, sink);
  const WorldTime expires_at = expiry_of(push, now);
  Kept kept{std::string(bundle_id), std::move(push), expires_at};
  if (!is_reachable()) {
    keep(stored_, std::move(kept),
         options_.is_online ? "the phone has no connection since its last push-enabled app went"
                            : "the phone is offline",
         now, sink);
    return PushResult::Taken;
  }
  if (waits_for_power(kept.push)) {
    keep(stored_, std::move(kept), "the phone is in low power mode, and the priority is not 10",
         now, sink);
    return PushResult::Taken;
  }
  if (wakes_phone(kept.push)) {
    forward_stored(true, now, sink);
  }
  return attempt(kept, now, sink);
}

WorldTime Phone::deadline() const {
  WorldTime earliest = WorldTime::max();
  for (const Kept& stored : stored_) {
    earliest = std::min(earliest, stored.expires_at);
  }
  for (const Kept& held : held_) {
    const Installation* app = find(held.bundle_id);
    earliest = std::min({earliest, held.expires_at, app ? next_turn(*app) : WorldTime::max()});
  }
  return earliest;
}

void Phone::on_time(WorldTime now, DeliverySink& sink) {
  expire(stored_, now, sink);
  expire(held_, now, sink);
  deliver_held(now, sink);
}

/// The phone is asleep, and this is not worth waking it.
bool Phone::waits_for_power(const Push& push) const {
  return options_.is_low_power && is_patient(push) && !push.payload.is_background();
}

/// It is awake for this one, so what waited for power comes along.
bool Phone::wakes_phone(const Push& push) const {
  return options_.is_low_power && !is_patient(push) && !push.payload.is_background();
}

/// When a background push may run the app; in the past: now.
WorldTime Phone::next_turn(const Installation& app) const {
  const std::size_t limit = options_.background_per_hour;
  if (app.state == AppState::Foreground) {
    return WorldTime::min();
  }
  if (options_.is_low_power) {
    return WorldTime::max();
  }
  return limit == 0 || app.wakes.size() < limit ? WorldTime::min()
                                                : forgotten_at(app.wakes.front());
}

/// Keeps as many wakes as the budget has, so that the oldest decides about the next.
void Phone::count_wake(Installation& app, WorldTime now) const {
  app.wakes.push_back(now);
  if (app.wakes.size() > options_.background_per_hour) {
    app.wakes.erase(app.wakes.begin());
  }
}

/// With a connection: what becomes of it now.
PushResult Phone::attempt(const Kept& kept, WorldTime now, DeliverySink& sink) {
  Installation* app = find_app(kept.bundle_id);
  if (app == nullptr) {
    tell(kept, DeliveryOutcome::Discarded, {"the app is not installed"}, sink);
    return PushResult::AppIsGone;
  }
  const Push& push = kept.push;
  if (!app->is_registered) {
    tell(kept, DeliveryOutcome::Discarded,
         {fmt::format("{} is not registered for remote notifications", kept.bundle_id)}, sink);
  } else if (push.payload.is_background() && push.priority && !is_patient(push)) {
    tell(kept, DeliveryOutcome::Discarded,
         {"priority 10 is not for a payload with only content-available"}, sink);
  } else {
    deliver(kept, *app, now, sink);
  }
  return PushResult::Taken;
}

/// On the phone of an app that is registered.
void Phone::deliver(const Kept& kept, Installation& app, WorldTime now, DeliverySink& sink) {
  Presentation result = present(
      kept.push.payload, AppView{kept.bundle_id, app.state, app.settings, options_.is_low_power});
  if (result.fate == Presentation::Fate::Deferred) {
    keep(held_, kept, "the phone is in low power mode", now, sink);
    return;
  }
  if (result.woke_app && kept.push.payload.is_background()) {
    forget_wakes_ahead(app, now);
    if (next_turn(app) > now) {
      keep(held_, kept,
           fmt::format("{} background pushes woke the app within the hour",
                       options_.background_per_hour),
           now, sink);
      return;
    }
    count_wake(app, now);
  }
  if (result.fate == Presentation::Fate::Discarded) {
    tell(kept, DeliveryOutcome::Discarded, std::move(result.why), sink);
    return;
  }
  put_on_screen(kept.push, app, result.shown, result.why);
  sink.delivered(Delivery{DeliveryOutcome::Delivered, kept.push.of, kept.push.device_token,
                          kept.push.environment, options_.name, kept.bundle_id,
                          std::move(result.shown), std::move(result.why)});
}

void Phone::put_on_screen(const Push& push, Installation& app, const Shown& shown,
                          std::vector<std::string>& why) const {
  if (shown.place != "lock-screen") {
    return;
  }
  app.badge = shown.badge.value_or(app.badge);
  if (shown.title.empty() && shown.subtitle.empty() && shown.body.empty()) {
    return;
  }
  if (!push.collapse_id.empty()) {
    const auto same = std::ranges::find(app.notices, push.collapse_id, &Notice::collapse_id);
    if (same != app.notices.end()) {
      why.push_back(fmt::format("takes the place of {}: the same collapse id", same->of));
      app.notices.erase(same);
    }
  }
  if (app.notices.size() >= kMaxNotices) {
    app.notices.erase(app.notices.begin());
  }
  app.notices.push_back(Notice{push.of, shown, push.collapse_id, push.payload.thread_id});
}

void Phone::keep(KeptList& list, Kept kept, std::string_view reason, WorldTime now,
                 DeliverySink& sink) {
  if (is_now_or_never(kept.push)) {
    tell(kept, DeliveryOutcome::Discarded,
         {fmt::format("{}, and expiration 0 is not stored", reason)}, sink);
    return;
  }
  if (kept.expires_at <= now) {
    tell(kept, DeliveryOutcome::Expired, {fmt::format("{}, and it has expired", reason)}, sink);
    return;
  }
  const auto older = std::ranges::find(list, kept.bundle_id, &Kept::bundle_id);
  if (older != list.end()) {
    tell(*older, DeliveryOutcome::Replaced,
         {fmt::format("a newer one (seq {}) took its place: one is kept per app and phone",
                      kept.push.of)},
         sink);
    list.erase(older);
  } else if (list.size() >= kMaxStored) {
    tell(list.front(), DeliveryOutcome::Discarded,
         {fmt::format("more than {} apps have one stored for this phone", kMaxStored)}, sink);
    list.erase(list.begin());
  }
  tell(kept, DeliveryOutcome::Stored, {std::string(reason)}, sink);
  list.push_back(std::move(kept));
}

/// Tries all that is stored, oldest first. What waits for power goes on doing so unless the phone
/// is awake, by itself or for one of these.
void Phone::forward_stored(bool is_awake, WorldTime now, DeliverySink& sink) {
  const KeptList due = std::exchange(stored_, {});
  const bool is_woken = is_awake || std::ranges::any_of(due, [&](const Kept& kept) {
                          return wakes_phone(kept.push);
                        });
  for (const Kept& kept : due) {
    if (waits_for_power(kept.push) && !is_woken) {
      stored_.push_back(kept);
    } else if (attempt(kept, now, sink) == PushResult::AppIsGone) {
      sink.app_is_gone(kept.bundle_id, kept.push.device_token, kept.push.of);
    }
  }
}

/// Tries all that is held and whose turn has come.
void Phone::deliver_held(WorldTime now, DeliverySink& sink) {
  const KeptList held = std::exchange(held_, {});
  for (const Kept& kept : held) {
    Installation* app = find_app(kept.bundle_id);
    if (app != nullptr) {
      forget_wakes_ahead(*app, now);
    }
    if (app != nullptr && next_turn(*app) <= now) {
      deliver(kept, *app, now, sink);
    } else {
      held_.push_back(kept);
    }
  }
}

void Phone::discard_held(std::string_view bundle_id, std::string_view reason, DeliverySink& sink) {
  const auto held = std::ranges::find(held_, bundle_id, &Kept::bundle_id);
  if (held != held_.end()) {
    tell(*held, DeliveryOutcome::Discarded, {std::string(reason)}, sink);
    held_.erase(held);
  }
}

void Phone::expire(KeptList& list, WorldTime now, DeliverySink& sink) {
  const auto begin = std::stable_partition(list.begin(), list.end(),
                                           [&](const Kept& kept) { return kept.expires_at > now; });
  for (auto expired = begin; expired != list.end(); ++expired) {
    tell(*expired, DeliveryOutcome::Expired, {"it could not be delivered in time"}, sink);
  }
  list.erase(begin, list.end());
}

void Phone::tell(const Kept& kept, DeliveryOutcome outcome, std::vector<std::string> why,
                 DeliverySink& sink) const {
  sink.delivered(Delivery{outcome, kept.push.of, kept.push.device_token, kept.push.environment,
                          options_.name, kept.bundle_id, std::nullopt, std::move(why)});
}

}  // namespace apns::mock
