#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

#include "apns/model/reason.h"

namespace apns {

/// Since when a device token is known to be gone: UNIX time in milliseconds.
/// Source: "Handling notification responses from APNs", the timestamp key.
using ReasonTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The body of an answer that tells a time as well, as status 410 does; ReasonRow::body is one that
/// does not. The order of the keys is our choice. Made without an allocation.
///
///   {"reason":"Unregistered","timestamp":1454948015990}
class ReasonBody {
 public:
  ReasonBody(Reason reason, ReasonTime timestamp);

  /// As long as this object.
  [[nodiscard]] std::string_view text() const { return {text_.data(), len_}; }

 private:
  // The longest name makes 41 bytes, what comes behind it 15, and the longest time 20.
  static constexpr std::size_t kMaxLen = 96;

  std::size_t len_ = 0;
  std::array<char, kMaxLen> text_;
};

}  // namespace apns
