// What people do to a feedback connection that is open, its engine driven by hand.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/feedback_service.h"
#include "tests/support/feedback_world.h"

namespace apns::mock {
namespace {

using test::FeedbackWorld;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::size_t kTupleLen = 38;

/// A service and one poller, which has read nothing yet.
class FeedbackControl : public testing::Test, private EngineHost {
 protected:
  void open(std::uint32_t num_tuples, const FaultAction& action = {}) {
    if (num_tuples > 0) {
      world.fill(1, num_tuples);
    }
    if (action != FaultAction{}) {
      FaultRule rule;
      rule.protocol = FaultProtocol::Feedback;
      rule.then = action;
      (void)rules.arm(rule, now());
    }
    PeerInfo peer;
    peer.connection = 7;
    engine = service.accepted(peer, *this, now());
  }

  Applied apply(const FaultAction& action) {
    const Applied applied = service.apply(0, std::nullopt, action, now());
    wake_up();
    return applied;
  }

  static FaultAction close(FaultClose how, Duration delay = {}) {
    FaultAction action;
    action.close = how;
    action.delay = delay;
    return action;
  }

  void reset(bool hang_up = false) {
    service.reset_connections(0, hang_up);
    wake_up();
  }

  /// What a host does.
  void wake_up() {
    if (std::exchange(num_wakes, 0) > 0) {
      engine->on_time(now());
    }
  }

  void advance(Duration span) {
    clock.advance_to(now() + span);
    if (engine->deadline() <= now()) {
      engine->on_time(now());
    }
  }

  /// Reads all that is there; how many whole tuples.
  std::size_t read() {
    std::size_t len = 0;
    while (!engine->pending().empty()) {
      const std::size_t n = engine->pending().size();
      len += n;
      engine->sent(n, now());
    }
    EXPECT_EQ(len % kTupleLen, 0U);
    return len / kTupleLen;
  }

  [[nodiscard]] TimePoint now() const { return clock.io_now(); }

  [[nodiscard]] ConnectionInfo info() const { return service.connections(0).at(0); }

  [[nodiscard]] std::string_view state() const { return to_string(info().state); }

  ManualClock clock;
  Ledger ledger{Ledger::Options{}};
  FeedbackWorld world;
  FaultRules rules{{}, 1};
  FeedbackService service{FeedbackOptions{.source = &world}, clock, &ledger, &rules, {}};
  std::unique_ptr<Engine> engine;
  int num_wakes = 0;

 private:
  void wake(Engine& /*engine*/) override { ++num_wakes; }
};

TEST_F(FeedbackControl, ACloseComesBehindWhatIsPendingAndLeavesTheRestOnTheList) {
  open(1'000);
  EXPECT_EQ(apply(close(FaultClose::Rst)), (Applied{.found = 1, .done = 1}));
  EXPECT_EQ(engine->close(), Close::Reset);
  const std::size_t num_read = read();
  EXPECT_GT(num_read, 0U);
  EXPECT_EQ(num_read + world.size(), 1'000U) << "none is lost";
  EXPECT_EQ(apply(close(FaultClose::Fin)), (Applied{.found = 1, .done = 0}));
}

TEST_F(FeedbackControl, AHalfOpenOneIsClosed) {
  open(1, close(FaultClose::HalfOpen));
  EXPECT_EQ(read(), 1U);
  EXPECT_EQ(engine->close(), Close::None);
  EXPECT_EQ(state(), "half-open");
  apply(close(FaultClose::Fin));
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
}

TEST_F(FeedbackControl, ADelayHoldsTheListAndTheCloseBack) {
  open(1'000);
  apply(close(FaultClose::Fin, 2s));
  EXPECT_EQ(state(), "ending");
  const std::size_t num_read = read();
  EXPECT_LT(num_read, 200U) << "what was pending, and no more";
  EXPECT_EQ(engine->close(), Close::None);
  advance(2s);
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
  EXPECT_EQ(read(), 0U);
  EXPECT_EQ(num_read + world.size(), 1'000U);
}

TEST_F(FeedbackControl, ADelayAloneHoldsTheListBack) {
  open(1'000);
  FaultAction action;
  action.delay = 2s;
  apply(action);
  EXPECT_EQ(state(), "paused");
  const std::size_t first = read();
  EXPECT_LT(first, 200U);
  advance(2s);
  EXPECT_EQ(first + read(), 1'000U);
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
}

TEST_F(FeedbackControl, WhatIsForTheGatewayChangesNothing) {
  open(1, close(FaultClose::HalfOpen));
  FaultAction action;
  action.reject = 8;
  EXPECT_EQ(apply(action), (Applied{.found = 1, .done = 0}));
  EXPECT_EQ(service.apply(0, 8, close(FaultClose::Fin), now()), Applied{});
  EXPECT_EQ(engine->close(), Close::None);
}

TEST_F(FeedbackControl, AResetTakesBackADelayAndSpoiltTuples) {
  FaultAction spoilt;
  spoilt.delay = 1h;
  spoilt.tuples.split = 3;
  open(2, spoilt);
  EXPECT_THAT(engine->pending(), IsEmpty());
  reset();
  EXPECT_EQ(engine->pending().size(), 2 * kTupleLen) << "whole";
  EXPECT_EQ(read(), 2U);
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
}

TEST_F(FeedbackControl, AResetGivesOutWhatTheListHasNow) {
  open(1'000);
  const std::size_t pending = engine->pending().size() / kTupleLen;
  service.reset_connections(0, false);
  EXPECT_EQ(pending + world.size(), 1'000U) << "all that was not written is back";
  (void)world.numbers();  // the world is reset, too
  world.fill(1, 3);
  wake_up();
  EXPECT_EQ(read(), pending + 3);
}

TEST_F(FeedbackControl, HangingUpEndsIt) {
  open(1, close(FaultClose::HalfOpen));
  EXPECT_EQ(read(), 1U);
  reset(true);
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
  reset();
  EXPECT_EQ(state(), "closing");
}

TEST_F(FeedbackControl, TellsWhatAConnectionIs) {
  open(2, close(FaultClose::HalfOpen));
  read();
  const ConnectionInfo told = info();
  EXPECT_EQ(told.connection, 7U);
  EXPECT_EQ(told.protocol, Protocol::Feedback);
  EXPECT_EQ(told.topic, "com.example.app");
  EXPECT_EQ(told.opened_at, kManualStart);
  EXPECT_EQ(told.tuples, 2U);
  engine.reset();
  EXPECT_THAT(service.connections(0), IsEmpty());
}

}  // namespace
}  // namespace apns::mock
