#pragma once

#include <string>

#include "mock_apns/service.h"

namespace apns::mock::control {

/// What the service counted since its start, in the text format of Prometheus (version 0.0.4).
/// Resets change nothing here: counters only grow.
[[nodiscard]] std::string metrics_text(Service& service);

}  // namespace apns::mock::control
