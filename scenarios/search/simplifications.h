#pragma once

#include <cstddef>
#include <optional>

#include "scenarios/runner/scenario.h"

namespace apns::scenarios::search {

/// The scenario with one thing nearer to its default: an option, a key of a fault or a link, a
/// notification's payload, a step's time. `index` counts through all that there are, in a fixed
/// order; most change nothing in a given scenario, and what comes may make no sense to the loader.
/// Nullopt: there is none of this index or of a larger one.
[[nodiscard]] std::optional<Scenario> simplified(const Scenario& scenario, std::size_t index);

}  // namespace apns::scenarios::search
