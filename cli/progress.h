#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace apns::cli {

/// A line on a terminal's standard error that counts up, redrawn at most ten times a second. Not
/// thread safe.
class Progress {
 public:
  Progress(std::string what, bool is_shown) : what_(std::move(what)), is_shown_(is_shown) {}

  void advance();
  /// Takes the line away, so that something else can be printed.
  void clear();

 private:
  std::string what_;
  bool is_shown_;
  bool is_drawn_ = false;
  std::uint64_t count_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point drawn_at_{};
};

}  // namespace apns::cli
