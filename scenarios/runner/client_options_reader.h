#pragma once

#include <vector>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// Reads the step `options` into the client's of the scenario's protocol. Throws json::Error.
void read_client_options(const json::Value& value, Scenario& scenario);

/// The objects with their keys, for the schema and its test.
[[nodiscard]] std::vector<json::ObjectKeys> client_options_format();

}  // namespace apns::scenarios
