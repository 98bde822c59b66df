#pragma once

#include <algorithm>
#include <cstdint>

namespace apns::provider {

/// How much may go again, beside what goes for the first time: so many at once, and from then on a
/// share of the fresh ones. When a service fails at everything, it is not hit several times as hard
/// for it. The habit is that of gRPC's retry throttling (gRFC A6).
///
///   burst 100, share 0.2: 100 go again, then one for every 5 fresh ones
class RetryThrottle {
 public:
  RetryThrottle(std::uint32_t burst, double share)
      : burst_(burst), share_(share), allowed_(burst) {}

  void add_fresh() { allowed_ = std::min(burst_, allowed_ + share_); }

  /// False: too many went again already.
  [[nodiscard]] bool take() {
    if (allowed_ < 1) {
      return false;
    }
    allowed_ -= 1;
    return true;
  }

 private:
  double burst_;
  double share_;
  double allowed_;
};

}  // namespace apns::provider
