#include "apns/http2/hpack_scratch.h"

#include <algorithm>
#include <bit>

namespace apns::http2 {

void HpackScratch::begin_block() {
  num_fields_ = 0;
  if (fields_.size() > kMaxKeptFields) {
    fields_ = std::vector<Field>();
  }
  text_len_ = 0;
  if (text_.capacity > kMaxKeptText) {
    text_ = TextBuffer{};
  }
  pool_.release_retired();
}

void HpackScratch::grow_fields() {
  fields_.resize(std::max<std::size_t>(16, 2 * fields_.size()));
}

std::span<char> HpackScratch::text_room(std::size_t len) {
  if (text_len_ == 0 && text_.capacity < len) {
    text_ = make_text_buffer(std::bit_ceil(len));
  }
  return std::span(text_.data.get() + text_len_, text_.capacity - text_len_);
}

}  // namespace apns::http2
