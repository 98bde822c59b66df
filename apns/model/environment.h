#pragma once

#include <cstdint>

namespace apns {

/// Apple's two separate services. Device tokens, certificates and ports of one mean nothing in the
/// other.
enum class Environment : std::uint8_t { Production, Development };

[[nodiscard]] constexpr const char* to_string(Environment environment) {
  return environment == Environment::Production ? "production" : "development";
}

}  // namespace apns
