#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace apns::net {

/// Threads that stand still while one more does something, once. Each of them is sent to arrive();
/// whoever waits for them shares this object with them, because some may come late.
///
///   all arrive   wait() = true, ..., end() -> arrive() returns everywhere
///   one is busy  wait() = false -> arrive() returns everywhere, and at once for the late one
class Standstill {
 public:
  explicit Standstill(std::size_t num_threads) : num_missing_(num_threads) {}

  /// Returns when it is over.
  void arrive();

  /// True: all have arrived, and stand until end(). False: somebody was missing at the limit, or
  /// give_up() came first; it is over.
  [[nodiscard]] bool wait(std::chrono::milliseconds limit);

  void end();

  /// Ends it, unless all have arrived.
  void give_up();

 private:
  std::mutex mutex_;  // over all below
  std::condition_variable changed_;
  std::size_t num_missing_;
  bool is_over_ = false;
};

}  // namespace apns::net
