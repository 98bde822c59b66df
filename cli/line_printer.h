#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

namespace apns::cli {

/// Writes lines to standard output on a thread of its own, in order, from a bounded queue: who
/// produces them is never held up by a terminal or a pipe that nobody reads. What does not fit is
/// counted and said in a line of its own.
class LinePrinter {
 public:
  LinePrinter();
  /// Writes what is queued first.
  ~LinePrinter();
  LinePrinter(const LinePrinter&) = delete;
  LinePrinter& operator=(const LinePrinter&) = delete;

  void print(std::string line);

 private:
  static constexpr std::size_t kMaxQueued = 100'000;

  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::uint64_t num_lost_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace apns::cli
