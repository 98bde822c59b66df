#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "mock_apns/ledger.h"

namespace apns::mock {

/// Collects a ledger on a thread of its own, so that its listener is told soon: every few
/// milliseconds, and once more on destruction. Writers do not wake it, which costs them nothing.
class LedgerCollector {
 public:
  /// `ledger` outlives it; its listener is set before.
  explicit LedgerCollector(const Ledger& ledger,
                           std::chrono::milliseconds every = std::chrono::milliseconds(5));
  /// Whoever writes has stopped before: what is added later is collected by nobody.
  ~LedgerCollector();
  LedgerCollector(const LedgerCollector&) = delete;
  LedgerCollector& operator=(const LedgerCollector&) = delete;

 private:
  void run();

  const Ledger& ledger_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;  // over all below
  std::condition_variable stop_wanted_;
  bool is_stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace apns::mock
