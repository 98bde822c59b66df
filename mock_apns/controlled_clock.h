#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "apns/base/time.h"

namespace apns::mock {

/// What cannot be done to a clock, for people: one sentence for what is wrong, one for what would
/// be right.
class ClockError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The world's clock of a service, which people move: it goes with another one, ahead of it or
/// behind it, or it is frozen.
///
///   advance(11min)           now() is 11 minutes later, and goes on
///   freeze(), advance(1min)  now() is exactly a minute later, and stays
///   run()                    now() goes on from where it stood
///   reset()                  the other clock's time, as at the start
///
/// Thread safe. Reading takes no lock: beside the other clock's now(), two atomic loads.
class ControlledClock final : public WorldClock {
 public:
  struct State {
    WorldTime now{};
    bool is_frozen = false;
    WorldTime::duration offset{};  // as of offset()
  };

  /// What it may be set to. Certificates that the service makes are valid from the first on; no
  /// expiration of four bytes lies far behind the last.
  static constexpr WorldTime kEarliest = std::chrono::sys_days{std::chrono::year{2009} / 1 / 1};
  static constexpr WorldTime kLatest = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};

  /// `base` is the clock of those who talk to the world, and outlives this one.
  explicit ControlledClock(const WorldClock& base) : base_(base) {}

  [[nodiscard]] WorldTime now() const override {
    const WorldTime::rep frozen = frozen_at_.load(std::memory_order_acquire);
    return frozen != kRunning ? WorldTime(WorldTime::duration(frozen))
                              : base_.now() + WorldTime::duration(ahead_.load());
  }

  /// Grows smaller while it is frozen.
  [[nodiscard]] WorldTime::duration offset() const override {
    const WorldTime::rep frozen = frozen_at_.load(std::memory_order_acquire);
    return frozen != kRunning ? WorldTime(WorldTime::duration(frozen)) - base_.now()
                              : WorldTime::duration(ahead_.load());
  }

  [[nodiscard]] State state() const;

  void freeze();
  /// At any time within the bounds, also one that is past. Throws ClockError.
  void freeze_at(WorldTime time);
  /// Goes on from where it stands.
  void run();
  /// Frozen or not, as before. Throws ClockError: `by` is negative, or leads out of the bounds.
  void advance(WorldTime::duration by);
  /// Goes on, or stands, from `time`, which may be past. Throws ClockError.
  void set(WorldTime time);
  void reset();

  /// Told after each change, on the thread that makes it; when the change returns, so has the
  /// listener. Call it before others use the clock.
  void set_listener(std::function<void()> listener) { listener_ = std::move(listener); }

 private:
  static constexpr WorldTime::rep kRunning = WorldTime::min().time_since_epoch().count();

  // Under the lock.
  [[nodiscard]] bool is_frozen() const { return frozen_at_.load() != kRunning; }

  void stand_at(WorldTime time);
  void go_on_from(WorldTime time);

  void tell() const;

  const WorldClock& base_;
  std::function<void()> listener_;
  mutable std::mutex mutex_;  // over changes, so that each is made from what it saw
  // Means something while frozen_at_ is kRunning, and is written before that is.
  std::atomic<WorldTime::rep> ahead_{0};
  std::atomic<WorldTime::rep> frozen_at_{kRunning};
};

}  // namespace apns::mock
