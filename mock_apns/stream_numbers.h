#pragma once

#include <cstdint>
#include <vector>

#include "apns/http2/wire.h"

namespace apns::mock {

/// Which stream carried a notification, by the notification's number on its connection. As long as
/// a client's streams follow one another (1, 3, 5, ...) this is one entry; each gap adds one, and
/// the latest kMaxRuns are kept.
///
///   note(1, 1), note(2, 3), note(3, 9)   stream_of(2) = 3, stream_of(3) = 9, stream_of(5) = 13
class StreamNumbers {
 public:
  static constexpr std::size_t kMaxRuns = 64;

  /// Numbers and streams ascend.
  void note(std::uint64_t nth, http2::StreamId stream) {
    if (runs_.empty() || at(runs_.back(), nth) != stream) {
      add_run(nth, stream);
    }
  }

  /// Of one that is still to come: the stream that it will have if no stream is left out. 0: of
  /// number 0, of all when nothing was noted, and of those before the runs that are kept.
  [[nodiscard]] http2::StreamId stream_of(std::uint64_t nth) const;

  void clear() { runs_.clear(); }

 private:
  /// Streams that follow one another by two.
  struct Run {
    std::uint64_t nth = 0;  // of its first
    http2::StreamId stream = 0;
  };

  [[nodiscard]] static std::uint64_t at(const Run& run, std::uint64_t nth) {
    return run.stream + 2 * (nth - run.nth);
  }

  void add_run(std::uint64_t nth, http2::StreamId stream);

  std::vector<Run> runs_;  // ascending
};

}  // namespace apns::mock
