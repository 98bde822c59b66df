#pragma once

#include "mock_apns/control/router.h"
#include "mock_apns/service.h"

namespace apns::mock::control {

/// Misbehaviour: /faults. `service` outlives the router.
void add_fault_routes(Router& router, Service& service);

}  // namespace apns::mock::control
