#include "scenarios/runner/number_set.h"

#include <gtest/gtest.h>

namespace apns::scenarios {
namespace {

TEST(NumberSet, PrintsWhatItParses) {
  for (const char* text : {"4", "1-3,5-47", "6-", "1,3,5-"}) {
    const auto set = NumberSet::parse(text);
    ASSERT_TRUE(set) << text;
    EXPECT_EQ(set->to_string(), text);
  }
}

TEST(NumberSet, JoinsRangesThatTouchOrOverlapInAnyOrder) {
  for (const char* text : {"5-9,1-4", "1-6,4-9", "1-9,2", "9,1-8", "3-4,1-2,5-9"}) {
    const auto set = NumberSet::parse(text);
    ASSERT_TRUE(set) << text;
    EXPECT_EQ(set->to_string(), "1-9") << text;
  }
  EXPECT_EQ(NumberSet::parse("6-,2-3")->to_string(), "2-3,6-");
  EXPECT_EQ(NumberSet::parse("4-,1-3")->to_string(), "1-");
}

TEST(NumberSet, RefusesWhatIsNoSet) {
  for (const char* text :
       {"", "0", "-", "-3", "3-2", "1,", ",1", "a", "1-b", " 1", "1 -2", "18446744073709551616"}) {
    EXPECT_FALSE(NumberSet::parse(text)) << text;
  }
}

TEST(NumberSet, ContainsItsNumbersOnly) {
  const auto set = NumberSet::parse("1-3,5,9-");
  ASSERT_TRUE(set);
  for (const std::uint64_t in : {1U, 2U, 3U, 5U, 9U, 1'000'000U}) {
    EXPECT_TRUE(set->contains(in)) << in;
  }
  for (const std::uint64_t out : {0U, 4U, 6U, 8U}) {
    EXPECT_FALSE(set->contains(out)) << out;
  }
  EXPECT_EQ(set->last(), UINT64_MAX);
  EXPECT_EQ(NumberSet().last(), 0U);
}

}  // namespace
}  // namespace apns::scenarios
