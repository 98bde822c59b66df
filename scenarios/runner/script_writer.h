#pragma once

#include <string>

#include "scenarios/runner/service_script.h"

namespace apns::scenarios {

/// What the service does on one connection, as one line of JSON of `service.connections`:
///
///   {"settings":{"max_concurrent_streams":0},"steps":[{"hold":"300ms"},{"answer":"1-"}]}
///
/// read_connections makes the same of it. Throws std::invalid_argument for a setting that scenario
/// files have no name for.
[[nodiscard]] std::string write_connection(const ConnectionScript& script);

}  // namespace apns::scenarios
