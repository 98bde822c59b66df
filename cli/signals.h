#pragma once

#include <string>

namespace apns::cli {

/// SIGINT and SIGTERM as something to wait for. Make one before any thread starts: the signals are
/// blocked from then on in every thread.
class StopSignals {
 public:
  StopSignals();

  /// Waits for the next one; returns its number.
  [[nodiscard]] int wait() const;

  /// From here on a further one ends the process at once, with 128 + its number.
  void exit_on_next() const;
};

/// Raises the soft limit of open descriptors to the hard one. Returns what to say about it, or an
/// empty text.
[[nodiscard]] std::string raise_descriptor_limit();

}  // namespace apns::cli
