#pragma once

#include "mock_apns/control/router.h"
#include "mock_apns/service_info.h"

namespace apns::mock::control {

/// Where a test in another container starts: /info, /env, /files. `info` outlives the router.
void add_info_routes(Router& router, const ServiceInfo& info);

}  // namespace apns::mock::control
