#include "mock_apns/controlled_clock.h"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ControlledClockTest : public testing::Test {
 protected:
  /// The clients' clock goes on.
  void pass(Duration time) { clients.advance_to(clients.io_now() + time); }

  /// What `change` is refused with; empty: it was not.
  template <class Change>
  std::string refused(const Change& change) {
    const WorldTime before = clock.now();
    try {
      change();
    } catch (const ClockError& error) {
      EXPECT_EQ(clock.now(), before);
      return error.what();
    }
    return {};
  }

  ManualClock clients;
  ControlledClock clock{clients};
};

TEST_F(ControlledClockTest, IsTheOtherClockUntilItIsMoved) {
  pass(90s);
  EXPECT_EQ(clock.now(), kManualStart + 90s);
  EXPECT_EQ(clock.offset(), 0s);
  EXPECT_FALSE(clock.state().is_frozen);
}

TEST_F(ControlledClockTest, GoesOnAheadWhenItIsAdvanced) {
  clock.advance(10min);
  clock.advance(1min);
  pass(5s);
  EXPECT_EQ(clock.now(), kManualStart + 11min + 5s);
  EXPECT_EQ(clock.offset(), 11min);
}

TEST_F(ControlledClockTest, StandsWhileItIsFrozen) {
  pass(1s);
  clock.freeze();
  pass(30s);
  EXPECT_EQ(clock.now(), kManualStart + 1s);
  EXPECT_EQ(clock.offset(), -30s) << "the clients' clock went on";
  clock.advance(1min);
  pass(1s);
  EXPECT_EQ(clock.now(), kManualStart + 1min + 1s);
  EXPECT_TRUE(clock.state().is_frozen);
}

TEST_F(ControlledClockTest, GoesOnFromWhereItStood) {
  clock.freeze();
  pass(30s);
  clock.run();
  EXPECT_EQ(clock.now(), kManualStart);
  pass(1s);
  EXPECT_EQ(clock.now(), kManualStart + 1s);
  EXPECT_EQ(clock.offset(), -30s);
  clock.run();
  EXPECT_EQ(clock.now(), kManualStart + 1s) << "it ran already";
}

TEST_F(ControlledClockTest, IsSetToAnyTimeWithinItsBounds) {
  const WorldTime past = std::chrono::sys_days{std::chrono::year{2013} / 5 / 6};
  clock.set(past);
  pass(1s);
  EXPECT_EQ(clock.now(), past + 1s);
  clock.freeze_at(ControlledClock::kLatest);
  pass(1s);
  EXPECT_EQ(clock.now(), ControlledClock::kLatest);
  clock.set(past);
  pass(1s);
  EXPECT_EQ(clock.now(), past) << "it is still frozen";
}

TEST_F(ControlledClockTest, IsResetToTheOtherClock) {
  clock.advance(1h);
  clock.freeze();
  pass(1s);
  clock.reset();
  EXPECT_EQ(clock.now(), kManualStart + 1s);
  EXPECT_EQ(clock.offset(), 0s);
}

TEST_F(ControlledClockTest, RefusesWhatItCannotShow) {
  EXPECT_EQ(refused([&] { clock.advance(-1us); }),
            "The clock is not advanced by less than nothing. To go back, set a time.");
  EXPECT_EQ(refused([&] { clock.advance(std::chrono::years{75}); }),
            "To advance so far leads out of the time that the clock can show. It goes from "
            "2009-01-01T00:00:00Z to 2100-01-01T00:00:00Z.");
  EXPECT_THAT(refused([&] { clock.advance(WorldTime::duration::max()); }), HasSubstr("leads out"));
  EXPECT_THAT(refused([&] { clock.set(ControlledClock::kEarliest - 1us); }),
              HasSubstr("leads out"));
  EXPECT_THAT(refused([&] { clock.freeze_at(ControlledClock::kLatest + 1us); }),
              HasSubstr("leads out"));
  EXPECT_EQ(refused([&] { clock.advance(std::chrono::years{74}); }), "");
}

TEST_F(ControlledClockTest, TellsOfEachChangeWhenItIsMade) {
  std::vector<WorldTime> told;
  clock.set_listener([&] { told.push_back(clock.now()); });
  clock.advance(1s);
  clock.freeze();
  clock.freeze_at(kManualStart + 1h);
  clock.set(kManualStart + 2h);
  clock.run();
  clock.reset();
  (void)refused([&] { clock.advance(-1s); });
  EXPECT_THAT(told, testing::ElementsAre(kManualStart + 1s, kManualStart + 1s, kManualStart + 1h,
                                         kManualStart + 2h, kManualStart + 2h, kManualStart));
}

TEST_F(ControlledClockTest, NoAdvanceIsLostAmongThreads) {
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int n = 0; n < 1'000; ++n) {
        const WorldTime before = clock.now();
        clock.advance(1ms);
        EXPECT_GE(clock.now(), before + 1ms);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(clock.now(), kManualStart + 4s);
}

}  // namespace
}  // namespace apns::mock
