#pragma once

#include "mock_apns/control/router.h"
#include "mock_apns/service.h"

namespace apns::mock::control {

/// Open connections, and how the service behaves towards them: /connections, /profile. `service`
/// outlives the router.
void add_connection_routes(Router& router, Service& service);

}  // namespace apns::mock::control
