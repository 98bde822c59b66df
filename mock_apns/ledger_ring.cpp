#include "mock_apns/ledger_ring.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace apns::mock {

LedgerRing::LedgerRing(std::size_t capacity)
    : mask_(std::bit_ceil(std::max(capacity, kMinLen)) - 1),
      // Not cleared, so that a ring that is little used costs little.
      bytes_(std::make_unique_for_overwrite<std::byte[]>(mask_ + 1)) {}

std::byte* LedgerRing::reserve(std::size_t wanted) {
  const std::size_t len = aligned(wanted);
  const std::size_t capacity = mask_ + 1;
  if (len > capacity / 2) {
    return nullptr;
  }
  const std::size_t place = written_ & mask_;
  const std::size_t up_to_end = capacity - place;
  const std::size_t skipped = up_to_end < len ? up_to_end : 0;
  const std::uint64_t end = written_ + skipped + len;
  if (end - known_to_free_ > capacity) {
    known_to_free_ = freed_.load(std::memory_order_acquire);
    if (end - known_to_free_ > capacity) {
      return nullptr;
    }
  }
  if (skipped != 0) {
    std::memcpy(&bytes_[place], &kToTheBeginning, sizeof(kToTheBeginning));
  }
  reserved_ = end;
  return &bytes_[(written_ + skipped) & mask_];
}

}  // namespace apns::mock
