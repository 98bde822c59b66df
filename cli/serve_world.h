#pragma once

#include <string>

#include "mock_apns/world/world_file.h"

namespace apns::cli {

/// The world of a service that was given none: "phone" with the app of the shown certificate, and
/// "phone-development" with its development build; their device tokens are the same on every
/// machine.
[[nodiscard]] mock::WorldPlan default_world();

/// Throws std::runtime_error or json::Error: the file is not there, or what is wrong in it.
[[nodiscard]] mock::WorldPlan load_world(const std::string& file);

}  // namespace apns::cli
