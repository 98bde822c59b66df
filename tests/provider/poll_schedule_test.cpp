#include "provider/poll_schedule.h"

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = TimePoint{} + 100h;

/// One poll from `at`, of this length; when the next one is due, counted from kStart.
Duration due_after(PollSchedule& schedule, Duration at, Duration length, bool well) {
  schedule.started(kStart + at);
  schedule.ended(well, kStart + at + length);
  return schedule.due() - kStart;
}

TEST(PollSchedule, TheFirstIsDueAtOnce) {
  EXPECT_LT(PollSchedule(1h).due(), TimePoint{});
}

TEST(PollSchedule, TurnsAreCountedFromTheStarts) {
  PollSchedule schedule(1h);
  EXPECT_EQ(due_after(schedule, 0h, 1min, true), 1h);
  EXPECT_EQ(due_after(schedule, 1h, 0s, true), 2h);
}

TEST(PollSchedule, ATurnThatALongPollHasMissedIsLeftOut) {
  PollSchedule schedule(1h);
  EXPECT_EQ(due_after(schedule, 0h, 80min, true), 2h);
  EXPECT_EQ(due_after(schedule, 2h, 1h, true), 4h) << "never back to back";
}

TEST(PollSchedule, AFailureIsTriedAgainAtTheNextTurn) {
  PollSchedule schedule(1h);
  EXPECT_EQ(due_after(schedule, 0h, 10s, false), 1h);
  EXPECT_EQ(due_after(schedule, 1h, 10s, false), 2h);
}

TEST(PollSchedule, ShortTurnsBackOffWhileTheServiceFails) {
  PollSchedule schedule(1s);
  Duration at = 0s;
  for (const Duration pause : {2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s, 300s}) {
    const Duration due = due_after(schedule, at, 100ms, false);
    EXPECT_EQ(due, at + 100ms + pause);
    at = due;
  }
  EXPECT_EQ(due_after(schedule, at, 100ms, true), at + 1s) << "as if nothing had been";
  EXPECT_EQ(due_after(schedule, at + 1s, 0s, false), at + 3s);
}

TEST(PollSchedule, BacksOffWithinTheTurnsWhereTheyAreLonger) {
  PollSchedule schedule(10s);
  EXPECT_EQ(due_after(schedule, 0s, 9s, false), 11s) << "two seconds behind the failure";
  EXPECT_EQ(due_after(schedule, 11s, 0s, false), 21s) << "the turn is later than four seconds";
}

TEST(PollSchedule, StaysAtItsLimitHoweverOftenItFails) {
  PollSchedule schedule(1s);
  for (int i = 0; i < 1000; ++i) {
    (void)due_after(schedule, 0s, 0s, false);
  }
  EXPECT_EQ(schedule.due() - kStart, PollSchedule::kLongestBackOff);
}

}  // namespace
}  // namespace apns::provider
