#pragma once

#include <span>
#include <string>
#include <vector>

#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// The scenarios that `patterns` name, in the order of the program's own, each once; no pattern:
/// all of them. A pattern is a glob over ids, or, if it ends in ".json", a file on disk, which
/// comes where it stands.
///
/// Throws json::Error for a file with mistakes, std::runtime_error with a full sentence for one
/// that cannot be read and for a pattern that matches nothing (the nearest id is named).
[[nodiscard]] std::vector<Scenario> find_scenarios(std::span<const std::string> patterns);

}  // namespace apns::scenarios
