#pragma once

#include <cstddef>
#include <string_view>

namespace apns::provider {

/// Where a JSON text can be cut: the longest beginning of `text`, which is what stands between two
/// quotes, that has at most `max_bytes` and ends between two characters as people see them, without
/// blanks at its end. In bytes; 0 to text.size(). An approximation of UAX #29, "Grapheme Cluster
/// Boundaries": combining marks, variation selectors, skin tones, tags, flags, joined emoji, line
/// ends and Hangul are kept whole; marks of rarer scripts may not be.
[[nodiscard]] std::size_t cut_text(std::string_view text, std::size_t max_bytes);

}  // namespace apns::provider
