#include "provider/poll_schedule.h"

#include <algorithm>
#include <cassert>

namespace apns::provider {

void PollSchedule::ended(bool well, TimePoint now) {
  assert(every_ > Duration::zero());
  num_failures_ = well ? 0 : num_failures_ + 1;
  const auto num_turns = (now - started_) / every_ + 1;
  due_ = started_ + num_turns * every_;
  if (num_failures_ > 0) {
    constexpr unsigned kDoublings = 9;  // 2^9 s is above the limit
    const Duration pause = std::chrono::seconds(1) * (1U << std::min(num_failures_, kDoublings));
    due_ = std::max(due_, now + std::min(pause, kLongestBackOff));
  }
}

}  // namespace apns::provider
