#include "mock_apns/read_pace.h"

#include <algorithm>
#include <chrono>

#include "mock_apns/fault_action.h"

namespace apns::mock {

void ReadPace::begin(const FaultAction& action) {
  is_stopped_ = is_stopped_ || action.stop_reading;
  bandwidth_ = action.bandwidth != 0 ? action.bandwidth : bandwidth_;
}

// So much a second means a tenth of it in each tenth of a second.
std::size_t ReadPace::take(std::size_t wanted, TimePoint now) {
  if (bandwidth_ == 0) {
    return wanted;
  }
  const std::size_t tenth = std::max(bandwidth_ / 10, 1U);
  const std::size_t allowed = std::min(wanted, tenth);
  resumes_at_ = now + std::chrono::milliseconds(100) * allowed / tenth;
  return allowed;
}

bool ReadPace::resume(TimePoint now) {
  if (is_paused() && now < resumes_at_) {
    return false;
  }
  resumes_at_ = kNever;
  return true;
}

}  // namespace apns::mock
