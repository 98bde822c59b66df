#pragma once

#include "apns/base/time.h"

namespace apns::test {

/// A machine whose clock is wrong, or is set while time goes on: so much ahead of the true one.
class SetClock final : public WorldClock {
 public:
  explicit SetClock(const WorldClock& true_clock) : true_(true_clock) {}

  [[nodiscard]] WorldTime now() const override { return true_.now() + ahead; }

  WorldTime::duration ahead{};

 private:
  const WorldClock& true_;
};

}  // namespace apns::test
