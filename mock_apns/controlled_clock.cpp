#include "mock_apns/controlled_clock.h"

#include <algorithm>
#include <string>

#include "apns/base/rfc3339.h"

namespace apns::mock {

namespace {

void require_in_bounds(WorldTime time, const std::string& what) {
  if (time < ControlledClock::kEarliest || time > ControlledClock::kLatest) {
    throw ClockError(what + " leads out of the time that the clock can show. It goes from " +
                     to_rfc3339(ControlledClock::kEarliest) + " to " +
                     to_rfc3339(ControlledClock::kLatest) + ".");
  }
}

}  // namespace

ControlledClock::State ControlledClock::state() const {
  const std::lock_guard lock(mutex_);
  return State{.now = now(), .is_frozen = is_frozen(), .offset = offset()};
}

void ControlledClock::freeze() {
  {
    const std::lock_guard lock(mutex_);
    stand_at(now());
  }
  tell();
}

void ControlledClock::freeze_at(WorldTime time) {
  require_in_bounds(time, "This time");
  {
    const std::lock_guard lock(mutex_);
    stand_at(time);
  }
  tell();
}

void ControlledClock::run() {
  {
    const std::lock_guard lock(mutex_);
    if (is_frozen()) {
      go_on_from(now());
    }
  }
  tell();
}

void ControlledClock::advance(WorldTime::duration by) {
  if (by < WorldTime::duration{}) {
    throw ClockError("The clock is not advanced by less than nothing. To go back, set a time.");
  }
  {
    const std::lock_guard lock(mutex_);
    const WorldTime from = now();
    // Too far from anywhere is far enough to say so, and does not overflow.
    require_in_bounds(from + std::min(by, kLatest - kEarliest + std::chrono::seconds(1)),
                      "To advance so far");
    if (is_frozen()) {
      stand_at(from + by);
    } else {
      ahead_.store(ahead_.load() + by.count());
    }
  }
  tell();
}

void ControlledClock::set(WorldTime time) {
  require_in_bounds(time, "This time");
  {
    const std::lock_guard lock(mutex_);
    is_frozen() ? stand_at(time) : go_on_from(time);
  }
  tell();
}

void ControlledClock::reset() {
  {
    const std::lock_guard lock(mutex_);
    ahead_.store(0);
    frozen_at_.store(kRunning, std::memory_order_release);
  }
  tell();
}

void ControlledClock::stand_at(WorldTime time) {
  frozen_at_.store(time.time_since_epoch().count(), std::memory_order_release);
}

void ControlledClock::go_on_from(WorldTime time) {
  ahead_.store((time - base_.now()).count());
  frozen_at_.store(kRunning, std::memory_order_release);
}

void ControlledClock::tell() const {
  if (listener_) {
    listener_();
  }
}

}  // namespace apns::mock
