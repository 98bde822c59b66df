#include "cli/line_printer.h"

#include <cstdio>
#include <utility>

namespace apns::cli {

LinePrinter::LinePrinter() : thread_([this] { run(); }) {}

LinePrinter::~LinePrinter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LinePrinter::print(std::string line) {
  {
    const std::lock_guard lock(mutex_);
    if (lines_.size() >= kMaxQueued) {
      ++num_lost_;
      return;
    }
    lines_.push_back(std::move(line));
  }
  changed_.notify_one();
}

void LinePrinter::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || !lines_.empty(); });
    if (lines_.empty()) {
      return;
    }
    const std::deque<std::string> batch = std::exchange(lines_, {});
    const std::uint64_t num_lost = std::exchange(num_lost_, 0);
    lock.unlock();
    std::string text;
    for (const std::string& line : batch) {
      text += line;
      text += '\n';
    }
    if (num_lost > 0) {
      text += std::to_string(num_lost) +
              " lines were not printed: standard output was not read fast enough\n";
    }
    (void)std::fwrite(text.data(), 1, text.size(), stdout);
    (void)std::fflush(stdout);
    lock.lock();
  }
}

}  // namespace apns::cli
