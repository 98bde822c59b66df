#include "apns/http2/text_pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace apns::http2 {

TextBuffer make_text_buffer(std::size_t capacity) {
  TextBuffer made;
  made.data = std::make_unique_for_overwrite<char[]>(capacity);
  made.capacity = capacity;
  return made;
}

TextBuffer TextPool::take(std::size_t capacity) {
  // The newest of its size is the one most likely still in the cache.
  const auto found =
      std::find_if(spare_.rbegin(), spare_.rend(),
                   [capacity](const TextBuffer& buffer) { return buffer.capacity == capacity; });
  if (found == spare_.rend()) {
    return make_text_buffer(capacity);
  }
  TextBuffer taken = std::move(*found);
  spare_.erase(std::next(found).base());
  spare_bytes_ -= capacity;
  return taken;
}

void TextPool::give_back(TextBuffer buffer) {
  if (buffer.data == nullptr) {
    return;
  }
  if (has_views_) {
    retired_.push_back(std::move(buffer));
    has_views_ = false;
    return;
  }
  spare_bytes_ += buffer.capacity;
  spare_.push_back(std::move(buffer));
}

void TextPool::release_retired() {
  has_views_ = false;
  for (TextBuffer& buffer : retired_) {
    spare_bytes_ += buffer.capacity;
    spare_.push_back(std::move(buffer));
  }
  retired_.clear();
  auto first_kept = spare_.begin();
  while (spare_bytes_ > kMaxSpareBytes) {
    spare_bytes_ -= first_kept->capacity;
    ++first_kept;
  }
  spare_.erase(spare_.begin(), first_kept);
}

std::size_t TextPool::held_bytes() const {
  std::size_t retired_bytes = 0;
  for (const TextBuffer& buffer : retired_) {
    retired_bytes += buffer.capacity;
  }
  return spare_bytes_ + retired_bytes;
}

}  // namespace apns::http2
