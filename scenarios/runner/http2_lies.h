#pragma once

#include <cstdint>
#include <set>
#include <span>

#include "scenarios/runner/account.h"

namespace apns::scenarios {

/// The ledger's numbers of those notifications that a script accepted when their payload had not
/// come whole: what arrived of it is a part.
[[nodiscard]] std::set<std::uint64_t> find_taken_in_part(const Scenario& scenario,
                                                         std::span<const NumberedEvent> events);

}  // namespace apns::scenarios
