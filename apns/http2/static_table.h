#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "apns/http2/field.h"

namespace apns::http2 {

/// An entry of the static table, with what HTTP/2 itself calls its name (field_name::kOther: it has
/// no word for it; FieldNames may have one of the caller's).
struct StaticEntry {
  std::string_view name;
  std::string_view value;
  std::uint16_t name_id = field_name::kOther;
};

inline constexpr std::size_t kStaticTableLen = 61;
inline constexpr std::size_t kFirstDynamicIndex = kStaticTableLen + 1;

/// RFC 7541 Appendix A, by index; index 0 is no entry. Entries of one name stand in a row.
extern const std::array<StaticEntry, kStaticTableLen + 1> kStaticTable;

/// Where a field, or at least its name, stands in the static table; 0: it does not.
struct StaticMatch {
  std::size_t both = 0;
  std::size_t name = 0;  // the first of that name
};

[[nodiscard]] StaticMatch find_static(std::string_view name, std::string_view value);

/// For tables of field names with 256 slots: mixes the length and two characters. The factors were
/// searched for: no two names of the static table share a slot, nor two of HTTP/2's and APNs's.
[[nodiscard]] constexpr std::uint8_t name_slot(std::string_view name) {
  if (name.empty()) {
    return 0;
  }
  const auto last = static_cast<unsigned char>(name.back());
  const auto inner = static_cast<unsigned char>(name[name.size() * 2 / 3]);
  return static_cast<std::uint8_t>(static_cast<unsigned>(name.size()) * 238U + last * 93U +
                                   inner * 233U);
}

}  // namespace apns::http2
