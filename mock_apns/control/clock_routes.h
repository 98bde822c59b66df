#pragma once

#include "mock_apns/control/router.h"
#include "mock_apns/controlled_clock.h"

namespace apns::mock::control {

/// The world's clock: /clock, /clock/advance. The clock outlives the router.
void add_clock_routes(Router& router, ControlledClock& clock);

}  // namespace apns::mock::control
