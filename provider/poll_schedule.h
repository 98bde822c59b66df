#pragma once

#include <chrono>
#include <cstdint>

#include "apns/base/time.h"

namespace apns::provider {

/// When the next poll is due, of polls that are made again and again. Turns are `every` apart,
/// counted from the starts; one that a long poll has missed is left out. After k polls in a row
/// that failed the pause behind the last is at least 2^k seconds, up to five minutes, however short
/// `every` is: a service in trouble is not helped by those who knock, and Apple took rapid
/// reconnecting for an attack ("Local and Remote Notification Programming Guide", Communicating
/// with APNs).
///
///   every 1h, started at 0:00, ended well at 0:01      -> due at 1:00
///   every 1h, started at 0:00, ended well at 1:20      -> due at 2:00
///   every 1s, the third failure in a row at 0:00:07    -> due at 0:00:15
class PollSchedule {
 public:
  static constexpr Duration kShortest = std::chrono::seconds(1);  // that `every` makes sense
  static constexpr Duration kLongestBackOff = std::chrono::minutes(5);

  explicit PollSchedule(Duration every) : every_(every) {}

  /// The first is due at once.
  [[nodiscard]] TimePoint due() const { return due_; }

  void started(TimePoint now) { started_ = now; }

  void ended(bool well, TimePoint now);

 private:
  const Duration every_;
  TimePoint started_{};
  TimePoint due_ = TimePoint::min();
  unsigned num_failures_ = 0;  // in a row
};

}  // namespace apns::provider
