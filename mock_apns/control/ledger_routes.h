#pragma once

#include "mock_apns/control/router.h"
#include "mock_apns/ledger.h"

namespace apns::mock::control {

/// Reading what the service did: /ledger, /notifications, /ledger/stream, /expect. The ledger
/// outlives the router; null: the service keeps none, and each answers that.
void add_ledger_routes(Router& router, const Ledger* ledger);

}  // namespace apns::mock::control
