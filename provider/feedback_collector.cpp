#include "provider/feedback_collector.h"

#include <algorithm>

namespace apns::provider {

void FeedbackCollector::tuple(const binary::FeedbackTuple& tuple) {
  const auto known = gone_since_.find(tuple.device_token);
  if (known != gone_since_.end()) {
    known->second = std::max(known->second, tuple.timestamp);
  } else if (gone_since_.size() < max_tokens_) {
    gone_since_.emplace(tuple.device_token, tuple.timestamp);
  } else {
    ++num_dropped_;
  }
}

}  // namespace apns::provider
