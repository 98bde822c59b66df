#pragma once

#include <cstddef>
#include <cstdint>

#include "apns/base/time.h"

namespace apns::mock {

struct FaultAction;

/// How a connection reads when somebody has said so: not at all, not for a while, or so many bytes
/// a second.
///
///   begin(bandwidth=1000)   take(5000) = 100, reads() = false; resume(100 ms later), reads() =
///   true
class ReadPace {
 public:
  [[nodiscard]] bool reads() const { return !is_stopped_ && !is_paused(); }

  [[nodiscard]] bool is_stopped() const { return is_stopped_; }

  [[nodiscard]] bool is_paused() const { return resumes_at_ != kNever; }

  /// When a pause is over; kNever: there is none.
  [[nodiscard]] TimePoint resumes_at() const { return resumes_at_; }

  /// `stop_reading` and `bandwidth` of an action; what it does not ask for stays as it was.
  void begin(const FaultAction& action);

  /// Instead of any other pause.
  void pause_until(TimePoint when) { resumes_at_ = when; }

  /// How many of `wanted` bytes may be taken now. With a bandwidth a pause begins behind them.
  [[nodiscard]] std::size_t take(std::size_t wanted, TimePoint now);

  /// Ends a pause that is over by `now`. False: one goes on.
  bool resume(TimePoint now);

  /// At full speed again.
  void reset() { *this = ReadPace(); }

 private:
  bool is_stopped_ = false;
  std::uint32_t bandwidth_ = 0;  // bytes a second; 0: no limit
  TimePoint resumes_at_ = kNever;
};

}  // namespace apns::mock
