#pragma once

#include <cstdint>

#include "scenarios/search/case.h"

namespace apns::scenarios::search {

/// Workload, credential, options, links and what the service does are drawn from the seed: its
/// rules, SETTINGS, and on some seeds its first connections step by step. One in 16 runs with TLS.
[[nodiscard]] Case make_http2_case(std::uint64_t seed);

}  // namespace apns::scenarios::search
