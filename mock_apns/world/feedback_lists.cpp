#include "mock_apns/world/feedback_lists.h"

#include <algorithm>
#include <iterator>

namespace apns::mock {

std::optional<FeedbackTuple> FeedbackLists::add(Environment environment, std::uint32_t topic,
                                                const FeedbackTuple& tuple) {
  const std::lock_guard lock(mutex_);
  std::deque<FeedbackTuple>& list = lists_[Key(environment, topic)];
  std::optional<FeedbackTuple> pushed_out;
  if (list.size() >= max_tuples_) {
    pushed_out = list.front();
    list.pop_front();
  }
  list.push_back(tuple);
  return pushed_out;
}

std::vector<FeedbackTuple> FeedbackLists::take(Environment environment, std::uint32_t topic,
                                               std::size_t max) {
  const std::lock_guard lock(mutex_);
  const auto found = lists_.find(Key(environment, topic));
  if (found == lists_.end()) {
    return {};
  }
  std::deque<FeedbackTuple>& list = found->second;
  const auto end = list.begin() + static_cast<std::ptrdiff_t>(std::min(max, list.size()));
  std::vector<FeedbackTuple> taken(list.begin(), end);
  list.erase(list.begin(), end);
  if (list.empty()) {
    lists_.erase(found);
  }
  return taken;
}

void FeedbackLists::put_back(Environment environment, std::uint32_t topic,
                             std::span<const FeedbackTuple> tuples) {
  if (tuples.empty()) {
    return;
  }
  const std::lock_guard lock(mutex_);
  std::deque<FeedbackTuple>& list = lists_[Key(environment, topic)];
  list.insert(list.begin(), tuples.begin(), tuples.end());
}

void FeedbackLists::clear() {
  const std::lock_guard lock(mutex_);
  lists_.clear();
}

std::size_t FeedbackLists::size(Environment environment, std::uint32_t topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = lists_.find(Key(environment, topic));
  return found == lists_.end() ? 0 : found->second.size();
}

}  // namespace apns::mock
