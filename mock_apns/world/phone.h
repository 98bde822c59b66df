#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/result.h"
#include "apns/base/time.h"
#include "apns/model/environment.h"
#include "apns/model/push_family.h"
#include "mock_apns/world/delivery.h"
#include "mock_apns/world/installation.h"
#include "mock_apns/world/live_activities.h"

/// A simulated phone, with the part of the service that stores for it and forwards. A value without
/// locks, threads, clock or output: its owner locks, passes the time in, and gets what happened
/// through a DeliverySink. docs/delivery.md says the same for users.
///
///   online                         push 1: delivered 1
///   offline, then online           push 1: stored 1; push 2: replaced 1, stored 2; online:
///                                  delivered 2
///   offline, expiration 0          push 1: discarded 1
///   offline until it has expired   push 1: stored 1; on_time at deadline(): expired 1
///   app deleted, online            push 1: discarded 1, and push() returns AppIsGone
///   app deleted, offline           push 1: stored 1; online: discarded 1, app_is_gone
///   Live Activity started          push 1: delivered 1, activity_started; push 2, which ends it:
///                                  activity_ended, delivered 2
namespace apns::mock {

struct PhoneOptions {
  std::string name = "phone";
  bool is_online = true;
  bool is_low_power = false;
  // Background pushes that wake one app within an hour, counted afresh from midnight UTC; further
  // ones are held. Apple speaks of two or three an hour and of a budget per day; the numbers are
  // our choice. 0: no limit, as when an app runs from Xcode.
  std::size_t background_per_hour = 3;
  // Complication pushes of one app from midnight to midnight, UTC; further ones are not delivered.
  // Source: PKPushType.complication. 0: no limit.
  std::size_t complications_per_day = 50;
  // Reloads of one app's widgets, and as many of its controls, by pushes from midnight to midnight,
  // UTC; further ones are held. Apple speaks of 40 to 70 for a widget that is often looked at
  // ("Keeping a widget up to date"), and of controls not at all: our choice. 0: no limit.
  std::size_t reloads_per_day = 70;
  // Pushes of priority 10 to the Live Activities of one app within an hour, counted as background
  // pushes are; further ones are lost. Apple speaks of a budget and names no number, so that there
  // is no limit: 0.
  std::size_t activity_pushes_per_hour = 0;
  // When the last app that is registered is deleted, the phone gives up its connection to the
  // service before it has told of it: nothing reaches it, and the service hears of no missing app,
  // until an app registers again. Source: Technical Note TN2265.
  bool disconnects_with_last_app = false;

  [[nodiscard]] bool operator==(const PhoneOptions&) const = default;
};

/// What is to be seen on one phone, per app, ordered by bundle id.
struct Screen {
  struct App {
    std::string bundle_id;
    AppState state = AppState::NotRunning;
    std::int64_t badge = 0;
    std::vector<Notice> notices;
    // Those that are in front first: by relevance score, then by age.
    std::vector<LiveActivity> activities;
  };

  std::vector<App> apps;
};

class Phone {
 public:
  static constexpr std::size_t kMaxInstallations = 256;
  static constexpr std::size_t kMaxNotices = 100;
  // Stored notifications, one per app and family and Live Activity. One more discards the oldest.
  static constexpr std::size_t kMaxStored = 256;
  static constexpr std::chrono::days kStoredFor{30};

  explicit Phone(PhoneOptions options);

  [[nodiscard]] const PhoneOptions& options() const { return options_; }

  [[nodiscard]] bool is_online() const { return options_.is_online; }

  [[nodiscard]] bool is_low_power() const { return options_.is_low_power; }

  // ---- Its apps ----

  /// Installs an app, or updates it: then its state, settings and what it shows stay, and so does
  /// its registration unless the new profile has no entitlement. Nullopt: done.
  std::optional<InstallError> install(std::string_view bundle_id, ProvisioningProfile profile);

  /// Deletes the app with all that it shows and all that the phone holds for it. What the service
  /// has stored for it stays stored. False: there is none.
  bool uninstall(std::string_view bundle_id, WorldTime now, DeliverySink& sink);

  /// Whether an app may have device tokens at all. The environment is that of its profile, whatever
  /// the provider believes.
  [[nodiscard]] Result<Environment, RegistrationError> may_register(
      std::string_view bundle_id) const;

  /// What an app calls when it starts, for each family that it wants.
  [[nodiscard]] Result<Environment, RegistrationError> register_for(std::string_view bundle_id,
                                                                    PushFamily family,
                                                                    WorldTime now,
                                                                    DeliverySink& sink);

  /// The app wants no more of them. False: it was not registered. PushToTalk: its channel is left.
  bool unregister_from(std::string_view bundle_id, PushFamily family);

  /// The app joins a Push to Talk channel, and leaves the one before. False: there is no such app.
  bool join_channel(std::string_view bundle_id, std::string_view channel);

  /// The app that has joined a channel, of which there is one on a phone; empty: none. Source:
  /// PTChannelManager.requestJoinChannel.
  [[nodiscard]] std::string_view app_in_channel() const;

  /// The app starts a Live Activity; of an id that runs, that one goes on. False: there is no such
  /// app, or LiveActivities::has_room_for says no.
  bool start_activity(std::string_view bundle_id, std::string_view activity, WorldTime now,
                      DeliverySink& sink);

  /// The app, or the phone's owner, ends one and takes it off the screen. False: it does not run.
  bool end_activity(std::string_view bundle_id, std::string_view activity, WorldTime now,
                    DeliverySink& sink);

  [[nodiscard]] const LiveActivities& activities() const { return activities_; }

  /// False: there is no such app. Foreground is launch(); ForceQuit discards what is held for it.
  bool set_state(std::string_view bundle_id, AppState state, WorldTime now, DeliverySink& sink);
  bool set_settings(std::string_view bundle_id, const AppSettings& settings);

  /// The app comes to the foreground and gets the background push that was held for it.
  bool launch(std::string_view bundle_id, WorldTime now, DeliverySink& sink) {
    return set_state(bundle_id, AppState::Foreground, now, sink);
  }

  /// By bundle id. Valid until the next call that is not const.
  [[nodiscard]] const std::map<std::string, Installation, std::less<>>& apps() const {
    return apps_;
  }

  /// Null: there is none. Valid until the next call that is not const.
  [[nodiscard]] const Installation* find(std::string_view bundle_id) const;

  // ---- The phone ----

  void set_online(bool is_online, WorldTime now, DeliverySink& sink);
  void set_low_power(bool is_low_power, WorldTime now, DeliverySink& sink);
  [[nodiscard]] Screen screen() const;

  /// The phone is no more: what is stored and held for it is discarded.
  void give_up(std::string_view reason, DeliverySink& sink);

  // ---- Notifications ----

  PushResult push(std::string_view bundle_id, Push push, WorldTime now, DeliverySink& sink);

  /// When on_time() has something to do next; WorldTime::max(): nothing.
  [[nodiscard]] WorldTime deadline() const;

  /// Ends what has expired and gives out what may be given out again. Every function that takes the
  /// time does this first.
  void on_time(WorldTime now, DeliverySink& sink);

 private:
  struct Kept {
    std::string bundle_id;
    Push push;
    WorldTime expires_at;
  };

  using KeptList = std::vector<Kept>;

  [[nodiscard]] bool is_reachable() const { return options_.is_online && has_connection_; }

  [[nodiscard]] Installation* find_app(std::string_view bundle_id);
  [[nodiscard]] AppView view_of(std::string_view bundle_id, const Installation& app) const;
  [[nodiscard]] bool waits_for_power(const Push& push) const;
  [[nodiscard]] bool wakes_phone(const Push& push) const;
  [[nodiscard]] WorldTime next_turn(const Installation& app, PushFamily family) const;
  void count_wake(Installation& app, PushFamily family, WorldTime now) const;

  PushResult attempt(const Kept& kept, WorldTime now, DeliverySink& sink);
  void deliver(const Kept& kept, Installation& app, WorldTime now, DeliverySink& sink);
  void deliver_waking(const Kept& kept, Installation& app, WorldTime now, DeliverySink& sink);
  void deliver_complication(const Kept& kept, Installation& app, WorldTime now, DeliverySink& sink);
  void deliver_activity(const Kept& kept, Installation& app, WorldTime now, DeliverySink& sink);
  void conclude(const Kept& kept, Installation& app, Presentation result, DeliverySink& sink);
  void put_on_screen(const Push& push, Installation& app, const Shown& shown,
                     std::vector<std::string>& why) const;
  void keep(KeptList& list, Kept kept, std::string_view reason, WorldTime now, DeliverySink& sink);
  void forward_stored(bool is_awake, WorldTime now, DeliverySink& sink);
  void deliver_held(WorldTime now, DeliverySink& sink);
  /// Of all families, or of background pushes only.
  void discard_held(std::string_view bundle_id, bool background_only, std::string_view reason,
                    DeliverySink& sink);
  void expire(KeptList& list, WorldTime now, DeliverySink& sink);
  void tell(const Kept& kept, DeliveryOutcome outcome, std::vector<std::string> why,
            DeliverySink& sink) const;

  PhoneOptions options_;
  bool has_connection_ = true;  // false: see PhoneOptions::disconnects_with_last_app
  std::map<std::string, Installation, std::less<>> apps_;  // by bundle id; kMaxInstallations
  LiveActivities activities_;
  // With the service: the phone was offline or is short of power. In the order of storing, one per
  // app, family and Live Activity, kMaxStored.
  KeptList stored_;
  // On the phone: background pushes, and reloads, that wait for power, budget or a launch. One per
  // installed app and family.
  KeptList held_;
};

}  // namespace apns::mock
