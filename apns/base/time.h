#pragma once

#include <chrono>

namespace apns {

/// The I/O clock: monotonic, never frozen. Deadlines of handshakes, writes and idle connections are
/// on it. It has no now(): whoever drives an engine passes the time in, so engines run under a
/// manual clock.
struct IoClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<IoClock>;
  static constexpr bool is_steady = true;
};

using Duration = IoClock::duration;
using TimePoint = IoClock::time_point;

/// "No deadline".
inline constexpr TimePoint kNever = TimePoint::max();

/// A time of the world's clock, UTC: what ledgers, certificates and expirations are read against.
using WorldTime = std::chrono::sys_time<std::chrono::microseconds>;

/// The world's clock. Unlike the I/O clock it may be frozen or advanced (see ManualClock).
/// Its functions may be called from any thread.
class WorldClock {
 public:
  virtual ~WorldClock() = default;
  [[nodiscard]] virtual WorldTime now() const = 0;

  /// How far it is ahead of the clocks of those who talk to the world; 0 unless somebody has moved
  /// it. A time stamp that came from one of them is kept with the offset in force when it was first
  /// seen: advancing the world then ages what was there, and does not expire what is made next.
  [[nodiscard]] virtual WorldTime::duration offset() const { return {}; }
};

/// Where a manual clock starts, so that one seed gives one file.
inline constexpr WorldTime kManualStart = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};

/// Both clocks of the memory host: they move only when told, and together.
/// Not thread safe: the memory host is one thread.
class ManualClock final : public WorldClock {
 public:
  [[nodiscard]] WorldTime now() const override {
    return kManualStart +
           std::chrono::duration_cast<std::chrono::microseconds>(io_now_.time_since_epoch());
  }

  [[nodiscard]] TimePoint io_now() const { return io_now_; }

  /// Moves both clocks forward to `t`; a time in the past is ignored.
  void advance_to(TimePoint t) {
    if (t > io_now_) {
      io_now_ = t;
    }
  }

 private:
  TimePoint io_now_{};
};

}  // namespace apns
