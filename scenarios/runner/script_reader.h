#pragma once

#include <vector>

#include "apns/json/document.h"
#include "apns/json/field_table.h"
#include "mock_apns/fault_action.h"
#include "scenarios/runner/service_script.h"

namespace apns::scenarios {

/// `connections` of a scenario's service: one object for each, without `steps` for one that is
/// served as usual. Throws json::Error.
[[nodiscard]] std::vector<ConnectionScript> read_connections(const json::Value& value);

/// {"max_concurrent_streams": 10}. Throws json::Error.
[[nodiscard]] mock::SettingsFault read_settings(const json::Value& value);

/// The objects with their keys, for the schema and its test.
[[nodiscard]] std::vector<json::ObjectKeys> script_format();

}  // namespace apns::scenarios
