#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "apns/base/bytes.h"
#include "apns/base/result.h"
#include "apns/http2/hpack_error.h"

namespace apns::http2 {

/// Bytes behind the prefix that any value up to 2^32 - 1 needs. More are refused, also if they only
/// say zero; fewer may be padded with zeros (RFC 7541 section 5.1 leaves both to the
/// implementation: our choice, which is libnghttp2's too).
inline constexpr std::size_t kMaxIntegerContinuation = 5;

/// The prefix integer whose first byte stands at `at`, less than in.size(), in its lower
/// `prefix_bits` bits, 1 to 8 (RFC 7541 section 5.1). Advances `at` behind it.
/// HpackFault::Truncated: the bytes end first; HpackFault::IntegerOverflow: see
/// kMaxIntegerContinuation. Then `at` is of no meaning.
[[nodiscard]] inline Result<std::uint32_t, HpackFault> decode_prefix_integer(ByteView in,
                                                                             std::size_t& at,
                                                                             unsigned prefix_bits) {
  const std::uint32_t mask = (1U << prefix_bits) - 1;
  const std::uint32_t prefix = std::to_integer<std::uint32_t>(in[at++]) & mask;
  if (prefix < mask) {
    return prefix;
  }
  std::uint64_t value = prefix;
  for (std::size_t i = 0; i < kMaxIntegerContinuation; ++i) {
    if (at == in.size()) {
      return HpackFault::Truncated;
    }
    const auto next = std::to_integer<std::uint64_t>(in[at++]);
    value += (next & 0x7FU) << (7 * i);
    if (value > std::numeric_limits<std::uint32_t>::max()) {
      return HpackFault::IntegerOverflow;
    }
    if ((next & 0x80U) == 0) {
      return static_cast<std::uint32_t>(value);
    }
  }
  return HpackFault::IntegerOverflow;
}

}  // namespace apns::http2
