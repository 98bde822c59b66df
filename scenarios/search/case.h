#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/runner/scenario.h"

namespace apns::scenarios::search {

/// One conversation that the search tries.
struct Case {
  Scenario scenario;  // has its seed, and a network
  HostKind host = HostKind::Memory;

  [[nodiscard]] std::uint64_t seed() const { return *scenario.seed; }
};

/// Gives steps their place and text, as the loader would, and lets every notification end in any
/// way; for a scenario whose workload or options have changed.
void finish_scenario(Scenario& scenario);

/// Names rules that have none as the loader does.
void name_faults(Scenario& scenario);

}  // namespace apns::scenarios::search
