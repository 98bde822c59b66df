#include "apns/net/standstill.h"

namespace apns::net {

void Standstill::arrive() {
  std::unique_lock lock(mutex_);
  --num_missing_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return is_over_; });
}

bool Standstill::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [this] { return num_missing_ == 0 || is_over_; });
  if (num_missing_ == 0 && !is_over_) {
    return true;
  }
  is_over_ = true;
  changed_.notify_all();
  return false;
}

void Standstill::end() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  changed_.notify_all();
}

void Standstill::give_up() {
  const std::lock_guard lock(mutex_);
  if (num_missing_ > 0) {
    is_over_ = true;
    changed_.notify_all();
  }
}

}  // namespace apns::net
