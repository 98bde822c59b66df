#pragma once

#include "mock_apns/world/world_file.h"

namespace apns::mock {

/// The world of a service that was given none: "phone" with the app of the shown certificate, and
/// "phone-development" with its development build; their device tokens are the same on every
/// machine.
[[nodiscard]] WorldPlan default_world();

}  // namespace apns::mock
