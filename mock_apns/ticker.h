#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace apns::mock {

/// Calls a function again and again on a thread of its own, and once more on destruction: for what
/// is due soon and that nobody has to be woken for, such as Ledger::collect and World::on_time.
class Ticker {
 public:
  /// What `tick` uses outlives the ticker.
  Ticker(std::function<void()> tick, std::chrono::milliseconds every);
  /// Whoever makes work for it has stopped before: what comes later nobody sees.
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  void run();

  const std::function<void()> tick_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;  // over all below
  std::condition_variable stop_wanted_;
  bool is_stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace apns::mock
