#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "apns/base/time.h"
#include "apns/http2/wire.h"

namespace apns::provider {

/// A request that is under way on a connection, from its HEADERS to its outcome.
struct OpenRequest {
  static constexpr std::size_t kMaxBody = 1024;  // as much of it is kept

  std::uint64_t ticket = 0;
  TimePoint opened_at{};
  TimePoint deadline = kNever;
  http2::StreamId stream = 0;  // 0: the place is free
  std::uint64_t ends_at = 0;   // behind its last byte, counted from the connection's first
  bool is_in_parts = false;    // a window held some of it back: ends_at is not known
  std::uint16_t status = 0;    // of the answer; 0: none has come
  std::uint32_t token = 0;     // ProviderTokenSource::number() of what it showed
  std::string apns_id;         // of the answer; keeps its memory for the next in its place
  std::string body;            // the same

 private:
  friend class OpenRequests;
  std::uint32_t before_ = 0;  // in the order in which they were opened
  std::uint32_t behind_ = 0;
};

/// The requests of one connection, by a number that a stream carries, and in the order in which
/// they were opened, which is that of their deadlines. Grows to what is open at once, and allocates
/// no more.
class OpenRequests {
 public:
  /// The numbers begin with 1.
  [[nodiscard]] OpenRequest& operator[](std::uint32_t number) { return places_[number]; }

  [[nodiscard]] const OpenRequest& operator[](std::uint32_t number) const {
    return places_[number];
  }

  /// Takes a place behind all others.
  [[nodiscard]] std::uint32_t open();
  /// Gives it back; number 1 to what open() gave.
  void close(std::uint32_t number);

  /// 0: none is open.
  [[nodiscard]] std::uint32_t oldest() const { return places_.front().behind_; }

  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t kUsualId = 36;    // a UUID as text
  static constexpr std::size_t kUsualBody = 80;  // a reason and a time
  static constexpr std::size_t kKeptText = 256;  // bytes of a free place's texts

  std::vector<OpenRequest> places_{1};  // the first is the ring's anchor
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace apns::provider
