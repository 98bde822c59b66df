#pragma once

#include <chrono>
#include <cstdint>

#include "apns/base/time.h"

namespace apns::provider {

/// How long to go on connecting to a service that one does not get anywhere with.
struct DialLimits {
  Duration connect = std::chrono::seconds(10);  // one attempt, up to the transport
  Duration backoff_first =
      std::chrono::milliseconds(100);  // doubled per attempt without progress, half of it jitter
  Duration backoff_max = std::chrono::seconds(30);
  // One bound on connections in a row without progress, and on the time that they take.
  unsigned max_attempts = 10;
  Duration give_up_after = std::chrono::minutes(2);
};

/// `span` behind `time`, where that is a time at all.
[[nodiscard]] constexpr TimePoint later(TimePoint time, Duration span) {
  return time == kNever || span > kNever - time ? kNever : time + span;
}

/// When to dial, and when to give up: counts the connections in a row that brought no progress.
/// What progress is, the caller says.
class DialPlan {
 public:
  /// `limits` outlives the plan.
  explicit DialPlan(const DialLimits& limits) : limits_(limits) {}

  /// The next attempt may begin at once; else after pause().
  [[nodiscard]] bool is_fresh() const { return attempts_ == 0; }

  /// Half fixed, half random, so that many providers do not come back at the same moment. `a` and
  /// `b` name the draw besides the number of the attempt.
  [[nodiscard]] Duration pause(std::uint64_t seed, std::uint64_t a, std::uint64_t b) const;

  void began(TimePoint now);
  void made_progress();

  /// kNever: no attempt has been made since the last progress.
  [[nodiscard]] TimePoint give_up_at() const {
    return later(first_attempt_at_, limits_.give_up_after);
  }

  [[nodiscard]] bool is_over(TimePoint now) const {
    return attempts_ >= limits_.max_attempts || give_up_at() <= now;
  }

 private:
  const DialLimits& limits_;
  unsigned attempts_ = 0;
  TimePoint first_attempt_at_ = kNever;  // of them
};

}  // namespace apns::provider
