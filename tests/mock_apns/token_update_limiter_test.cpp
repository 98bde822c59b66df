#include "mock_apns/token_update_limiter.h"

#include <gtest/gtest.h>

#include "mock_apns/provider_token_memory.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using enum TokenUpdateLimiter::Decision;
using Decision = TokenUpdateLimiter::Decision;

TokenDigest token(int number) {
  TokenDigest digest{};
  digest[0] = static_cast<std::byte>(number);
  digest[1] = static_cast<std::byte>(number >> 8);
  digest[2] = static_cast<std::byte>(number >> 16);
  return digest;
}

class TokenUpdateLimiterTest : public testing::Test {
 protected:
  Decision use(int number, bool is_valid = true) {
    const Decision decision = limiter.decide(token(number), now, policy);
    EXPECT_EQ(limiter.decide(token(number), now, policy), decision) << "deciding changes nothing";
    limiter.note(decision, token(number), is_valid, now, policy);
    return decision;
  }

  ProviderTokenPolicy policy;
  TokenUpdateLimiter limiter;
  WorldTime now = kManualStart;
};

TEST_F(TokenUpdateLimiterTest, CountsFromTheFirstUse) {
  EXPECT_EQ(use(1), New);
  now += 19min;
  EXPECT_EQ(use(1), Known);
  EXPECT_EQ(use(2), TooMany);
  EXPECT_EQ(limiter.free_at(policy), kManualStart + 20min);
  now += 1min - 1us;
  EXPECT_EQ(use(2), TooMany);
  now += 1us;
  EXPECT_EQ(use(2), New);
  EXPECT_EQ(use(3), TooMany);
}

TEST_F(TokenUpdateLimiterTest, RefusedOnesDoNotProlongIt) {
  EXPECT_EQ(use(1), New);
  for (int i = 2; i < 22; ++i) {
    now += 59s;
    EXPECT_EQ(use(i), TooMany);
  }
  now += 20s;
  EXPECT_EQ(use(2), New);
}

TEST_F(TokenUpdateLimiterTest, ATokenThatIsKeptForLongBeginsAnew) {
  EXPECT_EQ(use(1), New);
  now += 50min;
  EXPECT_EQ(use(2), New);
  now += 19min;
  EXPECT_EQ(use(3), TooMany);
}

TEST_F(TokenUpdateLimiterTest, GoingBackIsNoUpdate) {
  EXPECT_EQ(use(1), New);
  now += 20min;
  EXPECT_EQ(use(2), New);
  EXPECT_EQ(use(1), Known);
  EXPECT_EQ(use(2), Known);
}

TEST_F(TokenUpdateLimiterTest, SomeUpdatesAreFree) {
  policy.free_updates = 2;
  EXPECT_EQ(use(1), New);
  EXPECT_EQ(use(2), Update);
  EXPECT_EQ(use(3), Update);
  EXPECT_EQ(use(4), TooMany);
  EXPECT_EQ(use(2), Known);
  now += 20min;
  EXPECT_EQ(use(4), New);
  EXPECT_EQ(use(5), Update);
}

TEST_F(TokenUpdateLimiterTest, InvalidOnesCount) {
  EXPECT_EQ(use(1, false), New);
  EXPECT_EQ(use(2), TooMany);
  EXPECT_EQ(use(1, false), Known);
}

TEST_F(TokenUpdateLimiterTest, UnlessSomeAreFree) {
  policy.free_invalid = 2;
  EXPECT_EQ(use(1, false), New);
  EXPECT_EQ(use(2, false), New);
  EXPECT_EQ(use(2, false), Known);
  EXPECT_EQ(use(3, false), New) << "this one begins the interval";
  EXPECT_EQ(use(4), TooMany);
}

TEST_F(TokenUpdateLimiterTest, FreeOnesAreAsManyForEachInterval) {
  policy.free_invalid = 2;
  EXPECT_EQ(use(1, false), New);
  EXPECT_EQ(use(2, false), New);
  EXPECT_EQ(use(3), New) << "a good one";
  EXPECT_EQ(use(4, false), TooMany) << "both were used before the interval began";
  now += 20min;
  EXPECT_EQ(use(5, false), New);
  EXPECT_EQ(use(6), New);
  EXPECT_EQ(use(7, false), TooMany) << "a bad one that is free is an update too many";
}

TEST_F(TokenUpdateLimiterTest, BlocksAllWhereTold) {
  policy.update_limit_blocks_all = true;
  EXPECT_EQ(use(1), New);
  EXPECT_EQ(use(1), Known);
  EXPECT_EQ(use(2), TooMany);
  EXPECT_EQ(use(1), TooMany);
  now += 20min;
  EXPECT_EQ(use(1), Known);
  EXPECT_EQ(use(2), New);
  EXPECT_EQ(use(1), Known) << "a new interval";
}

TEST_F(TokenUpdateLimiterTest, IsBoundedAndGoesOnWhenTheClockGoesBack) {
  policy.update_interval = 0s;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(use(i), New);
  }
  EXPECT_EQ(use(999), Known);
  EXPECT_EQ(use(0), New) << "forgotten";
  policy.update_interval = 20min;
  now -= 1s;
  EXPECT_EQ(use(2000), New) << "not limited for a time that may never come";
  limiter.reset();
  EXPECT_EQ(use(2000), New);
}

TEST(ProviderTokenMemory, KeepsTheFirstSight) {
  ProviderTokenMemory memory;
  EXPECT_EQ(memory.first_offset(token(1), 5min), 5min);
  memory.note_sight(token(1), 5min);
  memory.note_sight(token(1), 61min);
  EXPECT_EQ(memory.first_offset(token(1), 61min), 5min);
  for (std::size_t i = 2; i < ProviderTokenMemory::kMaxSights + 1; ++i) {
    memory.note_sight(token(static_cast<int>(i)), 0s);
  }
  EXPECT_EQ(memory.first_offset(token(1), 61min), 5min);
  memory.note_sight(token(0), 0s);
  EXPECT_EQ(memory.first_offset(token(1), 61min), 61min) << "the oldest has fallen out";
  memory.reset();
  EXPECT_EQ(memory.first_offset(token(2), 1s), 1s);
}

}  // namespace
}  // namespace apns::mock
