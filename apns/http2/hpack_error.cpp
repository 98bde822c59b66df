#include "apns/http2/hpack_error.h"

namespace apns::http2 {

std::string_view to_string(HpackFault fault) {
  switch (fault) {
    case HpackFault::IndexZero:
      return "index 0";
    case HpackFault::IndexPastTables:
      return "index past the end of the tables";
    case HpackFault::IntegerOverflow:
      return "integer too large or too long";
    case HpackFault::Truncated:
      return "block ends inside a field";
    case HpackFault::StringPastEnd:
      return "string past the end of the block";
    case HpackFault::HuffmanEos:
      return "end-of-string symbol inside a Huffman-coded string";
    case HpackFault::HuffmanPaddingTooLong:
      return "more than 7 bits of Huffman padding";
    case HpackFault::HuffmanPaddingNotOnes:
      return "Huffman padding that is not all ones";
    case HpackFault::SizeUpdateTooLarge:
      return "table size update above the limit";
    case HpackFault::SizeUpdateNotAtStart:
      return "table size update behind a field";
    case HpackFault::SizeUpdateMissing:
      return "no table size update after the limit was reduced";
  }
  return "unknown";
}

}  // namespace apns::http2
