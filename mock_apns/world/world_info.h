#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/device_token.h"
#include "apns/model/environment.h"
#include "mock_apns/world/phone.h"
#include "mock_apns/world/token_table.h"

/// What the world tells about itself: values, as things stood when they were asked for.
namespace apns::mock {

/// A device token that an app has besides its main one.
struct FamilyToken {
  PushFamily family = PushFamily::Voip;
  std::string topic;
  std::string activity;  // liveactivity: whose; empty: it starts them
  std::string channel;   // pushtotalk
  DeviceToken device_token;
  Environment environment = Environment::Production;
};

struct AppInfo {
  std::string bundle_id;
  ProvisioningProfile profile;
  AppState state = AppState::NotRunning;
  AppSettings settings;
  bool is_registered = false;
  // Of its main family: the newest; absent: it has never asked for one, or wants none any more.
  std::optional<DeviceToken> device_token = std::nullopt;
  Environment environment = Environment::Production;  // of the token
  std::vector<FamilyToken> families = {};             // in the order of families
};

struct PhoneInfo {
  PhoneOptions options;
  std::vector<AppInfo> apps;  // by bundle id
};

struct TokenInfo {
  TokenState state = TokenState::Registered;
  std::string topic = {};  // empty: of a trusted one, which fits every app
  PushFamily family = PushFamily::Alert;
  std::string activity = {};  // the Live Activity that it is for
  Environment environment = Environment::Production;
  std::string device = {};                        // the phone's name; empty: nobody looks at it
  std::optional<WorldTime> since = std::nullopt;  // when it became Inactive, Replaced or Expired
  bool is_trusted = false;
  bool is_listed = false;  // a feedback list has it

  [[nodiscard]] bool operator==(const TokenInfo&) const = default;
};

/// "registered", "app-gone", "inactive", "replaced", "expired".
[[nodiscard]] std::string_view to_string(TokenState state);

}  // namespace apns::mock
