#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace apns::http2 {

/// What is wrong with a header block. Sections are of RFC 7541. All of them are a connection error
/// of type COMPRESSION_ERROR (RFC 9113 section 4.3).
enum class HpackFault : std::uint8_t {
  IndexZero,              // an indexed field with index 0 (section 6.1)
  IndexPastTables,        // an index above both tables' entries (section 2.3.3)
  IntegerOverflow,        // an integer above 2^32 - 1, or of more than 6 bytes (section 5.1)
  Truncated,              // the block ends inside an integer, or before a string (section 6)
  StringPastEnd,          // a string is longer than what is left of the block (section 5.2)
  HuffmanEos,             // EOS inside a Huffman-coded string (section 5.2)
  HuffmanPaddingTooLong,  // more than 7 bits of padding (section 5.2)
  HuffmanPaddingNotOnes,  // padding that is not the first bits of EOS (section 5.2)
  SizeUpdateTooLarge,     // a size update above the limit in force (sections 4.2, 6.3)
  SizeUpdateNotAtStart,   // a size update behind a field (section 4.2)
  SizeUpdateMissing,  // no size update after the limit was reduced (section 4.2; RFC 9113, 4.3.1)
};

/// In words: "index past the end of the tables".
[[nodiscard]] std::string_view to_string(HpackFault fault);

struct HpackError {
  HpackFault fault = HpackFault::Truncated;
  // In the block, of the first byte of what is wrong: the representation, for a string its length,
  // for SizeUpdateMissing 0. Truncated: the end of the block.
  std::size_t offset = 0;

  [[nodiscard]] bool operator==(const HpackError&) const = default;
};

}  // namespace apns::http2
