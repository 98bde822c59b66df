#pragma once

#include <string>
#include <vector>

#include "scenarios/deviations/deviation.h"

namespace apns::cli {

/// Throws std::runtime_error with the nearest name when there is none of this one.
[[nodiscard]] const scenarios::Deviation& require_deviation(const std::string& name);

[[nodiscard]] std::vector<std::string> deviation_names();

/// `check --deviations`: makes the built-in provider deviate in each way, and prints by what that
/// is found. Returns the exit code: 1 when one is found by nothing.
[[nodiscard]] int hunt_deviations();

}  // namespace apns::cli
