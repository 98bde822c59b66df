#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/environment.h"
#include "apns/model/push_family.h"
#include "mock_apns/shown.h"
#include "mock_apns/world/presentation.h"
#include "mock_apns/world/push_budget.h"

/// An app on a phone, and what lets it register.
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

/// Whether an app may register with it. The other capabilities that some families want besides
/// (location pushes, Push to Talk) are not looked at (our choice).
[[nodiscard]] bool has_entitlement(const ProvisioningProfile& profile);

/// Of the device tokens that its app gets.
[[nodiscard]] Environment environment_of(const ProvisioningProfile& profile);

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
  PushFamilySet registered;     // with the service
  std::string channel;          // of Push to Talk, that is joined; empty: none
  std::int64_t badge = 0;       // 0: none
  std::vector<Notice> notices;  // oldest first; at most Phone::kMaxNotices, the oldest fall out
  HourlyBudget wakes;           // by background pushes
  HourlyBudget activity_pushes;
  DailyBudget complication_pushes;
  DailyBudget widget_reloads;
  DailyBudget control_reloads;

  /// After the clock was set back.
  void forget_what_is_ahead(WorldTime now);
};

}  // namespace apns::mock
