#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "apns/base/bytes.h"
#include "apns/base/time.h"
#include "apns/model/notification.h"

namespace apns::provider {

/// The encoded frames that are queued or not settled, in order: what is written, and what is
/// written again on the next connection. A notification is in it before its first byte is written.
///
///   [ settled: gone | wholly written | partly written | unwritten ]
///                     ^ front                           ^ unwritten()
///
/// Entries leave at the front only: an error packet settles all before the one it names.
/// Identifiers are a running number that skips 0, so an identifier finds its entry by subtraction.
class SentWindow {
 public:
  struct Entry {
    std::uint64_t ticket = 0;
    std::uint32_t identifier = 0;
    std::uint32_t len = 0;          // bytes of the frame
    TimePoint written_at = kNever;  // when its last byte was taken; kNever: not yet
    bool was_written = false;       // wholly, on this or an earlier connection
    bool in_doubt = false;  // an earlier connection was lost with it, so somebody may have it
  };

  SentWindow(std::size_t max_len, std::size_t max_bytes)
      : max_len_(max_len), max_bytes_(max_bytes) {}

  [[nodiscard]] bool has_room() const {
    return entries_.size() < max_len_ && num_bytes() < max_bytes_;
  }

  [[nodiscard]] bool empty() const { return entries_.empty(); }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// Of the frames of its entries.
  [[nodiscard]] std::size_t num_bytes() const { return bytes_.size() - head_; }

  [[nodiscard]] const Entry& front() const { return entries_.front(); }

  [[nodiscard]] const Entry& at(std::size_t index) const { return entries_[index]; }

  /// Encodes the notification (command 2) with the next identifier.
  void push(const Notification& notification, std::uint64_t ticket);

  /// Everything that has not been taken, in one piece; valid until the next call that is not const.
  [[nodiscard]] ByteView unwritten() const {
    return ByteView(bytes_).subspan(head_ + written_bytes_);
  }

  void mark_written(std::size_t n, TimePoint now);

  /// Entries wholly written on this connection, from the front.
  [[nodiscard]] std::size_t num_written() const { return num_written_; }

  /// The same, and the one behind them if any of its bytes was taken: those that the peer may know
  /// of.
  [[nodiscard]] std::size_t num_begun() const {
    return num_written_ + (written_bytes_ > written_end_ ? 1 : 0);
  }

  /// A new connection: everything that is left is written from its start.
  /// Returns how many of them had been wholly written before.
  std::size_t rewind();

  /// The connection was lost without evidence: the written ones are in doubt from here on.
  void doubt_written();

  /// The entry's index from the front. Nullopt: not in the window.
  [[nodiscard]] std::optional<std::size_t> find(std::uint32_t identifier) const;

  void pop_front();

  /// The identifier that the next push will use.
  [[nodiscard]] std::uint32_t next_identifier() const { return next_identifier_; }

  /// For tests of the wrap.
  void set_next_identifier(std::uint32_t identifier) { next_identifier_ = identifier; }

 private:
  std::size_t max_len_;
  std::size_t max_bytes_;
  std::deque<Entry> entries_;
  Bytes bytes_;
  std::size_t head_ = 0;           // start of the front entry in bytes_
  std::size_t written_bytes_ = 0;  // from head_, taken by the layer below
  std::size_t num_written_ = 0;
  std::size_t written_end_ = 0;  // from head_, where entry num_written_ starts
  std::uint32_t next_identifier_ = 1;
};

}  // namespace apns::provider
