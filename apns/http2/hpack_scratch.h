#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "apns/http2/field.h"
#include "apns/http2/repeated_texts.h"
#include "apns/http2/text_pool.h"

namespace apns::http2 {

/// What decoding a header block needs besides the connection's table: one per thread, used by all
/// its decoders in turn. What decode() gave out points into it, and ends with the next decode() of
/// any of them. Storage that one large block made it take goes back with the next block.
class HpackScratch {
 public:
  HpackScratch() = default;
  HpackScratch(const HpackScratch&) = delete;
  HpackScratch& operator=(const HpackScratch&) = delete;

  /// Heap storage held between blocks stays below this, roughly.
  static constexpr std::size_t kMaxKeptFields = 256;
  static constexpr std::size_t kMaxKeptText = 16'384;

  [[nodiscard]] std::size_t held_bytes() const {
    return fields_.size() * sizeof(Field) + text_.capacity + pool_.held_bytes() +
           repeated_.held_bytes();
  }

 private:
  friend class HpackDecoder;

  /// Ends the views of the last block.
  void begin_block();

  /// For Huffman-coded strings of the block: at least `len` bytes, where the first call says what
  /// all the calls until begin_block() need together.
  [[nodiscard]] std::span<char> text_room(std::size_t len);

  void take_text(std::size_t len) { text_len_ += len; }

  /// Written part by part, not copied whole: reading back at once what was just written in other
  /// widths would wait for memory.
  void add_field(std::string_view name, std::string_view value, std::uint16_t name_id,
                 Representation representation, bool is_legal) {
    if (num_fields_ == fields_.size()) {
      grow_fields();
    }
    Field& field = fields_[num_fields_++];
    field.name = name;
    field.value = value;
    field.name_id = name_id;
    field.representation = representation;
    field.is_legal = is_legal;
  }

  void grow_fields();

  std::vector<Field> fields_;  // the first num_fields_ are the block's
  std::size_t num_fields_ = 0;
  TextBuffer text_;
  std::size_t text_len_ = 0;
  TextPool pool_;
  RepeatedTexts repeated_;  // stays from block to block, of all connections
};

}  // namespace apns::http2
