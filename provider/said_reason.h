#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "apns/model/reason.h"

namespace apns::provider {

/// What {"reason":"Unregistered","timestamp":1454948015990} says.
struct SaidReason {
  std::optional<Reason> known;
  std::string_view text;  // as it came, escapes and all; a part of what was read; empty: none
  std::optional<std::uint64_t> timestamp_ms;
};

/// Reads the body of a rejection, or the debug data of a GOAWAY frame: a flat JSON object. Other
/// keys are skipped, with whatever they hold. Where the text stops being JSON reading stops, too,
/// and what was found before counts: a peer may send anything, and a status stands without a
/// reason. Source: "Handling notification responses from APNs".
[[nodiscard]] SaidReason read_reason(std::string_view text);

}  // namespace apns::provider
