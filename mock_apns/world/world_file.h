#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "apns/model/device_token.h"
#include "apns/model/environment.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/world/phone.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

/// An app on a phone of a world file.
struct AppPlan {
  Installation installation;
  bool registered = true;                   // it has asked for a device token
  std::optional<DeviceToken> device_token;  // absent: one is drawn
};

struct PhonePlan {
  PhoneOptions options;
  std::vector<AppPlan> apps;
};

/// Device tokens without phones.
struct TokenPlan {
  std::string bundle_id;
  Environment environment = Environment::Production;
  std::vector<DeviceToken> device_tokens;
  std::uint64_t count = 0;  // so many more, drawn
};

/// What a world file, `--world` and a scenario's `world` say; docs/world.md. A plan, so that the
/// same file can be carried out any number of times.
struct WorldPlan {
  std::optional<bool> open;  // absent: the command's default
  std::vector<PhonePlan> devices;
  std::vector<TokenPlan> device_tokens;
  std::vector<FaultRule> faults;
};

/// Throws json::Error with file, line and column: an unknown key, a wrong type, a name or a device
/// token that is used twice, an app that is registered without the entitlement.
[[nodiscard]] WorldPlan read_world(const json::Value& value);

/// The kinds of objects in a world file with their keys, for schemas and tests.
[[nodiscard]] std::vector<json::ObjectKeys> world_format();

/// Makes what the plan says. Throws WorldError.
void carry_out(const WorldPlan& plan, World& world, unsigned ring);

}  // namespace apns::mock
