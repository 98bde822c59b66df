#include "apns/http2/field.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace apns::http2 {

namespace {

constexpr std::array<bool, 256> kNameChars = [] {
  std::array<bool, 256> ok{};
  for (std::size_t c = 0x21; c < 0x7F; ++c) {
    ok[c] = (c < 'A' || c > 'Z') && c != ':';
  }
  return ok;
}();

constexpr std::uint64_t kEach = 0x0101'0101'0101'0101U;  // times a byte: that byte eight times
constexpr std::uint64_t kHighBits = 0x80U * kEach;

/// Is one of the eight bytes NUL, CR or LF? May say so of a byte that is one of them with its
/// lowest bit turned and stands above such a one, never when there is none.
bool has_forbidden(std::uint64_t bytes) {
  const auto has_zero = [](std::uint64_t x) { return (x - kEach) & ~x & kHighBits; };
  return (has_zero(bytes) | has_zero(bytes ^ (0x0AU * kEach)) |
          has_zero(bytes ^ (0x0DU * kEach))) != 0;
}

bool is_forbidden(char c) {
  return c == '\0' || c == '\r' || c == '\n';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

bool is_field_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return kNameChars[static_cast<std::uint8_t>(c)]; });
}

bool is_field_value(std::string_view value) {
  if (value.empty()) {
    return true;
  }
  if (is_blank(value.front()) || is_blank(value.back())) {
    return false;
  }
  while (value.size() >= sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, value.data(), sizeof(bytes));
    if (has_forbidden(bytes)) {
      return false;
    }
    value.remove_prefix(sizeof(bytes));
  }
  return std::ranges::none_of(value, is_forbidden);
}

}  // namespace apns::http2
