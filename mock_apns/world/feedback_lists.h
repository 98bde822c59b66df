#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "apns/model/device_token.h"
#include "apns/model/environment.h"

namespace apns::mock {

/// That an app is gone from a phone, as the feedback service tells it.
struct FeedbackTuple {
  std::uint32_t since = 0;  // UNIX seconds: when the service found the app gone
  DeviceToken device_token;

  [[nodiscard]] bool operator==(const FeedbackTuple&) const = default;
};

/// Where the feedback service gets what it hands out. Thread safe.
class FeedbackSource {
 public:
  virtual ~FeedbackSource() = default;

  /// Takes the oldest tuples of a list, at most `max`; they are the caller's to deliver. `topic` is
  /// a bundle id.
  [[nodiscard]] virtual std::vector<FeedbackTuple> take_feedback(Environment environment,
                                                                 std::string_view topic,
                                                                 std::size_t max) = 0;

  /// Those that were not delivered go back to the front, in the same order.
  virtual void put_back_feedback(Environment environment, std::string_view topic,
                                 std::span<const FeedbackTuple> tuples) = 0;
};

/// The lists that the feedback service hands out, one per environment and topic, oldest tuple
/// first. A tuple is in one place at a time: in its list, or with the poller that took it. Thread
/// safe.
class FeedbackLists {
 public:
  /// Each list holds at most so many; one more pushes out the oldest.
  explicit FeedbackLists(std::size_t max_tuples) : max_tuples_(max_tuples) {}

  /// Returns the one that was pushed out.
  std::optional<FeedbackTuple> add(Environment environment, std::uint32_t topic,
                                   const FeedbackTuple& tuple);

  /// Takes the oldest, at most `max`.
  [[nodiscard]] std::vector<FeedbackTuple> take(Environment environment, std::uint32_t topic,
                                                std::size_t max);

  /// Puts what was taken and did not arrive in front again, in the same order.
  void put_back(Environment environment, std::uint32_t topic,
                std::span<const FeedbackTuple> tuples);

  /// Empties all lists.
  void clear();

  [[nodiscard]] std::size_t size(Environment environment, std::uint32_t topic) const;

 private:
  using Key = std::pair<Environment, std::uint32_t>;

  const std::size_t max_tuples_;
  mutable std::mutex mutex_;                        // over all below
  std::map<Key, std::deque<FeedbackTuple>> lists_;  // none is empty
};

}  // namespace apns::mock
