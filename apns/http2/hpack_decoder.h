#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "apns/base/bytes.h"
#include "apns/base/result.h"
#include "apns/http2/dynamic_table.h"
#include "apns/http2/field.h"
#include "apns/http2/hpack_error.h"
#include "apns/http2/hpack_scratch.h"

namespace apns::http2 {

/// One header block. Views point into the block, the decoder's table or the scratch: they live
/// until the next decode() with the same scratch, of this or another decoder, and no longer than
/// the block's bytes and the decoder.
struct DecodedBlock {
  std::span<const Field> fields;  // in order; where is_too_large, the first ones only
  std::size_t list_bytes = 0;     // all fields' name, value and 32 each (RFC 9113 section 6.5.2)
  bool is_too_large = false;      // list_bytes is above the limit
  std::uint32_t num_size_updates = 0;  // an encoder needs two at most (RFC 7541 section 4.2)
};

/// Decodes the header blocks of one direction of a connection, in order.
///
///   decode("82 86 84 ...")  -> :method GET, :scheme http, :path /, ...
///   decode("be ...")        -> index 62: the newest entry of the dynamic table
///   set_limit(0)            ours was acknowledged: smaller than what the table has now
///   decode("20 82 ...")     -> the size update to 0 that must come then, :method GET, ...
///   decode("80")            -> error IndexZero at 0; the connection is to be closed
///
/// A block's cost in memory is bounded by its own length and max_list_bytes, whatever it refers to.
/// Source: RFC 7541; what it leaves open is said at HpackFault and kMaxIntegerContinuation. The
/// number of size updates at the start of a block is not limited: for the caller to judge.
class HpackDecoder {
 public:
  explicit HpackDecoder(const FieldNames& names) : names_(names) {}

  /// Our SETTINGS_HEADER_TABLE_SIZE, once the peer acknowledged it; kDefaultHeaderTableSize before.
  /// Below the size that the table may have now, the next block must begin with a size update to
  /// the smallest limit since the last block, or less (section 4.2; RFC 9113 section 4.3.1).
  void set_limit(std::uint32_t bytes);

  /// Decodes one whole block. Fields of more than max_list_bytes in all are not kept, from the one
  /// that passes it on (is_too_large); the block is decoded to its end nevertheless, so that the
  /// table is right for the next. After an error the table is not: decode no more.
  [[nodiscard]] Result<DecodedBlock, HpackError> decode(ByteView block, std::size_t max_list_bytes,
                                                        HpackScratch& scratch);

  [[nodiscard]] const DynamicTable& table() const { return table_; }

 private:
  struct Run;

  // Each takes one representation off the front; false: it is in run.error.
  [[nodiscard]] bool take_indexed(Run& run);
  [[nodiscard]] bool take_literal(Run& run, Representation representation, unsigned prefix_bits);
  [[nodiscard]] bool take_size_update(Run& run);
  [[nodiscard]] bool take_field(Run& run);

  const FieldNames& names_;
  DynamicTable table_;  // tags: name ids, and what is wrong with a field
  std::uint32_t limit_ = kDefaultHeaderTableSize;
  // While a size update is due: the smallest limit since the last block.
  std::uint32_t smallest_limit_ = 0;
  bool is_update_due_ = false;
};

}  // namespace apns::http2
