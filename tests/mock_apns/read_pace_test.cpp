#include "mock_apns/read_pace.h"

#include <chrono>

#include <gtest/gtest.h>

#include "mock_apns/fault_action.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow = TimePoint{} + 5s;

FaultAction with_bandwidth(std::uint32_t bytes_a_second) {
  FaultAction action;
  action.bandwidth = bytes_a_second;
  return action;
}

TEST(ReadPace, TakesAllAtFirst) {
  ReadPace pace;
  EXPECT_EQ(pace.take(100'000, kNow), 100'000U);
  EXPECT_TRUE(pace.reads());
  EXPECT_TRUE(pace.resume(kNow));
}

TEST(ReadPace, ABandwidthLetsInATenthOfItAndPausesInProportion) {
  ReadPace pace;
  pace.begin(with_bandwidth(1000));
  EXPECT_EQ(pace.take(5000, kNow), 100U);
  EXPECT_FALSE(pace.reads());
  EXPECT_EQ(pace.resumes_at(), kNow + 100ms);
  EXPECT_FALSE(pace.resume(kNow + 99ms));
  EXPECT_TRUE(pace.resume(kNow + 100ms));
  EXPECT_EQ(pace.take(10, kNow + 100ms), 10U);
  EXPECT_EQ(pace.resumes_at(), kNow + 110ms);
}

TEST(ReadPace, LessThanAByteATenthIsAByte) {
  ReadPace pace;
  pace.begin(with_bandwidth(1));
  EXPECT_EQ(pace.take(5000, kNow), 1U);
}

TEST(ReadPace, StoppingIsForGoodAndAnActionWithoutEitherChangesNothing) {
  ReadPace pace;
  FaultAction stop;
  stop.stop_reading = true;
  pace.begin(stop);
  pace.begin(FaultAction{});
  EXPECT_TRUE(pace.resume(kNow + 1h));
  EXPECT_FALSE(pace.reads());
  pace.reset();
  EXPECT_TRUE(pace.reads());
}

}  // namespace
}  // namespace apns::mock
