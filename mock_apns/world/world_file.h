#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "apns/model/device_token.h"
#include "apns/model/environment.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/world/phone.h"
#include "mock_apns/world/team_file.h"
#include "mock_apns/world/world.h"

/// Worlds as people write them: `--world FILE`, and the `world` of a scenario. docs/world.md has
/// the format.
namespace apns::mock {

/// An app on a phone. What is absent stays as it is, or has Phone's default.
struct AppPlan {
  std::string bundle_id;
  std::optional<ProvisioningProfile> profile;  // absent: of this app, for production
  std::optional<AppState> state;
  std::optional<bool> alerts;
  std::optional<bool> badges;
  std::optional<bool> sounds;
  std::optional<bool> background_refresh;
  bool is_registered = true;                // it has asked for a device token
  std::optional<DeviceToken> device_token;  // absent: one is drawn
  std::vector<Registration> families;       // besides its main one

  [[nodiscard]] bool operator==(const AppPlan&) const = default;
};

struct PhonePlan {
  PhoneOptions options;
  std::vector<AppPlan> apps;

  [[nodiscard]] bool operator==(const PhonePlan&) const = default;
};

/// Device tokens without phones.
struct TokenPlan {
  std::string bundle_id;
  Environment environment = Environment::Production;
  PushFamily family = PushFamily::Alert;
  std::vector<DeviceToken> device_tokens;

  [[nodiscard]] bool operator==(const TokenPlan&) const = default;
};

/// A plan, so that one file can be carried out any number of times.
struct WorldPlan {
  std::optional<bool> open;  // absent: as the command has it
  std::vector<PhonePlan> devices;
  std::vector<TokenPlan> device_tokens;
  std::vector<FaultRule> faults;
  std::vector<TeamPlan> teams = {};

  [[nodiscard]] bool operator==(const WorldPlan&) const = default;
};

/// What a phone's owner does: one step of a scenario.
///
///   {"device": "phone", "set": {"online": false}}
///   {"device": "phone", "app": "com.example.app", "set": {"state": "force-quit", "sounds": false}}
///   {"device": "phone", "install": {"bundle_id": "com.example.app"}}
///   {"device": "phone", "uninstall": "com.example.app"}, and so "register" and "launch"
///   {"device": "phone", "register": "com.example.app", "family": "voip"}, and so "unregister"
struct DeviceChange {
  enum class Verb : std::uint8_t {
    SetPhone,
    SetApp,
    Install,
    Uninstall,
    Register,
    Unregister,
    Launch
  };

  Verb verb = Verb::SetPhone;
  std::string device;
  AppPlan app;  // bundle_id for all but SetPhone; the rest for SetApp and Install
  std::optional<bool> online;
  std::optional<bool> low_power;
  Registration registration = {};  // of Register and Unregister
};

/// Each throws json::Error with file, line and column: an unknown key or word, a wrong type, a name
/// or a device token that is there twice, an app whose profile is another app's.
[[nodiscard]] WorldPlan read_world(const json::Value& value);
[[nodiscard]] DeviceChange read_device_change(const json::Value& value);

// The parts, for those who name the rest otherwise, as the control API does by its paths. Each
// throws json::Error.

/// A `device`.
[[nodiscard]] PhonePlan read_phone(const json::Value& value);
/// An `app` without its bundle id.
[[nodiscard]] AppPlan read_installation(const json::Value& value, std::string_view bundle_id);
/// One of an app's `families`, or the main one.
[[nodiscard]] Registration read_registration(const json::Value& value, std::string_view bundle_id);
/// What `set` says of an app, and of a phone.
[[nodiscard]] DeviceChange read_app_set(const json::Value& value, std::string_view device,
                                        std::string_view bundle_id);
[[nodiscard]] DeviceChange read_phone_set(const json::Value& value, std::string_view device);

/// The objects with their keys, for schemas and tests.
[[nodiscard]] std::vector<json::ObjectKeys> world_format();

/// Makes what the plan says; not its faults and teams, which are not the world's. Throws
/// WorldError.
void carry_out(const WorldPlan& plan, World& world, unsigned ring);
/// One more phone with its apps, while the service runs: the ledger tells of it. Throws WorldError,
/// and then the phone is not there, or is removed again.
void carry_out(const PhonePlan& plan, World& world, unsigned ring);
/// Throws WorldError.
void carry_out(const DeviceChange& change, World& world, unsigned ring);

}  // namespace apns::mock
