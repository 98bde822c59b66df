#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apns/json/field_table.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// The id that a file's name gives its scenario: its last folder and its name without ".json", so
/// "scenarios/binary/idle_close.json" is "binary/idle_close". A part of `file`.
[[nodiscard]] std::string_view scenario_id(std::string_view file);

/// Reads one scenario. `file` is for messages and gives the id.
///
/// Throws json::Error (file, line, column, one sentence for what is wrong, one for what would be
/// right): not JSON, an unknown or duplicate key, a wrong type, and what cannot be meant: a step
/// behind the drain, options behind a send, an expectation for a notification that is not sent, a
/// notification without an expected outcome, keys of a connection in a match of notifications.
[[nodiscard]] Scenario load_scenario(std::string_view text, std::string_view file);

/// Every object of the format, as load_scenario reads it; docs/scenario.schema.json says the same.
[[nodiscard]] std::vector<json::ObjectKeys> scenario_format();

}  // namespace apns::scenarios
