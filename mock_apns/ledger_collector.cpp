#include "mock_apns/ledger_collector.h"

namespace apns::mock {

LedgerCollector::LedgerCollector(const Ledger& ledger, std::chrono::milliseconds every)
    : ledger_(ledger), every_(every), thread_([this] { run(); }) {}

LedgerCollector::~LedgerCollector() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_wanted_.notify_one();
  thread_.join();
}

void LedgerCollector::run() {
  bool is_last = false;
  while (!is_last) {
    {
      std::unique_lock lock(mutex_);
      is_last = stop_wanted_.wait_for(lock, every_, [this] { return is_stopping_; });
    }
    ledger_.collect();
  }
}

}  // namespace apns::mock
