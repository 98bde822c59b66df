#include "provider/dial_plan.h"

#include <algorithm>

#include "apns/base/random.h"

namespace apns::provider {

Duration DialPlan::pause(std::uint64_t seed, std::uint64_t a, std::uint64_t b) const {
  const std::int64_t doubled = std::int64_t{1} << std::min(attempts_ - 1, 20U);
  const Duration whole = limits_.backoff_first > limits_.backoff_max / doubled
                             ? limits_.backoff_max
                             : limits_.backoff_first * doubled;
  const double part = 0.5 + 0.5 * random_unit(random_u64(seed, a, attempts_, b));
  return Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) * part));
}

void DialPlan::began(TimePoint now) {
  if (attempts_++ == 0) {
    first_attempt_at_ = now;
  }
}

void DialPlan::made_progress() {
  attempts_ = 0;
  first_attempt_at_ = kNever;
}

}  // namespace apns::provider
