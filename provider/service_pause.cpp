#include "provider/service_pause.h"

#include "provider/retry_policy.h"

namespace apns::provider {

void ServicePause::refused(std::uint64_t ticket, Duration first, Duration max, double draw,
                           TimePoint now) {
  if (state_ == State::Waiting || (state_ == State::Probing && ticket != probe_)) {
    return;
  }
  state_ = State::Waiting;
  until_ = now + backoff(first, max, ++length_, draw);
}

}  // namespace apns::provider
