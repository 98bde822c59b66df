#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "mock_apns/world/phone.h"
#include "mock_apns/world/world_info.h"

/// What the control API tells of the world. Keys are those of world files, and a few more.
namespace apns::mock::control {

[[nodiscard]] nlohmann::ordered_json to_json(const PhoneInfo& phone);
[[nodiscard]] nlohmann::ordered_json to_json(const AppInfo& app);
[[nodiscard]] nlohmann::ordered_json to_json(const Screen& screen);
[[nodiscard]] nlohmann::ordered_json to_json(const TokenInfo& token, const std::string& hex);

}  // namespace apns::mock::control
