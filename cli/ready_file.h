#pragma once

#include <filesystem>

#include "mock_apns/service_info.h"

namespace apns::cli {

/// Reads the `ready.json` of a running service: ServiceInfo::to_json(), written by rename, so that
/// a reader sees a whole file or none. Throws std::runtime_error naming the file and what is wrong
/// with it.
[[nodiscard]] mock::ServiceInfo read_ready_file(const std::filesystem::path& file);

}  // namespace apns::cli
