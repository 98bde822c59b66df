#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "mock_apns/world/family_presentation.h"
#include "mock_apns/world/phone.h"

// A push on its way: now, later or never.
namespace apns::mock {

namespace {

WorldTime expiry_of(const Push& push, WorldTime now) {
  const WorldTime latest = now + Phone::kStoredFor;
  if (!push.expiration) {
    return latest;
  }
  // In seconds, where no expiration overflows.
  const auto latest_seconds =
      std::chrono::floor<std::chrono::seconds>(latest).time_since_epoch().count();
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

/// Do they wait in the same place?
bool is_same_kind(const Push& one, const Push& other) {
  return one.family == other.family && one.activity == other.activity;
}

/// Why the app is not there for a push to this device token; empty: it is.
std::string why_not_registered(std::string_view bundle_id, const Installation& app,
                               const Push& push) {
  // Whether a Live Activity runs, or a channel is joined, is seen when it arrives.
  if (app.registered.has(push.family) || push.activity || push.family == PushFamily::PushToTalk) {
    return {};
  }
  return push.family == PushFamily::Alert
             ? fmt::format("{} is not registered for remote notifications", bundle_id)
             : fmt::format("{} is not registered for {} pushes", bundle_id, to_string(push.family));
}

/// Source: malliina/mobile-push#19, rpush/rpush#596 (observed: accepted, and dropped).
std::string why_of_other_type(const Push& push) {
  return push.push_type && family_of(*push.push_type) != push.family
             ? fmt::format("push type {} is not for a device token of {}",
                           row_of(*push.push_type).name, to_string(push.family))
             : std::string();
}

}  // namespace

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
  WorldTime earliest = activities_.deadline();
  for (const Kept& stored : stored_) {
    earliest = std::min(earliest, stored.expires_at);
  }
  for (const Kept& held : held_) {
    const Installation* app = find(held.bundle_id);
    earliest = std::min(
        {earliest, held.expires_at, app ? next_turn(*app, held.push.family) : WorldTime::max()});
  }
  return earliest;
}

void Phone::on_time(WorldTime now, DeliverySink& sink) {
  for (const LiveActivity& ended : activities_.on_time(now)) {
    sink.activity_ended(ended.bundle_id, ended.id);
  }
  expire(stored_, now, sink);
  expire(held_, now, sink);
  deliver_held(now, sink);
}

/// The phone is asleep, and this is not worth waking it.
bool Phone::waits_for_power(const Push& push) const {
  return options_.is_low_power && is_patient(push) && !push.is_background();
}

/// It is awake for this one, so what waited for power comes along.
bool Phone::wakes_phone(const Push& push) const {
  return options_.is_low_power && !is_patient(push) && !push.is_background();
}

/// When a background push may run the app, or widgets may be reloaded; in the past: now.
WorldTime Phone::next_turn(const Installation& app, PushFamily family) const {
  if (app.state == AppState::Foreground) {
    return WorldTime::min();
  }
  if (options_.is_low_power) {
    return WorldTime::max();
  }
  switch (family) {
    case PushFamily::Widgets:
      return app.widget_reloads.next_turn(options_.reloads_per_day);
    case PushFamily::Controls:
      return app.control_reloads.next_turn(options_.reloads_per_day);
    default:
      return app.wakes.next_turn(options_.background_per_hour);
  }
}

void Phone::count_wake(Installation& app, PushFamily family, WorldTime now) const {
  switch (family) {
    case PushFamily::Widgets:
      return app.widget_reloads.spend(options_.reloads_per_day, now);
    case PushFamily::Controls:
      return app.control_reloads.spend(options_.reloads_per_day, now);
    default:
      return app.wakes.spend(options_.background_per_hour, now);
  }
}

AppView Phone::view_of(std::string_view bundle_id, const Installation& app) const {
  const bool is_in_use = std::ranges::any_of(
      apps_, [](const auto& entry) { return entry.second.state == AppState::Foreground; });
  return AppView{.bundle_id = bundle_id,
                 .state = app.state,
                 .settings = app.settings,
                 .low_power = options_.is_low_power,
                 .phone_in_use = is_in_use,
                 .channel = app.channel};
}

/// With a connection: what becomes of it now.
PushResult Phone::attempt(const Kept& kept, WorldTime now, DeliverySink& sink) {
  Installation* app = find_app(kept.bundle_id);
  if (app == nullptr) {
    tell(kept, DeliveryOutcome::Discarded, {"the app is not installed"}, sink);
    return PushResult::AppIsGone;
  }
  const Push& push = kept.push;
  std::string why = why_not_registered(kept.bundle_id, *app, push);
  if (why.empty()) {
    why = why_of_other_type(push);
  }
  if (why.empty() && push.is_background() && push.priority && !is_patient(push)) {
    why = "priority 10 is not for a payload with only content-available";
  }
  if (!why.empty()) {
    tell(kept, DeliveryOutcome::Discarded, {std::move(why)}, sink);
  } else {
    deliver(kept, *app, now, sink);
  }
  return PushResult::Taken;
}

/// On the phone of an app that is registered.
void Phone::deliver(const Kept& kept, Installation& app, WorldTime now, DeliverySink& sink) {
  app.forget_what_is_ahead(now);
  switch (kept.push.family) {
    case PushFamily::LiveActivity:
      return deliver_activity(kept, app, now, sink);
    case PushFamily::Complication:
      return deliver_complication(kept, app, now, sink);
    default:
      return deliver_waking(kept, app, now, sink);
  }
}

void Phone::deliver_waking(const Kept& kept, Installation& app, WorldTime now, DeliverySink& sink) {
  const Push& push = kept.push;
  const AppView view = view_of(kept.bundle_id, app);
  const bool is_notification = push.family == PushFamily::Alert;
  Presentation result = is_notification ? present(push.payload, view)
                                        : present_for_system(push.family, push.payload, view);
  if (result.fate == Presentation::Fate::Deferred) {
    keep(held_, kept, "the phone is in low power mode", now, sink);
    return;
  }
  if (result.woke_app && (push.is_background() || !is_notification)) {
    if (next_turn(app, push.family) > now) {
      keep(held_, kept,
           is_notification ? fmt::format("{} background pushes woke the app within the hour",
                                         options_.background_per_hour)
                           : fmt::format("its {} were reloaded {} times since midnight UTC",
                                         to_string(push.family), options_.reloads_per_day),
           now, sink);
      return;
    }
    count_wake(app, push.family, now);
  }
  conclude(kept, app, std::move(result), sink);
}

void Phone::deliver_complication(const Kept& kept, Installation& app, WorldTime now,
                                 DeliverySink& sink) {
  const std::size_t limit = options_.complications_per_day;
  if (app.complication_pushes.next_turn(limit) > now) {
    tell(kept, DeliveryOutcome::Discarded,
         {fmt::format("{} complication pushes came since midnight UTC, and no more are delivered",
                      limit)},
         sink);
    return;
  }
  app.complication_pushes.spend(limit, now);
  conclude(
      kept, app,
      present_for_system(PushFamily::Complication, kept.push.payload, view_of(kept.bundle_id, app)),
      sink);
}

void Phone::deliver_activity(const Kept& kept, Installation& app, WorldTime now,
                             DeliverySink& sink) {
  const Push& push = kept.push;
  const std::size_t limit = options_.activity_pushes_per_hour;
  if (!is_patient(push)) {
    if (app.activity_pushes.next_turn(limit) > now) {
      tell(kept, DeliveryOutcome::Discarded,
           {fmt::format("{} Live Activity pushes of priority 10 came within the hour; priority 5 "
                        "costs nothing",
                        limit)},
           sink);
      return;
    }
    app.activity_pushes.spend(limit, now);
  }
  const AppView view = view_of(kept.bundle_id, app);
  ActivityChange change = push.activity
                              ? activities_.update_by_push(*push.activity, push.payload, view, now)
                              : activities_.start_by_push(push.payload, view, now);
  if (change.has_started) {
    sink.activity_started(kept.bundle_id, change.activity);
  }
  if (change.has_ended) {
    sink.activity_ended(kept.bundle_id, change.activity);
  }
  conclude(kept, app, std::move(change.presentation), sink);
}

/// It has reached the phone, and cannot wait.
void Phone::conclude(const Kept& kept, Installation& app, Presentation result, DeliverySink& sink) {
  const Push& push = kept.push;
  if (result.fate == Presentation::Fate::Discarded) {
    tell(kept, DeliveryOutcome::Discarded, std::move(result.why), sink);
    return;
  }
  if (push.family == PushFamily::Alert) {
    put_on_screen(push, app, result.shown, result.why);
  }
  sink.delivered(Delivery{.outcome = DeliveryOutcome::Delivered,
                          .of = push.of,
                          .device_token = push.device_token,
                          .environment = push.environment,
                          .family = push.family,
                          .device = options_.name,
                          .bundle_id = kept.bundle_id,
                          .shown = std::move(result.shown),
                          .why = std::move(result.why)});
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
  const auto older = std::ranges::find_if(list, [&kept](const Kept& other) {
    return other.bundle_id == kept.bundle_id && is_same_kind(other.push, kept.push);
  });
  if (older != list.end()) {
    const bool is_collapsed =
        !kept.push.collapse_id.empty() && older->push.collapse_id == kept.push.collapse_id;
    tell(*older, DeliveryOutcome::Replaced,
         {fmt::format("a newer one (seq {}) took its place: {}", kept.push.of,
                      is_collapsed ? "the same collapse id" : "one is kept per app and phone")},
         sink);
    list.erase(older);
  } else if (list.size() >= kMaxStored) {
    tell(list.front(), DeliveryOutcome::Discarded,
         {fmt::format("more than {} are stored for this phone", kMaxStored)}, sink);
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
      app->forget_what_is_ahead(now);
    }
    if (app != nullptr && next_turn(*app, kept.push.family) <= now) {
      deliver(kept, *app, now, sink);
    } else {
      held_.push_back(kept);
    }
  }
}

void Phone::discard_held(std::string_view bundle_id, bool background_only, std::string_view reason,
                         DeliverySink& sink) {
  for (const Kept& kept : std::exchange(held_, {})) {
    if (kept.bundle_id == bundle_id && (!background_only || kept.push.is_background())) {
      tell(kept, DeliveryOutcome::Discarded, {std::string(reason)}, sink);
    } else {
      held_.push_back(kept);
    }
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
  sink.delivered(Delivery{.outcome = outcome,
                          .of = kept.push.of,
                          .device_token = kept.push.device_token,
                          .environment = kept.push.environment,
                          .family = kept.push.family,
                          .device = options_.name,
                          .bundle_id = kept.bundle_id,
                          .shown = std::nullopt,
                          .why = std::move(why)});
}

}  // namespace apns::mock
