#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "apns/base/time.h"
#include "apns/http2/wire.h"

namespace apns::http2 {

/// One stream that is neither idle nor closed (RFC 9113 section 5.1).
struct Stream {
  enum class State : std::uint8_t { Open, HalfClosedLocal, HalfClosedRemote };

  static constexpr std::uint64_t kAnyLength = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint32_t kNotQueued = std::numeric_limits<std::uint32_t>::max();

  StreamId id = 0;  // 0: an empty slot
  State state = State::Open;
  bool has_message = false;  // the peer's header section (at a client: of the final response)
  bool is_head = false;      // the request was a HEAD: its response has no content
  bool is_connect = false;   // the request was a CONNECT: a response of 2xx is without end
  std::uint32_t queue = kNotQueued;  // place among what waits for windows
  std::int64_t send_window = 0;      // may be negative (section 6.9.2)
  std::int64_t recv_window = 0;
  std::uint32_t recv_owed = 0;  // taken from recv_window and not given back
  std::uint64_t content_length = kAnyLength;
  std::uint64_t content_seen = 0;
  TimePoint opened_at{};
  std::uint64_t user = 0;  // the caller's

  [[nodiscard]] bool can_receive() const {
    return state == State::Open || state == State::HalfClosedLocal;
  }

  [[nodiscard]] bool can_send() const {
    return state == State::Open || state == State::HalfClosedRemote;
  }
};

/// Streams by number: open addressing, sized to what is open, so that a connection with one stream
/// is small and a number says nothing about where it is kept. Insertions and erasures move streams:
/// a pointer is good until the next of either.
class StreamTable {
 public:
  /// Null: not there.
  [[nodiscard]] Stream* find(StreamId id);

  /// `id` is not there, and not 0.
  Stream& insert(StreamId id);
  /// Gives memory back when it was the last of many.
  void erase(StreamId id);

  [[nodiscard]] std::size_t size() const { return size_; }

  /// In no order. `visit` neither inserts nor erases.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (Stream& stream : slots_) {
      if (stream.id != 0) {
        visit(stream);
      }
    }
  }

 private:
  static constexpr std::size_t kFirstSlots = 4;
  static constexpr std::size_t kKeepSlots = 64;

  [[nodiscard]] std::size_t home(StreamId id) const {
    // Numbers of one side step by two; the multiplication spreads them over the upper bits.
    return (static_cast<std::size_t>(id >> 1U) * 0x9E3779B97F4A7C15U) >> shift_;
  }

  void rehash(std::size_t num_slots);

  std::vector<Stream> slots_;  // a power of two of them, at most three quarters full
  std::size_t size_ = 0;
  unsigned shift_ = 64;  // 64 - log2(slots)
};

}  // namespace apns::http2
