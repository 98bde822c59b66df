#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "mock_apns/world/payload.h"
#include "mock_apns/world/presentation.h"

namespace apns::mock {

/// One Live Activity on a phone's screen.
struct LiveActivity {
  enum class State : std::uint8_t { Active, Stale, Ended };

  std::string bundle_id;
  std::string id;                                        // unique in its app
  std::string attributes_type;                           // empty: not known
  std::string content_state;                             // JSON; empty: not known
  std::optional<std::int64_t> timestamp = std::nullopt;  // of its content, as sent
  std::optional<double> relevance_score = std::nullopt;
  State state = State::Active;
  WorldTime ends_at{};                      // at the latest; when it ended
  WorldTime stale_at = WorldTime::max();    // unless updated
  WorldTime removed_at = WorldTime::max();  // from the screen; Ended only
};

/// "active", "stale", "ended".
[[nodiscard]] std::string_view to_string(LiveActivity::State state);

/// What a push did to a Live Activity.
struct ActivityChange {
  Presentation presentation;
  std::string activity = {};  // which; empty: none
  bool has_started = false;
  bool has_ended = false;
};

/// The Live Activities of a phone: a value that is passed the time.
///
///   start              runs for kActiveFor, then the system ends it
///   update             shows another content, unless it is older than what is shown
///   stale-date passes  stale, until the next update
///   end                stays on the lock screen until its dismissal-date, kShownFor at most
///
/// Sources: "Starting and updating Live Activities with ActivityKit push notifications";
/// "Displaying live data with Live Activities" (eight hours, and four more on the lock screen).
class LiveActivities {
 public:
  /// That run at once, and as many more that have ended. iOS has such a limit
  /// (ActivityAuthorizationError.targetMaximumExceeded) and names no number: this one is our
  /// choice.
  static constexpr std::size_t kMaxPerApp = 5;
  static constexpr std::chrono::hours kActiveFor{8};
  static constexpr std::chrono::hours kShownFor{4};

  /// In the order of starting.
  [[nodiscard]] const std::vector<LiveActivity>& all() const { return all_; }

  /// Null: none of this id runs. Valid until the next call that is not const.
  [[nodiscard]] const LiveActivity* find(std::string_view bundle_id, std::string_view id) const;

  /// Whether one of this id may be started, or runs.
  [[nodiscard]] bool has_room_for(std::string_view bundle_id, std::string_view id) const;

  /// The app starts one. Of an id that runs: that one goes on. False: kMaxPerApp run.
  bool start(std::string_view bundle_id, std::string_view id, WorldTime now);

  /// A push to the token that starts one.
  [[nodiscard]] ActivityChange start_by_push(const Payload& payload, const AppView& app,
                                             WorldTime now);

  /// A push to the token of one.
  [[nodiscard]] ActivityChange update_by_push(std::string_view id, const Payload& payload,
                                              const AppView& app, WorldTime now);

  /// The app, or the phone's owner, ends it and takes it off the screen. False: none of this id
  /// runs.
  bool end(std::string_view bundle_id, std::string_view id);

  void remove_app(std::string_view bundle_id);

  /// When on_time() has something to do next; WorldTime::max(): nothing.
  [[nodiscard]] WorldTime deadline() const;

  /// Does what is due. Those that the system has ended by now.
  std::vector<LiveActivity> on_time(WorldTime now);

 private:
  [[nodiscard]] LiveActivity* find_running(std::string_view bundle_id, std::string_view id);
  [[nodiscard]] std::size_t count(std::string_view bundle_id, bool that_ended) const;
  [[nodiscard]] std::string make_id(std::string_view bundle_id);
  void end_one(LiveActivity& activity, WorldTime ended_at, WorldTime removed_at);
  void remove_gone(WorldTime now);
  /// Of those that have ended the oldest go.
  void keep_few(std::string_view bundle_id);

  std::vector<LiveActivity> all_;
  std::uint64_t num_made_ = 0;  // ids
};

}  // namespace apns::mock
