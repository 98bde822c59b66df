#include "apns/http2/dynamic_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace apns::http2 {

namespace {

constexpr std::size_t kMinTextCapacity = 128;
constexpr std::size_t kMinSlots = 8;

char* put(char* at, std::string_view text) {
  if (!text.empty()) {
    std::memcpy(at, text.data(), text.size());
  }
  return at + text.size();
}

}  // namespace

void DynamicTable::set_max_size(std::uint32_t max_size) {
  max_size_ = max_size;
  evict_down_to(max_size);
  if (max_size == 0) {
    text_ = TextBuffer{};
    text_begin_ = text_end_;
    slots_ = std::vector<Slot>();
    next_slot_ = 0;
  }
}

void DynamicTable::insert(const Entry& entry, TextPool* pool) {
  const Slot made{.at = text_end_,
                  .name_len = static_cast<std::uint32_t>(entry.name.size()),
                  .value_len = static_cast<std::uint32_t>(entry.value.size()),
                  .tag = entry.tag,
                  .static_index = entry.static_index};
  const std::size_t size = entry.name.size() + entry.value.size() + kEntryOverhead;
  if (size > max_size_) {
    evict_down_to(0);
    return;
  }
  evict_down_to(max_size_ - size);
  if (num_entries_ == slots_.size()) {
    grow_slots();
  }
  // The old text goes last: what is entered may stand in it.
  TextBuffer old;
  if (made.text_len() > text_.capacity - (text_end_ - text_begin_)) {
    old = move_text(made.text_len(), pool);
  }
  char* at = text_.data.get() + (text_end_ - text_begin_);
  if (entry.static_index == 0) {
    at = put(at, entry.name);
  }
  put(at, entry.value);
  text_end_ += static_cast<std::uint32_t>(made.text_len());
  slots_[next_slot_++ & (slots_.size() - 1)] = made;
  ++num_entries_;
  size_ += size;
  if (pool != nullptr) {
    pool->give_back(std::move(old));
  }
}

void DynamicTable::evict_down_to(std::size_t size) {
  while (size_ > size) {
    size_ -= slot(num_entries_ - 1).size();
    --num_entries_;
  }
}

void DynamicTable::grow_slots() {
  std::vector<Slot> grown(std::max(kMinSlots, 2 * slots_.size()));
  for (std::size_t i = 0; i < num_entries_; ++i) {
    grown[i] = slot(num_entries_ - 1 - i);
  }
  slots_ = std::move(grown);
  next_slot_ = num_entries_;
}

/// Makes room for `more` bytes behind the text of the entries that there are. Returns the storage
/// it stood in before, if it is another one now.
TextBuffer DynamicTable::move_text(std::size_t more, TextPool* pool) {
  const std::uint32_t live_begin = num_entries_ == 0 ? text_end_ : slot(num_entries_ - 1).at;
  const std::uint32_t live = text_end_ - live_begin;
  const char* from = text_.data.get() + (live_begin - text_begin_);
  const std::size_t needed = live + more;
  // Half as much again, so that the next move is that far away.
  const std::size_t capacity = std::max(kMinTextCapacity, std::bit_ceil(needed + needed / 2));
  text_begin_ = live_begin;
  // Without a pool to take it from, half the capacity is not worth an allocation: needs that go up
  // and down a little would make one each time.
  if (pool == nullptr && (capacity == text_.capacity || 2 * capacity == text_.capacity)) {
    std::memmove(text_.data.get(), from, live);
    return {};
  }
  TextBuffer fresh = pool != nullptr ? pool->take(capacity) : make_text_buffer(capacity);
  put(fresh.data.get(), std::string_view(from, live));
  return std::exchange(text_, std::move(fresh));
}

}  // namespace apns::http2
