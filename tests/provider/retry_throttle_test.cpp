#include "provider/retry_throttle.h"

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

TEST(RetryThrottle, AllowsABurstThenAShareOfTheFresh) {
  RetryThrottle throttle(10, 0.25);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(throttle.take()) << i;
  }
  EXPECT_FALSE(throttle.take());
  int num_taken = 0;
  for (int fresh = 1; fresh <= 1000; ++fresh) {
    throttle.add_fresh();
    num_taken += throttle.take() ? 1 : 0;
  }
  EXPECT_EQ(num_taken, 250);
}

TEST(RetryThrottle, SavesNoMoreThanTheBurst) {
  RetryThrottle throttle(3, 0.5);
  for (int fresh = 0; fresh < 1000; ++fresh) {
    throttle.add_fresh();
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(throttle.take());
  }
  EXPECT_FALSE(throttle.take());
}

TEST(RetryThrottle, MayAllowNothing) {
  RetryThrottle throttle(0, 0.5);
  throttle.add_fresh();
  EXPECT_FALSE(throttle.take());
}

}  // namespace
}  // namespace apns::provider
