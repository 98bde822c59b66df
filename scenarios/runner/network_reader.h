#pragma once

#include <vector>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// What LinkOptions may have in a file; more is of no use to any test.
inline constexpr Duration kMaxLatency = std::chrono::minutes(1);
inline constexpr std::int64_t kMaxLinkBytes = std::int64_t{1} << 30;

/// Reads `network` into the scenario. Throws json::Error as load_scenario does.
void read_network(const json::Value& value, Scenario& scenario);

/// The objects that it reads.
[[nodiscard]] std::vector<json::ObjectKeys> network_format();

}  // namespace apns::scenarios
