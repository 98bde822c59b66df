#pragma once

#include <nlohmann/json.hpp>

#include "mock_apns/world/team_file.h"

namespace apns::mock {

/// As read_team() reads it.
[[nodiscard]] nlohmann::ordered_json to_json(const TeamPlan& team);
/// As it stands in a team; the team's id is not in it.
[[nodiscard]] nlohmann::ordered_json to_json(const KeyPlan& key);

}  // namespace apns::mock
