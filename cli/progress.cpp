#include "cli/progress.h"

#include <cstdio>

namespace apns::cli {

void Progress::advance() {
  ++count_;
  if (!is_shown_) {
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_at_ < std::chrono::milliseconds(100)) {
    return;
  }
  drawn_at_ = now;
  is_drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  (void)std::fprintf(stderr, "\r\033[K%llu %s, %.0f/s", static_cast<unsigned long long>(count_),
                     what_.c_str(), seconds > 0 ? static_cast<double>(count_) / seconds : 0.0);
}

void Progress::clear() {
  if (is_drawn_) {
    (void)std::fputs("\r\033[K", stderr);
    is_drawn_ = false;
  }
}

}  // namespace apns::cli
