#include "mock_apns/ticker.h"

#include <utility>

namespace apns::mock {

Ticker::Ticker(std::function<void()> tick, std::chrono::milliseconds every)
    : tick_(std::move(tick)), every_(every), thread_([this] { run(); }) {}

Ticker::~Ticker() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_wanted_.notify_one();
  thread_.join();
}

void Ticker::run() {
  bool is_last = false;
  while (!is_last) {
    {
      std::unique_lock lock(mutex_);
      is_last = stop_wanted_.wait_for(lock, every_, [this] { return is_stopping_; });
    }
    tick_();
  }
}

}  // namespace apns::mock
