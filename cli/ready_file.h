#pragma once

#include <filesystem>
#include <string_view>

#include "mock_apns/service_info.h"

namespace apns::cli {

/// Reads the `ready.json` of a running service: ServiceInfo::to_json(), written by rename, so that
/// a reader sees a whole file or none. Throws std::runtime_error naming the file and what is wrong
/// with it; if there is none, with `option` as another way to name a service.
[[nodiscard]] mock::ServiceInfo read_ready_file(const std::filesystem::path& file,
                                                std::string_view option = "--to HOST:PORT");

}  // namespace apns::cli
