#pragma once

#include <string>

#include "mock_apns/world/world_file.h"

namespace apns::cli {

/// Throws std::runtime_error or json::Error: the file is not there, or what is wrong in it.
[[nodiscard]] mock::WorldPlan load_world(const std::string& file);

}  // namespace apns::cli
