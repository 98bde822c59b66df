#include "mock_apns/world/live_activities.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "apns/base/rfc3339.h"

namespace apns::mock {

namespace {

using State = LiveActivity::State;

ActivityChange nothing(std::string why) {
  ActivityChange change;
  change.presentation.shown.place = "nothing";
  change.presentation.why.push_back(std::move(why));
  return change;
}

WorldTime time_of(std::int64_t seconds) {
  return WorldTime(std::chrono::seconds(seconds));
}

/// Why the device takes no content of this kind; empty: it does.
std::string why_incomplete(const Payload& payload) {
  if (!payload.activity) {
    return "nothing shown: aps has no event";
  }
  const Payload::Activity& content = *payload.activity;
  if (!content.timestamp) {
    return "nothing shown: a Live Activity's aps needs timestamp";
  }
  if (content.content_state.empty() && content.event != "end") {
    return fmt::format("nothing shown: event {} needs content-state", content.event);
  }
  return {};
}

std::string why_no_start(const Payload& payload) {
  if (std::string incomplete = why_incomplete(payload); !incomplete.empty()) {
    return incomplete;
  }
  const Payload::Activity& content = *payload.activity;
  if (content.event != "start") {
    return "nothing shown: this device token takes event start only, and each Live Activity has "
           "another for its updates";
  }
  if (content.attributes_type.empty() || !content.has_attributes) {
    return "nothing shown: event start needs attributes-type and attributes";
  }
  return payload.alert ? "" : "nothing shown: event start needs an alert";
}

std::string why_no_update(const Payload& payload, const LiveActivity& activity) {
  if (std::string incomplete = why_incomplete(payload); !incomplete.empty()) {
    return incomplete;
  }
  const Payload::Activity& content = *payload.activity;
  if (content.event != "update" && content.event != "end") {
    return "nothing shown: this device token takes the events update and end";
  }
  return activity.timestamp && *content.timestamp < *activity.timestamp
             ? "nothing shown: its timestamp is older than that of what is shown"
             : "";
}

void take(const Payload& payload, LiveActivity& activity) {
  const Payload::Activity& content = *payload.activity;
  activity.timestamp = content.timestamp;
  if (!content.content_state.empty()) {
    activity.content_state = content.content_state;
  }
  activity.relevance_score =
      payload.relevance_score ? payload.relevance_score : activity.relevance_score;
  activity.state = State::Active;
  activity.stale_at = content.stale_date ? time_of(*content.stale_date) : WorldTime::max();
}

/// An alert lights the screen up, as far as the settings allow.
void add_alert(const Payload& payload, const AppView& app, Presentation& result) {
  if (payload.alert && !app.settings.alerts) {
    result.why.push_back(fmt::format("no alert: alerts are off for {}", app.bundle_id));
  } else if (payload.alert) {
    result.shown.title = payload.alert->title;
    result.shown.subtitle = payload.alert->subtitle;
    result.shown.body = payload.alert->body;
  }
  if (payload.sound && !app.settings.sounds) {
    result.why.push_back(fmt::format("no sound: sounds are off for {}", app.bundle_id));
  } else if (payload.sound) {
    result.shown.sound = payload.sound->name;
  }
}

void show(const Payload& payload, const AppView& app, const LiveActivity& activity,
          Presentation& result) {
  result.shown.place = app.phone_in_use ? "dynamic-island" : "lock-screen";
  result.shown.activity = activity.id;
  result.shown.content_state = activity.content_state;
  add_alert(payload, app, result);
  if (activity.stale_at != WorldTime::max()) {
    result.why.push_back(
        fmt::format("stale from {}, unless it is updated", to_rfc3339(activity.stale_at)));
  }
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::Active:
      return "active";
    case State::Stale:
      return "stale";
    case State::Ended:
      return "ended";
  }
  return {};
}

const LiveActivity* LiveActivities::find(std::string_view bundle_id, std::string_view id) const {
  const auto found = std::ranges::find_if(all_, [&](const LiveActivity& activity) {
    return activity.bundle_id == bundle_id && activity.id == id && activity.state != State::Ended;
  });
  return found == all_.end() ? nullptr : &*found;
}

LiveActivity* LiveActivities::find_running(std::string_view bundle_id, std::string_view id) {
  const LiveActivity* found = find(bundle_id, id);
  return found == nullptr ? nullptr : &all_[static_cast<std::size_t>(found - all_.data())];
}

std::size_t LiveActivities::count(std::string_view bundle_id, bool that_ended) const {
  return static_cast<std::size_t>(std::ranges::count_if(all_, [&](const LiveActivity& activity) {
    return activity.bundle_id == bundle_id && (activity.state == State::Ended) == that_ended;
  }));
}

std::string LiveActivities::make_id(std::string_view bundle_id) {
  std::string id;
  const auto is_taken = [&](const LiveActivity& activity) {
    return activity.bundle_id == bundle_id && activity.id == id;
  };
  do {
    id = fmt::format("activity-{}", ++num_made_);
  } while (std::ranges::any_of(all_, is_taken));
  return id;
}

bool LiveActivities::has_room_for(std::string_view bundle_id, std::string_view id) const {
  return find(bundle_id, id) != nullptr || count(bundle_id, false) < kMaxPerApp;
}

bool LiveActivities::start(std::string_view bundle_id, std::string_view id, WorldTime now) {
  if (find(bundle_id, id) != nullptr) {
    return true;
  }
  if (!has_room_for(bundle_id, id)) {
    return false;
  }
  all_.push_back(LiveActivity{.bundle_id = std::string(bundle_id),
                              .id = std::string(id),
                              .attributes_type = {},
                              .content_state = {},
                              .ends_at = now + kActiveFor});
  return true;
}

ActivityChange LiveActivities::start_by_push(const Payload& payload, const AppView& app,
                                             WorldTime now) {
  if (std::string why = why_no_start(payload); !why.empty()) {
    return nothing(std::move(why));
  }
  if (count(app.bundle_id, false) >= kMaxPerApp) {
    return nothing(
        fmt::format("nothing shown: {} has {} Live Activities already", app.bundle_id, kMaxPerApp));
  }
  ActivityChange change;
  change.activity = make_id(app.bundle_id);
  change.has_started = start(app.bundle_id, change.activity, now);
  LiveActivity& activity = all_.back();
  activity.attributes_type = payload.activity->attributes_type;
  take(payload, activity);
  show(payload, app, activity, change.presentation);
  change.presentation.why.emplace_back("started: its updates go to a device token of its own");
  return change;
}

ActivityChange LiveActivities::update_by_push(std::string_view id, const Payload& payload,
                                              const AppView& app, WorldTime now) {
  LiveActivity* activity = find_running(app.bundle_id, id);
  if (activity == nullptr) {
    ActivityChange change = nothing("the Live Activity has ended");
    change.presentation.fate = Presentation::Fate::Discarded;
    return change;
  }
  if (std::string why = why_no_update(payload, *activity); !why.empty()) {
    return nothing(std::move(why));
  }
  ActivityChange change;
  change.activity = id;
  take(payload, *activity);
  change.has_ended = payload.activity->event == "end";
  if (!change.has_ended) {
    show(payload, app, *activity, change.presentation);
    return change;
  }
  activity->stale_at = WorldTime::max();
  show(payload, app, *activity, change.presentation);
  const auto dismissal = payload.activity->dismissal_date;
  const WorldTime removed_at = std::clamp<WorldTime>(
      dismissal ? time_of(*dismissal) : WorldTime::max(), now, now + kShownFor);
  change.presentation.why.push_back(
      removed_at <= now ? "ended, and off the screen at once"
                        : fmt::format("ended, and off the screen at {}", to_rfc3339(removed_at)));
  if (removed_at <= now) {
    change.presentation.shown.place = "nothing";
  }
  end_one(*activity, now, removed_at);
  keep_few(app.bundle_id);
  remove_gone(now);
  return change;
}

bool LiveActivities::end(std::string_view bundle_id, std::string_view id) {
  const LiveActivity* found = find(bundle_id, id);
  if (found == nullptr) {
    return false;
  }
  all_.erase(all_.begin() + (found - all_.data()));
  return true;
}

void LiveActivities::remove_app(std::string_view bundle_id) {
  std::erase_if(
      all_, [bundle_id](const LiveActivity& activity) { return activity.bundle_id == bundle_id; });
}

WorldTime LiveActivities::deadline() const {
  WorldTime earliest = WorldTime::max();
  for (const LiveActivity& activity : all_) {
    if (activity.state == State::Active) {
      earliest = std::min(earliest, activity.stale_at);
    }
    earliest =
        std::min(earliest, activity.state == State::Ended ? activity.removed_at : activity.ends_at);
  }
  return earliest;
}

std::vector<LiveActivity> LiveActivities::on_time(WorldTime now) {
  std::vector<LiveActivity> ended;
  for (LiveActivity& activity : all_) {
    if (activity.state == State::Active && activity.stale_at <= now) {
      activity.state = State::Stale;
    }
    if (activity.state != State::Ended && activity.ends_at <= now) {
      end_one(activity, activity.ends_at, activity.ends_at + kShownFor);
      ended.push_back(activity);
    }
  }
  for (const LiveActivity& activity : ended) {
    keep_few(activity.bundle_id);
  }
  remove_gone(now);
  return ended;
}

void LiveActivities::remove_gone(WorldTime now) {
  std::erase_if(all_, [now](const LiveActivity& activity) {
    return activity.state == State::Ended && activity.removed_at <= now;
  });
}

void LiveActivities::end_one(LiveActivity& activity, WorldTime ended_at, WorldTime removed_at) {
  activity.state = State::Ended;
  activity.ends_at = ended_at;
  activity.removed_at = removed_at;
}

void LiveActivities::keep_few(std::string_view bundle_id) {
  for (std::size_t num = count(bundle_id, true); num > kMaxPerApp; --num) {
    all_.erase(std::ranges::min_element(all_, std::ranges::less(), [&](const LiveActivity& one) {
      const bool is_candidate = one.bundle_id == bundle_id && one.state == State::Ended;
      return is_candidate ? one.ends_at : WorldTime::max();
    }));
  }
}

}  // namespace apns::mock
