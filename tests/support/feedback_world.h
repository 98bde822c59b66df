#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/bytes.h"
#include "mock_apns/world/feedback_lists.h"

namespace apns::test {

/// The timestamp of tuples made here, minus their number: 2019-01-01T00:00:00Z.
inline constexpr std::uint32_t kFeedbackEpoch = 1'546'300'800;

/// Tuple `number` of a list: its token is 32 bytes that say so, its time that many seconds later.
inline mock::FeedbackTuple feedback_tuple(std::uint32_t number) {
  Bytes token(28, std::byte{0xC0});
  ByteWriter(token).write(number);
  return {kFeedbackEpoch + number, *DeviceToken::from_bytes(token)};
}

/// Where a feedback service gets its tuples from, without a world: lists by topic.
class FeedbackWorld final : public mock::FeedbackSource {
 public:
  /// Tuples `first` to `last` behind what is there.
  void fill(std::uint32_t first, std::uint32_t last, const std::string& topic = "com.example.app",
            Environment environment = Environment::Production) {
    for (std::uint32_t number = first; number <= last; ++number) {
      (void)lists_.add(environment, number_of(topic), feedback_tuple(number));
    }
  }

  /// How many are on the list.
  [[nodiscard]] std::size_t size(const std::string& topic = "com.example.app",
                                 Environment environment = Environment::Production) {
    return lists_.size(environment, number_of(topic));
  }

  /// The numbers on the list, which is empty afterwards.
  [[nodiscard]] std::vector<std::uint32_t> numbers(
      const std::string& topic = "com.example.app",
      Environment environment = Environment::Production) {
    std::vector<std::uint32_t> all;
    for (const mock::FeedbackTuple& tuple : lists_.take(environment, number_of(topic), SIZE_MAX)) {
      all.push_back(tuple.since - kFeedbackEpoch);
    }
    return all;
  }

  std::vector<mock::FeedbackTuple> take_feedback(Environment environment, std::string_view topic,
                                                 std::size_t max) override {
    return lists_.take(environment, number_of(topic), max);
  }

  void put_back_feedback(Environment environment, std::string_view topic,
                         std::span<const mock::FeedbackTuple> tuples) override {
    lists_.put_back(environment, number_of(topic), tuples);
  }

 private:
  static std::uint32_t number_of(std::string_view topic) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(topic));
  }

  mock::FeedbackLists lists_{1'000'000};
};

}  // namespace apns::test
