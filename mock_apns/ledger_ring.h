#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "apns/base/bytes.h"
#include "mock_apns/ledger_record.h"

namespace apns::mock {

/// Encoded records on their way from the one thread that writes them to the one that reads. No
/// lock, no allocation after construction. A record is never split: where it does not fit in front
/// of the end, it stands at the beginning.
class LedgerRing {
 public:
  /// `capacity` is rounded up to a power of two, of at least kMinLen.
  explicit LedgerRing(std::size_t capacity);

  static constexpr std::size_t kMinLen = 256;

  // ---- The writer ----

  /// Room for a record of `len` bytes, aligned as encode() wants it. Null: there is no room now, or
  /// (longer than half the ring) never for certain.
  [[nodiscard]] std::byte* reserve(std::size_t len);

  /// Hands over what was written to the room that reserve() gave.
  void publish() {
    written_ = reserved_;
    published_.store(written_, std::memory_order_release);
  }

  // ---- The reader ----

  /// From now on front() goes up to what is published at this moment.
  void look() { seen_ = published_.load(std::memory_order_acquire); }

  /// The oldest record; empty: none. Until pop().
  [[nodiscard]] ByteView front() {
    if (read_ == seen_) {
      return {};
    }
    if (record_len(&bytes_[read_ & mask_]) == kToTheBeginning) {
      read_ += mask_ + 1 - (read_ & mask_);
    }
    return {&bytes_[read_ & mask_], record_len(&bytes_[read_ & mask_])};
  }

  void pop() {
    read_ += aligned(record_len(&bytes_[read_ & mask_]));
    freed_.store(read_, std::memory_order_release);
  }

 private:
  // In place of a record's length: the next record is at the ring's beginning.
  static constexpr std::uint32_t kToTheBeginning = 0;

  static constexpr std::size_t aligned(std::size_t len) {
    return (len + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
  }

  // Positions only grow; a place in the ring is position & mask_.
  // The writer's.
  const std::size_t mask_;
  const std::unique_ptr<std::byte[]> bytes_;
  std::uint64_t written_ = 0;
  std::uint64_t reserved_ = 0;       // where written_ is after publish()
  std::uint64_t known_to_free_ = 0;  // freed_ when the writer last looked
  // The reader's.
  alignas(64) std::uint64_t seen_ = 0;  // published_ at the last look()
  std::uint64_t read_ = 0;              // as freed_
  // Of both.
  alignas(64) std::atomic<std::uint64_t> published_{0};
  alignas(64) std::atomic<std::uint64_t> freed_{0};
};

}  // namespace apns::mock
