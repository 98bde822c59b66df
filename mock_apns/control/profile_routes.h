#pragma once

#include "mock_apns/control/router.h"
#include "mock_apns/service.h"

namespace apns::mock::control {

/// As which Apple the service behaves: /profile. `service` outlives the router.
void add_profile_routes(Router& router, Service& service);

}  // namespace apns::mock::control
