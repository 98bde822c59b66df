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
#include "apns/model/device_token.h"
#include "apns/model/environment.h"
#include "mock_apns/shown.h"
#include "mock_apns/world/payload.h"
#include "mock_apns/world/presentation.h"

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
namespace apns::mock {

/// What a provisioning profile lets an app do: its "aps-environment" entitlement.
enum class ApsEnvironment : std::uint8_t { None, Development, Production };

/// "none", "development", "production".
[[nodiscard]] std::string_view to_string(ApsEnvironment environment);

struct ProvisioningProfile {
  std::string name;
  std::string bundle_id;  // of one app; "com.example.*" and "*" fit several and carry no push
  ApsEnvironment aps_environment = ApsEnvironment::Production;

  [[nodiscard]] bool operator==(const ProvisioningProfile&) const = default;
};

/// Whether an app may be installed with it.
[[nodiscard]] bool fits(const ProvisioningProfile& profile, std::string_view bundle_id);

enum class InstallError : std::uint8_t {
  ProfileOfOtherApp,  // the profile's bundle id does not fit the app's
  PhoneIsFull,        // Phone::kMaxInstallations
};

enum class RegistrationError : std::uint8_t {
  NotInstalled,
  NoEntitlement,  // iOS: error 3000 of NSCocoaErrorDomain
};

/// As the app gets to read it: "no valid 'aps-environment' entitlement string found for
/// application".
[[nodiscard]] std::string_view to_string(RegistrationError error);

/// What stands in the notification centre.
struct Notice {
  std::uint64_t of = 0;  // Push::of
  Shown shown;
  std::string collapse_id;
  std::string thread_id;
};

/// An app on the phone.
struct Installation {
  ProvisioningProfile profile;
  AppState state = AppState::NotRunning;
  AppSettings settings;
  bool is_registered = false;   // for remote notifications
  std::int64_t badge = 0;       // 0: none
  std::vector<Notice> notices;  // oldest first; at most Phone::kMaxNotices, the oldest fall out
  // When it was woken by background pushes: the ones that count now, oldest first.
  std::vector<WorldTime> wakes;
};

/// An accepted notification on its way to the phone.
struct Push {
  std::uint64_t of = 0;  // the ledger's seq of its notification
  DeviceToken device_token;
  Environment environment = Environment::Production;  // of the device token
  Payload payload = {};                               // read once, by the caller's PayloadReader
  // UNIX seconds. 0 or less: not stored. In the past, this second included: one attempt, not stored
  // (our choice). Absent, or later than that: Phone::kStoredFor from now.
  std::optional<std::int64_t> expiration = std::nullopt;
  // 10; 5 or 1: when power allows. Absent: 10, but a background push passes (our choice: the simple
  // format has no priority, and Newsstand was served by it).
  std::optional<std::uint8_t> priority = std::nullopt;
  std::string collapse_id = {};
};

enum class DeliveryOutcome : std::uint8_t { Delivered, Stored, Replaced, Expired, Discarded };

/// As the ledger has it: "delivered".
[[nodiscard]] std::string_view to_string(DeliveryOutcome outcome);

/// One thing that happened to a notification behind the gateway.
struct Delivery {
  DeliveryOutcome outcome = DeliveryOutcome::Delivered;
  std::uint64_t of = 0;
  DeviceToken device_token;
  Environment environment = Environment::Production;  // of the device token
  std::string device;                                 // the phone's name
  std::string bundle_id;
  std::optional<Shown> shown;  // Delivered only
  std::vector<std::string> why;
};

/// Called from within the Phone's functions; it must not call the Phone.
class DeliverySink {
 public:
  virtual ~DeliverySink() = default;

  virtual void delivered(const Delivery& delivery) = 0;

  /// A stored notification found that its app is gone: what push() says of one that was not stored.
  virtual void app_is_gone(std::string_view bundle_id, const DeviceToken& device_token,
                           std::uint64_t of) = 0;
};

enum class PushResult : std::uint8_t {
  Taken,      // the sink was told what became of it
  AppIsGone,  // it was, and the service now knows that the app is not on the phone
};

struct PhoneOptions {
  std::string name = "phone";
  bool is_online = true;
  bool is_low_power = false;
  // Background pushes that wake one app within an hour, counted afresh from midnight UTC; further
  // ones are held. Apple speaks of two or three an hour and of a budget per day; the numbers are
  // our choice. 0: no limit, as when an app runs from Xcode.
  std::size_t background_per_hour = 3;
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
  };

  std::vector<App> apps;
};

class Phone {
 public:
  static constexpr std::size_t kMaxInstallations = 256;
  static constexpr std::size_t kMaxNotices = 100;
  // Stored notifications, one per app. One more discards the oldest.
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

  /// What an app calls when it starts. The environment is that of its profile, whatever the
  /// provider believes.
  [[nodiscard]] Result<Environment, RegistrationError> register_for_remote_notifications(
      std::string_view bundle_id, WorldTime now, DeliverySink& sink);

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
  [[nodiscard]] bool waits_for_power(const Push& push) const;
  [[nodiscard]] bool wakes_phone(const Push& push) const;
  [[nodiscard]] WorldTime next_turn(const Installation& app) const;
  void count_wake(Installation& app, WorldTime now) const;

  PushResult attempt(const Kept& kept, WorldTime now, DeliverySink& sink);
  void deliver(const Kept& kept, Installation& app, WorldTime now, DeliverySink& sink);
  void put_on_screen(const Push& push, Installation& app, const Shown& shown,
                     std::vector<std::string>& why) const;
  void keep(KeptList& list, Kept kept, std::string_view reason, WorldTime now, DeliverySink& sink);
  void forward_stored(bool is_awake, WorldTime now, DeliverySink& sink);
  void deliver_held(WorldTime now, DeliverySink& sink);
  void discard_held(std::string_view bundle_id, std::string_view reason, DeliverySink& sink);
  void expire(KeptList& list, WorldTime now, DeliverySink& sink);
  void tell(const Kept& kept, DeliveryOutcome outcome, std::vector<std::string> why,
            DeliverySink& sink) const;

  PhoneOptions options_;
  bool has_connection_ = true;  // false: see PhoneOptions::disconnects_with_last_app
  std::map<std::string, Installation, std::less<>> apps_;  // by bundle id; kMaxInstallations
  // With the service: the phone was offline or is short of power. In the order of storing, one per
  // app, kMaxStored.
  KeptList stored_;
  // On the phone: background pushes that wait for power, budget or a launch. One per installed app.
  KeptList held_;
};

}  // namespace apns::mock
