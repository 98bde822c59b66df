#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace apns {

/// How the service behaves at a date: data, each value with its source. One row per profile.
struct Profile {
  std::string_view name;                    // "2013", "2016", "2021", "2025", "pedantic"
  std::size_t binary_payload_limit_simple;  // bytes, commands 0 and 1
  std::size_t binary_payload_limit_framed;  // bytes, command 2
  std::string_view source;                  // of the limits
};

/// All profiles: those named after a year, oldest first, then "pedantic", which takes each document
/// at its word. The limit of the binary interface was 256 bytes at first and 2048 in the end,
/// whatever the command; "2013" is there for the former. The default is the one named "2025".
[[nodiscard]] std::span<const Profile> profiles();
[[nodiscard]] const Profile& default_profile();

/// Null: there is no such profile.
[[nodiscard]] const Profile* find_profile(std::string_view name);

}  // namespace apns
