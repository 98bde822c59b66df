#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/base/time.h"
#include "apns/model/notification.h"

namespace apns::provider {

/// The encoded frames of one connection after the other, in order: what is written, and what is
/// written again. A notification is in it before its first byte is written.
///
///   [ remembered | wholly written | partly written | unwritten ]
///                  ^ front                           ^ unwritten()
///                [------------------- open -------------------]
///
/// An open entry has no outcome yet. A remembered one had silence for long enough, and stays until
/// its place is needed: an error packet that comes later still says what was discarded behind it.
///
/// Rings of frames and of entries, which grow to their bounds as they are needed and then allocate
/// no more. Identifiers are a running number that skips 0, so that one finds its entry by
/// subtraction.
class SentWindow {
 public:
  struct Entry {
    std::uint64_t ticket = 0;
    TimePoint written_at = kNever;  // when its last byte was taken; kNever: not yet
    std::size_t at = 0;             // of the frame's first byte
    std::uint32_t len = 0;          // of the frame
    std::uint32_t identifier = 0;
    bool was_written = false;  // wholly, on this or an earlier connection
    bool in_doubt = false;     // an earlier connection was lost with it, so somebody may have it
    bool is_reported = false;  // it had its outcome, and is open again because it was discarded
  };

  /// Bounds of what is open and remembered together.
  SentWindow(std::size_t max_len, std::size_t max_bytes)
      : max_len_(max_len), max_bytes_(max_bytes) {}

  [[nodiscard]] bool has_room() const { return size() < max_len_ && open_bytes_ < max_bytes_; }

  /// Nothing is open.
  [[nodiscard]] bool empty() const { return front_ == end_; }

  /// Entries that are open, and the bytes of their frames.
  [[nodiscard]] std::size_t size() const { return end_ - front_; }

  [[nodiscard]] std::size_t num_bytes() const { return open_bytes_; }

  /// Bytes of the open ones that were taken on this connection.
  [[nodiscard]] std::size_t written_bytes() const { return written_bytes_; }

  [[nodiscard]] std::size_t num_remembered() const { return front_ - first_; }

  /// The oldest that is open.
  [[nodiscard]] const Entry& front() const { return slot(front_); }

  /// Counted from the front; remembered ones have a negative index.
  [[nodiscard]] const Entry& at(std::ptrdiff_t index) const {
    return slot(front_ + static_cast<std::uint64_t>(index));
  }

  /// Encodes the notification (command 2) with the next identifier. has_room() must be true.
  void push(const Notification& notification, std::uint64_t ticket);

  /// The next bytes that have not been taken: all of them, or those up to the end of the ring.
  /// Valid until the next call that is not const.
  [[nodiscard]] ByteView unwritten() const;

  void mark_written(std::size_t n, TimePoint now);

  /// Open entries that are wholly written on this connection, from the front.
  [[nodiscard]] std::size_t num_written() const { return written_ - front_; }

  /// The same, and the one behind them if any of its bytes was taken: those that the peer may know
  /// of.
  [[nodiscard]] std::size_t num_begun() const { return num_written() + (partial_ > 0 ? 1 : 0); }

  /// A new connection: everything that is open is written from its start, and what is remembered of
  /// the earlier one is forgotten. Returns how many of them had been wholly written before.
  std::size_t rewind();

  /// The connection was lost without evidence: the written ones are in doubt from here on.
  void doubt_written();

  /// The entry's index from the front, negative for a remembered one. Nullopt: not in the window.
  [[nodiscard]] std::optional<std::ptrdiff_t> find(std::uint32_t identifier) const;

  /// The front, which must be wholly written, has its outcome and is remembered.
  void settle_front();

  /// The front leaves, and all that is remembered.
  void pop_front();

  /// What is remembered from this index on is open again: it was discarded. What is before it is
  /// forgotten. The index is not above 0.
  void reopen_from(std::ptrdiff_t index);

  /// Forgets the remembered ones that were written before `when`.
  void forget_written_before(TimePoint when);

  /// The identifier of the oldest entry, remembered ones included; without any, the next one.
  [[nodiscard]] std::uint32_t first_identifier() const {
    return first_ == end_ ? next_identifier_ : slot(first_).identifier;
  }

  /// The identifier that the next push will use.
  [[nodiscard]] std::uint32_t next_identifier() const { return next_identifier_; }

  /// For tests of the wrap; the window must be empty.
  void set_next_identifier(std::uint32_t identifier) { next_identifier_ = identifier; }

 private:
  [[nodiscard]] Entry& slot(std::uint64_t number) { return slots_[number & (slots_.size() - 1)]; }

  [[nodiscard]] const Entry& slot(std::uint64_t number) const {
    return slots_[number & (slots_.size() - 1)];
  }

  /// The frames go on at the start of the ring, behind which the oldest lies.
  [[nodiscard]] bool is_wrapped() const { return first_ != end_ && slot(first_).at >= tail_; }

  void forget_oldest();
  void reserve_slot();
  /// Where `len` bytes in one piece are free.
  [[nodiscard]] std::size_t reserve_bytes(std::size_t len);
  void grow_ring(std::size_t len);

  std::size_t max_len_;
  std::size_t max_bytes_;
  std::vector<Entry> slots_;  // a power of two of them, or none
  std::vector<std::byte> ring_;
  std::size_t tail_ = 0;       // in ring_, behind the newest frame
  std::size_t upper_end_ = 0;  // in ring_, where the upper part ends while is_wrapped()
  std::size_t open_bytes_ = 0;
  std::size_t written_bytes_ = 0;  // of the open ones
  std::size_t remembered_bytes_ = 0;
  // Running numbers of entries: first_ <= front_ <= written_ <= end_.
  std::uint64_t first_ = 0;    // the oldest that is remembered
  std::uint64_t front_ = 0;    // the oldest that is open
  std::uint64_t written_ = 0;  // the oldest that is not wholly written
  std::uint64_t end_ = 0;
  std::size_t partial_ = 0;  // bytes of entry written_ that were taken
  std::uint32_t next_identifier_ = 1;
};

}  // namespace apns::provider
