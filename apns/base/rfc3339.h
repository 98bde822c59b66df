#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apns/base/time.h"

namespace apns {

/// A time as people and databases write it (RFC 3339, section 5.6): "2025-11-25T10:14:05Z",
/// "2025-11-25T11:14:05.25+01:00"; T and Z in either case, or a blank for T. What is behind the
/// sixth digit of a second is dropped. A leap second is the second behind it.
/// Nullopt: anything else, such as a time without its offset, or a day that no calendar has.
[[nodiscard]] std::optional<WorldTime> parse_rfc3339(std::string_view text);

/// UTC: "2025-11-25T10:14:05Z", with six digits behind the second where it is not a whole one.
[[nodiscard]] std::string to_rfc3339(WorldTime time);

}  // namespace apns
