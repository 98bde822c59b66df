#include "mock_apns/world/token_table.h"

#include <cstring>
#include <set>
#include <thread>
#include <unordered_map>

#include <gtest/gtest.h>

#include "apns/base/random.h"

namespace apns::mock {
namespace {

constexpr std::size_t kNoLimit = 1'000'000;

Bytes token_of(std::uint64_t n, std::size_t len = 32) {
  Bytes token(len, std::byte{0xa1});
  std::memcpy(token.data(), &n, std::min(len, sizeof(n)));
  return token;
}

TokenRecord record_of(std::uint32_t topic) {
  TokenRecord record;
  record.topic = topic;
  return record;
}

TEST(TokenTable, KnowsNothingAtFirst) {
  const TokenTable table(kNoLimit);
  EXPECT_EQ(table.find(token_of(1)), std::nullopt);
  EXPECT_EQ(table.size(), 0U);
}

TEST(TokenTable, GivesBackEveryField) {
  TokenTable table(kNoLimit);
  const TokenRecord record{.topic = 7,
                           .phone = 8,
                           .since = 9,
                           .environment = Environment::Development,
                           .state = TokenState::Replaced,
                           .trusted = false,
                           .listed = true,
                           .num_drawn = 3};
  table.put(token_of(1), record);
  EXPECT_EQ(table.find(token_of(1)), record);
  EXPECT_EQ(table.find(token_of(2)), std::nullopt);
}

TEST(TokenTable, ReplacesWhatItKnew) {
  TokenTable table(kNoLimit);
  table.put(token_of(1), record_of(1));
  table.put(token_of(1), record_of(2));
  EXPECT_EQ(table.find(token_of(1))->topic, 2U);
  EXPECT_EQ(table.size(), 1U);
}

TEST(TokenTable, KeepsTokensOfEveryLengthApart) {
  TokenTable table(kNoLimit);
  for (std::uint32_t len = 1; len <= DeviceToken::kMaxLen; ++len) {
    table.put(Bytes(len, std::byte{0}), record_of(len));
  }
  for (std::uint32_t len = 1; len <= DeviceToken::kMaxLen; ++len) {
    ASSERT_EQ(table.find(Bytes(len, std::byte{0}))->topic, len);
  }
  EXPECT_EQ(table.size(), DeviceToken::kMaxLen);
}

TEST(TokenTable, UpdatesOnlyWhatItKnowsUnlessTold) {
  TokenTable table(kNoLimit);
  const auto mark = [](TokenRecord& record) { record.topic = 5; };
  EXPECT_FALSE(table.update(token_of(1), false, mark));
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(table.update(token_of(1), true, mark));
  EXPECT_TRUE(table.find(token_of(1))->trusted);
  EXPECT_EQ(table.find(token_of(1))->topic, 5U);
}

TEST(TokenTable, EvictsATrustedOneForATrustedOne) {
  constexpr std::size_t kMax = 2560;
  TokenTable table(kMax);
  table.put(token_of(0), record_of(1));
  for (std::uint64_t n = 1; n <= 20'000; ++n) {
    ASSERT_TRUE(table.update(token_of(n), true, [](TokenRecord& /*record*/) {}));
    ASSERT_NE(table.find(token_of(n)), std::nullopt) << "the newest is there";
  }
  EXPECT_EQ(table.size(), kMax + 1);
  EXPECT_EQ(table.num_evicted(), 20'000 - kMax);
  EXPECT_NE(table.find(token_of(0)), std::nullopt) << "a registered one stays";
}

TEST(TokenTable, EvictsTrustedOnesOfOtherLengthsToo) {
  TokenTable table(1);
  for (std::uint64_t n = 1; n <= 5'000; ++n) {
    ASSERT_TRUE(table.update(token_of(n, 40), true, [](TokenRecord& /*record*/) {}));
  }
  EXPECT_LE(table.size(), TokenTable::kNumShards);
}

TEST(TokenTable, ATrustedOneThatIsRegisteredIsNotEvictedAnyMore) {
  TokenTable table(1);
  ASSERT_TRUE(table.update(token_of(0), true, [](TokenRecord& /*record*/) {}));
  table.put(token_of(0), record_of(1));
  for (std::uint64_t n = 1; n <= 5'000; ++n) {
    ASSERT_TRUE(table.update(token_of(n), true, [](TokenRecord& /*record*/) {}));
  }
  EXPECT_NE(table.find(token_of(0)), std::nullopt);
}

// Against a map, through growth and through every gap that erasing closes.
TEST(TokenTable, AgreesWithAMapInAnyOrderOfChanges) {
  TokenTable table(kNoLimit);
  std::unordered_map<std::uint64_t, std::uint32_t> model;
  for (std::uint64_t step = 0; step < 200'000; ++step) {
    const std::uint64_t n = random_u64(1, step) % 20'000;
    const auto topic = static_cast<std::uint32_t>(step);
    if (random_u64(2, step) % 3 == 0) {
      ASSERT_EQ(table.erase(token_of(n)), model.erase(n) == 1);
    } else {
      table.put(token_of(n), record_of(topic));
      model[n] = topic;
    }
  }
  ASSERT_EQ(table.size(), model.size());
  for (std::uint64_t n = 0; n < 20'000; ++n) {
    const auto known = table.find(token_of(n));
    const auto expected = model.find(n);
    ASSERT_EQ(known.has_value(), expected != model.end()) << n;
    if (known) {
      ASSERT_EQ(known->topic, expected->second);
    }
  }
}

TEST(TokenTable, ReservedRoomIsNotGrown) {
  TokenTable table(kNoLimit);
  table.reserve(100'000);
  const std::size_t before = table.memory_bytes();
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    table.put(token_of(n), record_of(1));
  }
  EXPECT_EQ(table.memory_bytes(), before);
}

TEST(TokenTable, ServesSeveralThreads) {
  TokenTable table(kNoLimit);
  constexpr std::uint64_t kEach = 20'000;
  const auto work = [&table](std::uint64_t first) {
    for (std::uint64_t n = first; n < first + kEach; ++n) {
      table.put(token_of(n), record_of(static_cast<std::uint32_t>(n)));
      (void)table.find(token_of(n / 2));
    }
  };
  std::thread other(work, kEach);
  work(0);
  other.join();
  EXPECT_EQ(table.size(), 2 * kEach);
  EXPECT_EQ(table.find(token_of(kEach + 1))->topic, kEach + 1);
}

}  // namespace
}  // namespace apns::mock
