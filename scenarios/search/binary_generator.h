#pragma once

#include <cstdint>

#include "scenarios/search/case.h"

namespace apns::scenarios::search {

/// Workload, options, faults and links are drawn from the seed. One in 16 runs with TLS. In about
/// three of four the service tells the truth, so that the whole invariant holds; in the others it
/// may lie in all the ways that service_lies.h knows.
[[nodiscard]] Case make_binary_case(std::uint64_t seed);

}  // namespace apns::scenarios::search
