#include "mock_apns/stream_numbers.h"

#include <gtest/gtest.h>

namespace apns::mock {
namespace {

TEST(StreamNumbers, KnowsEachStreamAndWhereTheNextOnesWillBe) {
  StreamNumbers numbers;
  EXPECT_EQ(numbers.stream_of(1), 0U);
  numbers.note(1, 1);
  numbers.note(2, 3);
  numbers.note(3, 9);  // streams 5 and 7 were no notifications
  numbers.note(4, 11);
  EXPECT_EQ(numbers.stream_of(0), 0U);
  EXPECT_EQ(numbers.stream_of(1), 1U);
  EXPECT_EQ(numbers.stream_of(2), 3U);
  EXPECT_EQ(numbers.stream_of(3), 9U);
  EXPECT_EQ(numbers.stream_of(4), 11U);
  EXPECT_EQ(numbers.stream_of(6), 15U);
  EXPECT_EQ(numbers.stream_of(4'000'000'000), 0x7FFF'FFFFU) << "no stream is above it";
}

TEST(StreamNumbers, ForgetsTheOldestGaps) {
  StreamNumbers numbers;
  for (std::uint64_t nth = 1; nth <= 100; ++nth) {
    numbers.note(nth, static_cast<http2::StreamId>(4 * nth + 1));
  }
  EXPECT_EQ(numbers.stream_of(36), 0U);
  EXPECT_EQ(numbers.stream_of(37), 149U);
  EXPECT_EQ(numbers.stream_of(100), 401U);
}

TEST(StreamNumbers, CountsAnew) {
  StreamNumbers numbers;
  numbers.note(5, 9);
  numbers.clear();
  EXPECT_EQ(numbers.stream_of(5), 0U);
  numbers.note(1, 11);
  EXPECT_EQ(numbers.stream_of(2), 13U);
}

}  // namespace
}  // namespace apns::mock
