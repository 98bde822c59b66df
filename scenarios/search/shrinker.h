#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "scenarios/search/case.h"

namespace apns::scenarios::search {

/// What is wrong with a case, as kind_of() has it; empty: nothing.
using Judge = std::function<std::string(const Case&)>;

struct Shrunk {
  Case smallest;                // as the loader reads its file
  std::uint64_t num_tries = 0;  // cases that were run for it
};

/// Most cases that shrink() runs; what it has by then it gives.
inline constexpr std::uint64_t kMostTries = 5000;

/// Leaves out what is not needed for the case to go wrong in the same way: TLS, notifications,
/// steps of both sides, faults, links; then puts what is left as near to the defaults as it goes;
/// all over again until nothing more can go. Every case on the way is one that a file can have.
/// `original` must go wrong; the result does so.
[[nodiscard]] Shrunk shrink(const Case& original, const Judge& judge);

}  // namespace apns::scenarios::search
