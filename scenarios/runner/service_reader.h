#pragma once

#include <vector>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "mock_apns/fault_rule.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// Reads a scenario's `service`; its protocol is known by then. Throws json::Error.
void read_service(const json::Value& value, Scenario& scenario);

/// Rules behind those that are there; one without a name gets one.
void add_faults(std::vector<mock::FaultRule> faults, Scenario& scenario);

/// The objects with their keys, for the schema and its test.
[[nodiscard]] std::vector<json::ObjectKeys> service_format();

}  // namespace apns::scenarios
