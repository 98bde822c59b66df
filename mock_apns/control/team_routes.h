#pragma once

#include "mock_apns/control/router.h"
#include "mock_apns/world/team_keys.h"

namespace apns::mock::control {

/// Teams and the keys of their provider tokens: /teams, /keys. `keys` outlives the router.
void add_team_routes(Router& router, TeamKeys& keys);

}  // namespace apns::mock::control
