#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace apns::scenarios::search {

/// A seed on which the provider is known to fail.
struct KnownFailure {
  std::uint64_t seed = 0;
  std::string_view kind;  // as kind_of() has it
  std::string_view reason;
};

/// In the order of seeds. One that passes is taken out: the test insists on it.
inline constexpr std::array<KnownFailure, 0> kKnownFailures = {};

}  // namespace apns::scenarios::search
