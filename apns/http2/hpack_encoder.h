#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "apns/base/bytes.h"
#include "apns/http2/dynamic_table.h"
#include "apns/http2/field.h"
#include "apns/http2/hpack_writer.h"

namespace apns::http2 {

/// Encodes the header blocks of one direction of a connection, in the order in which they are sent
/// (RFC 7541).
///
///   begin_block(out)                                  nothing, or size updates
///   add(out, ":method", "POST", Indexed)              83, from the static table
///   add(out, "apns-topic", "com.example", Incremental)   the literal; enters the table
///   ...
///   add(out, "apns-topic", "com.example", Incremental)   be: index 62, in a later block
class HpackEncoder {
 public:
  /// Never uses a table of more than `own_cap` bytes; 0: only the static one. Another cap than
  /// kDefaultHeaderTableSize may make the first block begin with a size update: the peer's decoder
  /// begins with that size.
  explicit HpackEncoder(std::uint32_t own_cap = kDefaultHeaderTableSize);

  /// The peer's SETTINGS_HEADER_TABLE_SIZE, before its SETTINGS frame is acknowledged. The next
  /// block begins with what the change asks for.
  void set_limit(std::uint32_t bytes);

  /// Call in front of the fields of every block: writes the size updates that are due, the smallest
  /// size since the last block and then the present one (RFC 7541 section 4.2).
  void begin_block(Bytes& out);

  /// Appends one field.
  /// `wanted`: Indexed: refers to a table where one has the field, else a literal that enters none.
  /// Incremental: the same, but the literal enters the table, unless it is larger than all of it.
  /// WithoutIndexing, NeverIndexed: a literal, whatever the tables have. Names are referred to
  /// where a table has them, the static one first.
  /// Returns where the value stands in `out` if it is there in raw bytes, so that a copy of the
  /// block can be given another value of that length. Not for Incremental ones: the peer's table
  /// would no longer be ours.
  std::optional<RawString> add(Bytes& out, std::string_view name, std::string_view value,
                               Representation wanted, HuffmanUse huffman = HuffmanUse::Shorter);

  [[nodiscard]] const DynamicTable& table() const { return table_; }

 private:
  struct Match {
    std::size_t both = 0;  // index; 0: none
    std::size_t name = 0;
  };

  [[nodiscard]] Match find(std::string_view name, std::string_view value, std::uint16_t tag) const;

  std::uint32_t own_cap_;
  std::uint32_t peer_limit_ = kDefaultHeaderTableSize;
  DynamicTable table_;                          // tags: tag_of() the field
  std::optional<std::uint32_t> smallest_size_;  // since the last block, if an update is due
};

}  // namespace apns::http2
