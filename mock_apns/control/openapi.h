#pragma once

#include <span>
#include <string>

#include "mock_apns/control/router.h"

namespace apns::mock::control {

/// The routes as an OpenAPI 3.1 document: paths, methods, parameters of paths, and that every
/// refusal is a problem document. What bodies hold stands in docs/control.md.
[[nodiscard]] std::string openapi_text(std::span<const Route> routes, const std::string& version);

}  // namespace apns::mock::control
