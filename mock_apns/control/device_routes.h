#pragma once

#include "mock_apns/control/router.h"
#include "mock_apns/world/world.h"

namespace apns::mock::control {

/// The phones: /devices, /device-tokens, /apps. The world outlives the router; `ring` is the
/// caller's, of its ledger.
void add_device_routes(Router& router, World& world, unsigned ring);

}  // namespace apns::mock::control
