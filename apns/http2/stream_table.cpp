#include "apns/http2/stream_table.h"

#include <bit>
#include <cassert>
#include <utility>

namespace apns::http2 {

Stream* StreamTable::find(StreamId id) {
  if (size_ == 0) {
    return nullptr;
  }
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = home(id); slots_[at].id != 0; at = (at + 1) & mask) {
    if (slots_[at].id == id) {
      return &slots_[at];
    }
  }
  return nullptr;
}

Stream& StreamTable::insert(StreamId id) {
  assert(id != 0 && find(id) == nullptr);
  if ((size_ + 1) * 4 > slots_.size() * 3) {
    rehash(slots_.empty() ? kFirstSlots : slots_.size() * 2);
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = home(id);
  while (slots_[at].id != 0) {
    at = (at + 1) & mask;
  }
  ++size_;
  slots_[at] = Stream{};
  slots_[at].id = id;
  return slots_[at];
}

void StreamTable::erase(StreamId id) {
  Stream* found = find(id);
  assert(found != nullptr);
  const std::size_t mask = slots_.size() - 1;
  auto hole = static_cast<std::size_t>(found - slots_.data());
  // What stands behind the hole and could stand in it moves there: no tombstones.
  for (std::size_t at = (hole + 1) & mask; slots_[at].id != 0; at = (at + 1) & mask) {
    if (((at - home(slots_[at].id)) & mask) >= ((at - hole) & mask)) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole].id = 0;
  if (--size_ == 0 && slots_.size() > kKeepSlots) {
    slots_ = {};
    shift_ = 64;
  }
}

void StreamTable::rehash(std::size_t num_slots) {
  assert(std::has_single_bit(num_slots));
  std::vector<Stream> old = std::exchange(slots_, std::vector<Stream>(num_slots));
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(num_slots));
  const std::size_t mask = num_slots - 1;
  for (const Stream& stream : old) {
    if (stream.id == 0) {
      continue;
    }
    std::size_t at = home(stream.id);
    while (slots_[at].id != 0) {
      at = (at + 1) & mask;
    }
    slots_[at] = stream;
  }
}

}  // namespace apns::http2
