#include "mock_apns/world/feedback_lists.h"

#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using enum Environment;

constexpr std::uint32_t kTopic = 1;

FeedbackTuple tuple(std::uint32_t since) {
  return FeedbackTuple{since, *DeviceToken::parse("a1a1")};
}

std::vector<std::uint32_t> times(const std::vector<FeedbackTuple>& tuples) {
  std::vector<std::uint32_t> times;
  times.reserve(tuples.size());
  for (const FeedbackTuple& one : tuples) {
    times.push_back(one.since);
  }
  return times;
}

using Times = std::vector<std::uint32_t>;

class FeedbackListsTest : public testing::Test {
 protected:
  void add(std::initializer_list<std::uint32_t> all) {
    for (const std::uint32_t since : all) {
      EXPECT_EQ(lists.add(Production, kTopic, tuple(since)), std::nullopt);
    }
  }

  Times take(std::size_t max) { return times(lists.take(Production, kTopic, max)); }

  FeedbackLists lists{4};
};

TEST_F(FeedbackListsTest, AnEmptyListGivesNothing) {
  EXPECT_EQ(take(10), Times());
}

TEST_F(FeedbackListsTest, GivesEachTupleOnceOldestFirst) {
  add({1, 2, 3});
  EXPECT_EQ(take(2), (Times{1, 2}));
  EXPECT_EQ(take(2), (Times{3}));
  EXPECT_EQ(take(2), Times());
}

TEST_F(FeedbackListsTest, KeepsTopicsAndEnvironmentsApart) {
  add({1});
  (void)lists.add(Production, 2, tuple(2));
  (void)lists.add(Development, kTopic, tuple(3));
  EXPECT_EQ(times(lists.take(Development, kTopic, 9)), (Times{3}));
  EXPECT_EQ(times(lists.take(Production, 2, 9)), (Times{2}));
  EXPECT_EQ(take(9), (Times{1}));
}

TEST_F(FeedbackListsTest, WhatDidNotArriveComesFirstAgain) {
  add({1, 2, 3});
  const std::vector<FeedbackTuple> taken = lists.take(Production, kTopic, 2);
  lists.put_back(Production, kTopic, taken);
  EXPECT_EQ(lists.size(Production, kTopic), 3U);
  EXPECT_EQ(take(9), (Times{1, 2, 3}));
}

TEST_F(FeedbackListsTest, AFullListLosesItsOldestAndSaysSo) {
  add({1, 2, 3, 4});
  EXPECT_EQ(lists.add(Production, kTopic, tuple(5)), tuple(1));
  EXPECT_EQ(take(9), (Times{2, 3, 4, 5}));
}

}  // namespace
}  // namespace apns::mock
