#pragma once

#include <string>

#include "mock_apns/world/world_file.h"

namespace apns::mock {

/// The plan as a world file, of several lines. read_world(json::parse(write_world(plan))) is the
/// plan again, if it is one that read_world could have made.
[[nodiscard]] std::string write_world(const WorldPlan& plan);

}  // namespace apns::mock
