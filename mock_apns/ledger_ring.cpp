#include "mock_apns/ledger_ring.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "mock_apns/ledger_record.h"

namespace apns::mock {

namespace {

// In place of a record's length: the next record is at the ring's beginning.
constexpr std::uint32_t kToTheBeginning = 0;

constexpr std::size_t aligned(std::size_t len) {
  return (len + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

}  // namespace

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

void LedgerRing::publish() {
  written_ = reserved_;
  published_.store(written_, std::memory_order_release);
}

void LedgerRing::look() {
  seen_ = published_.load(std::memory_order_acquire);
}

ByteView LedgerRing::front() {
  if (read_ == seen_) {
    return {};
  }
  std::size_t len = record_len(&bytes_[read_ & mask_]);
  if (len == kToTheBeginning) {
    read_ += mask_ + 1 - (read_ & mask_);
    len = record_len(&bytes_[read_ & mask_]);
  }
  return {&bytes_[read_ & mask_], len};
}

void LedgerRing::pop() {
  read_ += aligned(record_len(&bytes_[read_ & mask_]));
  freed_.store(read_, std::memory_order_release);
}

}  // namespace apns::mock
