#include "mock_apns/stream_numbers.h"

#include <algorithm>

namespace apns::mock {

using http2::StreamId;

void StreamNumbers::add_run(std::uint64_t nth, StreamId stream) {
  if (runs_.size() == kMaxRuns) {
    runs_.erase(runs_.begin());
  }
  runs_.push_back(Run{nth, stream});
}

StreamId StreamNumbers::stream_of(std::uint64_t nth) const {
  const auto behind = std::ranges::upper_bound(runs_, nth, {}, &Run::nth);
  if (nth == 0 || behind == runs_.begin()) {
    return 0;
  }
  return static_cast<StreamId>(
      std::min<std::uint64_t>(at(*std::prev(behind), nth), http2::kMaxStreamId));
}

}  // namespace apns::mock
