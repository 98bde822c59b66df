#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

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

/// Waits for the signals beside what the command does. The first one calls `on_stop`, on a thread
/// of its own; a further one ends the process at once, with 128 + its number.
class StopWatcher {
 public:
  StopWatcher(const StopSignals& signals, std::function<void()> on_stop);
  ~StopWatcher();
  StopWatcher(const StopWatcher&) = delete;
  StopWatcher& operator=(const StopWatcher&) = delete;

 private:
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

/// Raises the soft limit of open descriptors to the hard one. Returns what to say about it, or an
/// empty text.
[[nodiscard]] std::string raise_descriptor_limit();

}  // namespace apns::cli
