#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Where things stand in a payload. simdjson's DOM keeps no positions, so these walk the text; only
/// for payloads that a person looks at.
namespace apns::mock {

/// Something of a payload that a finding is about.
struct PayloadPlace {
  enum class Part : std::uint8_t { Value, Key };

  std::vector<std::string> path = {};  // keys from the outside to the inside; empty: the whole
  Part part = Part::Value;             // which of the last key's
  bool is_repeat = false;              // the last key's second time

  [[nodiscard]] bool operator==(const PayloadPlace&) const = default;
};

/// As a JSON pointer (RFC 6901): "/aps/badge"; empty: the whole payload.
[[nodiscard]] std::string pointer_of(const PayloadPlace& place);

/// The offset of a place in JSON text; of keys that are there twice the first counts, as for
/// phones. Where the path leads to nothing: the innermost that is there. `json` is JSON by its
/// grammar.
[[nodiscard]] std::size_t find_place(std::string_view json, const PayloadPlace& place);

/// The first number beyond a double, and the first array or object inside more than `max_levels`.
/// Nullopt: there is none. `json` is JSON by its grammar.
[[nodiscard]] std::optional<std::size_t> find_huge_number(std::string_view json);
[[nodiscard]] std::optional<std::size_t> find_level(std::string_view json, std::size_t max_levels);

/// A member of the outermost object: the bytes to take out so that the rest is still JSON, a comma
/// included, and its value as JSON text.
struct PayloadMember {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view value;
};

/// The first of that key. Nullopt: there is none, or `json` is no object.
[[nodiscard]] std::optional<PayloadMember> find_member(std::string_view json, std::string_view key);

}  // namespace apns::mock
