#pragma once

#include <nlohmann/json.hpp>

#include "mock_apns/control/message.h"

namespace apns::mock::control {

/// An answer of one line of JSON. Texts that came from outside may hold what is no UTF-8; it
/// becomes U+FFFD.
[[nodiscard]] Response answer(const nlohmann::ordered_json& json, unsigned status = 200);

}  // namespace apns::mock::control
