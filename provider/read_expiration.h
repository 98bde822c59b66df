#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apns::provider {

/// An expiration as people and programs write it, or what is wrong with it.
struct ReadExpiration {
  std::optional<std::uint32_t> seconds;  // UNIX time; 0: one attempt, never stored
  std::string found;                     // empty: nothing is wrong
  std::string fix;
};

/// Reads whole seconds since 1970, in digits. Everything else is refused rather than converted: a
/// fraction (the service answers BadExpirationDate), a sign, milliseconds and finer units, and what
/// 32 bits do not hold, which is all that the binary protocol has room for. Source: field reports
/// H115, parse-community/parse-server#4558.
[[nodiscard]] ReadExpiration read_expiration(std::string_view text);

}  // namespace apns::provider
