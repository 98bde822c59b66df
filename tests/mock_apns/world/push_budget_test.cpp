#include "mock_apns/world/push_budget.h"

#include <chrono>

#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using namespace std::chrono_literals;

constexpr WorldTime kNoon = kManualStart + 12h;

TEST(HourlyBudget, HasRoomAgainAnHourAfterTheOldest) {
  HourlyBudget budget;
  EXPECT_EQ(budget.next_turn(2), WorldTime::min());
  budget.spend(2, kNoon);
  EXPECT_EQ(budget.next_turn(2), WorldTime::min());
  budget.spend(2, kNoon + 10min);
  EXPECT_EQ(budget.next_turn(2), kNoon + 1h);
  budget.spend(2, kNoon + 1h);
  EXPECT_EQ(budget.next_turn(2), kNoon + 1h + 10min);
}

TEST(HourlyBudget, StartsAfreshAtMidnight) {
  HourlyBudget budget;
  budget.spend(1, kNoon + 11h + 50min);
  EXPECT_EQ(budget.next_turn(1), kNoon + 12h);
}

TEST(HourlyBudget, WithoutALimitNothingIsCounted) {
  HourlyBudget budget;
  for (int i = 0; i < 5; ++i) {
    budget.spend(0, kNoon);
  }
  EXPECT_TRUE(budget.empty());
  EXPECT_EQ(budget.next_turn(0), WorldTime::min());
}

TEST(HourlyBudget, ForgetsWhatIsAheadOfAClockThatWasSetBack) {
  HourlyBudget budget;
  budget.spend(1, kNoon);
  budget.forget_what_is_ahead(kNoon);
  EXPECT_EQ(budget.next_turn(1), kNoon + 1h);
  budget.forget_what_is_ahead(kNoon - 1us);
  EXPECT_EQ(budget.next_turn(1), WorldTime::min());
}

TEST(DailyBudget, LastsFromMidnightToMidnight) {
  DailyBudget budget;
  budget.spend(2, kNoon);
  EXPECT_EQ(budget.next_turn(2), WorldTime::min());
  budget.spend(2, kNoon + 1h);
  EXPECT_EQ(budget.next_turn(2), kNoon + 12h);
  budget.spend(2, kNoon + 12h);
  EXPECT_EQ(budget.next_turn(2), WorldTime::min()) << "one of two on the next day";
  EXPECT_EQ(budget.next_turn(1), kNoon + 36h);
}

TEST(DailyBudget, WithoutALimitThereIsAlwaysRoom) {
  DailyBudget budget;
  budget.spend(0, kNoon);
  EXPECT_EQ(budget.next_turn(0), WorldTime::min());
  EXPECT_EQ(budget.next_turn(1), WorldTime::min()) << "nothing was counted";
}

TEST(DailyBudget, ForgetsADayThatIsAhead) {
  DailyBudget budget;
  budget.spend(1, kNoon);
  budget.forget_what_is_ahead(kNoon - 11h);
  EXPECT_NE(budget.next_turn(1), WorldTime::min()) << "the same day";
  budget.forget_what_is_ahead(kNoon - 13h);
  EXPECT_EQ(budget.next_turn(1), WorldTime::min());
}

}  // namespace
}  // namespace apns::mock
