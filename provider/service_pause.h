#pragma once

#include <cstdint>

#include "apns/base/time.h"

namespace apns::provider {

/// Nothing goes for a while, then one alone goes to see, and the others follow it or wait on.
///
///   refused(7)   waits ... lets_go() -> went(9): nobody else -> settled(9): all go
///                                                            -> refused(9): waits twice as long
///
/// Those that were under way when it began change nothing.
class ServicePause {
 public:
  /// The outcome of that one says to wait. `draw` from [0, 1) decides on half of the pause.
  void refused(std::uint64_t ticket, Duration first, Duration max, double draw, TimePoint now);

  /// It says something else, whatever that is.
  void settled(std::uint64_t ticket) {
    if (state_ == State::Probing && ticket == probe_) {
      state_ = State::Off;
      length_ = 0;
    }
  }

  /// It was handed over.
  void went(std::uint64_t ticket) {
    if (state_ == State::Waiting) {
      state_ = State::Probing;
      probe_ = ticket;
    }
  }

  [[nodiscard]] bool lets_go(TimePoint now) const {
    return state_ == State::Off || (state_ == State::Waiting && until_ <= now);
  }

  /// kNever: it does not wait for a time.
  [[nodiscard]] TimePoint until() const { return state_ == State::Waiting ? until_ : kNever; }

 private:
  enum class State : std::uint8_t { Off, Waiting, Probing };

  State state_ = State::Off;
  TimePoint until_{};
  std::uint64_t probe_ = 0;
  unsigned length_ = 0;  // pauses in a row
};

}  // namespace apns::provider
