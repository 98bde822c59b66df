#pragma once

#include <cstdint>

namespace apns {

/// How much is known of a statement about Apple's service.
enum class Confidence : std::uint8_t {
  Documented,  // by Apple
  Observed,    // of the real service
  Inferred,    // from either
};

}  // namespace apns
