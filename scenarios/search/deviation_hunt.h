#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/deviations/deviation.h"
#include "scenarios/runner/rule_catalogue.h"

namespace apns::scenarios::search {

/// What found a deviating provider out.
struct Catch {
  std::string scenario;               // the first that fails; empty: none does
  std::chrono::nanoseconds took{};    // until then
  std::optional<std::uint64_t> seed;  // the first that fails; nullopt: none, or not tried
  std::chrono::nanoseconds seed_took{};
};

/// Runs the scenarios of the program in memory until one fails, then the search until a seed does,
/// at most `max_seeds` of them, each a case of the protocol that the provider speaks. A search
/// reads no feedback: for deviations of its reader it is left out.
[[nodiscard]] Catch hunt(const Deviation& deviation, const RuleCatalogue& rules,
                         std::uint64_t max_seeds);

}  // namespace apns::scenarios::search
