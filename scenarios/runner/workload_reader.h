#pragma once

#include <vector>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// Reads the steps of a scenario into its workload, notifications and client options. What the
/// scenario says of hosts has been read before. Throws json::Error as load_scenario does.
void read_workload(const json::Value& workload, Scenario& scenario);

/// The objects that it reads.
[[nodiscard]] std::vector<json::ObjectKeys> workload_format();

}  // namespace apns::scenarios
