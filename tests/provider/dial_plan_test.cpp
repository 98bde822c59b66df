#include "provider/dial_plan.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

using namespace std::chrono_literals;

TEST(DialPlan, PausesGrowUpToTheirBoundAndAreHalfRandom) {
  DialLimits limits;
  limits.backoff_first = 100ms;
  limits.backoff_max = 1s;
  DialPlan plan(limits);
  EXPECT_TRUE(plan.is_fresh());
  for (const Duration whole : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    plan.began(TimePoint());
    EXPECT_FALSE(plan.is_fresh());
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const Duration pause = plan.pause(seed, 1, 2);
      EXPECT_GE(pause, whole / 2);
      EXPECT_LE(pause, whole);
    }
    EXPECT_NE(plan.pause(1, 1, 2), plan.pause(2, 1, 2));
  }
}

TEST(DialPlan, IsOverAfterSoManyAttemptsOrSoMuchTime) {
  DialLimits limits;
  limits.max_attempts = 2;
  limits.give_up_after = 10s;
  DialPlan plan(limits);
  EXPECT_EQ(plan.give_up_at(), kNever);
  plan.began(TimePoint(1s));
  EXPECT_EQ(plan.give_up_at(), TimePoint(11s));
  EXPECT_FALSE(plan.is_over(TimePoint(10s)));
  EXPECT_TRUE(plan.is_over(TimePoint(11s)));
  plan.began(TimePoint(2s));
  EXPECT_EQ(plan.give_up_at(), TimePoint(11s));
  EXPECT_TRUE(plan.is_over(TimePoint(2s)));
  plan.made_progress();
  EXPECT_TRUE(plan.is_fresh());
  EXPECT_FALSE(plan.is_over(TimePoint(100s)));
}

TEST(DialPlan, NeverIsNotOver) {
  DialLimits limits;
  limits.give_up_after = Duration::max();
  limits.backoff_max = Duration::max();
  limits.max_attempts = 1000;
  DialPlan plan(limits);
  for (int i = 0; i < 100; ++i) {
    plan.began(TimePoint(1s));
  }
  EXPECT_EQ(plan.give_up_at(), kNever);
  EXPECT_GT(plan.pause(1, 1, 1), 1h);
}

}  // namespace
}  // namespace apns::provider
