#pragma once

#include <vector>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// Reads what a scenario expects, which must fit its workload; that has been read before. Throws
/// json::Error as load_scenario does.
void read_expect(const json::Value& expect, Scenario& scenario);

/// The objects that it reads.
[[nodiscard]] std::vector<json::ObjectKeys> expect_format();

}  // namespace apns::scenarios
