#include "mock_apns/due_queue.h"

#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/random.h"

namespace apns::mock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr TimePoint kStart{};

std::vector<std::uint32_t> take_all(DueQueue& queue, TimePoint now) {
  std::vector<std::uint32_t> places;
  while (const auto place = queue.take_due(now)) {
    places.push_back(*place);
  }
  return places;
}

TEST(DueQueue, GivesWhatIsDueInTheOrderOfTimeThenOfAdding) {
  DueQueue queue;
  EXPECT_EQ(queue.next(), kNever);
  queue.add(7, kStart + 2s);
  queue.add(3, kStart + 1s);
  queue.add(5, kStart + 2s);
  queue.add(0, kStart + 3s);
  EXPECT_EQ(queue.next(), kStart + 1s);
  EXPECT_THAT(take_all(queue, kStart + 1s - 1ns), IsEmpty());
  EXPECT_THAT(take_all(queue, kStart + 2s), ElementsAre(3, 7, 5));
  EXPECT_EQ(queue.next(), kStart + 3s);
  EXPECT_EQ(queue.size(), 1U);
}

TEST(DueQueue, NeverIsNotDue) {
  DueQueue queue;
  EXPECT_EQ(queue.take_due(kNever), std::nullopt);
}

TEST(DueQueue, WhatIsRemovedIsGoneAndMayComeAgain) {
  DueQueue queue;
  queue.add(1, kStart + 1s);
  queue.add(2, kStart + 2s);
  EXPECT_TRUE(queue.remove(1));
  EXPECT_FALSE(queue.remove(1));
  EXPECT_FALSE(queue.remove(99));
  EXPECT_EQ(queue.next(), kStart + 2s);
  queue.add(1, kStart + 3s);
  EXPECT_THAT(take_all(queue, kStart + 3s), ElementsAre(2, 1));
  EXPECT_FALSE(queue.remove(2));
}

TEST(DueQueue, AgreesWithAMapWhateverIsDoneToIt) {
  DueQueue queue;
  std::map<std::pair<TimePoint, std::uint64_t>, std::uint32_t> expected;
  std::map<std::uint32_t, std::pair<TimePoint, std::uint64_t>> keys;
  RandomStream random(1, 1);
  TimePoint now = kStart;
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    const auto place = static_cast<std::uint32_t>(random.next() % 200);
    const auto known = keys.find(place);
    switch (random.next() % 3) {
      case 0:
        if (known == keys.end()) {
          const std::pair key{now + std::chrono::milliseconds(random.next() % 50), step};
          queue.add(place, key.first);
          expected.emplace(key, place);
          keys.emplace(place, key);
        }
        break;
      case 1:
        ASSERT_EQ(queue.remove(place), known != keys.end());
        if (known != keys.end()) {
          expected.erase(known->second);
          keys.erase(known);
        }
        break;
      default:
        now += 1ms;
        while (!expected.empty() && expected.begin()->first.first <= now) {
          ASSERT_EQ(queue.take_due(now), expected.begin()->second);
          keys.erase(expected.begin()->second);
          expected.erase(expected.begin());
        }
        ASSERT_EQ(queue.take_due(now), std::nullopt);
    }
    ASSERT_EQ(queue.size(), expected.size());
    ASSERT_EQ(queue.next(), expected.empty() ? kNever : expected.begin()->first.first);
  }
}

}  // namespace
}  // namespace apns::mock
