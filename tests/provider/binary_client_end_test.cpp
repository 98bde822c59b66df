// Draining and stopping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/binary_client_fixture.h"

namespace apns::provider {
namespace {

using test::BinaryClientTest;
using test::hanging;
using test::refused;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class BinaryClientEnd : public BinaryClientTest {};

TEST_F(BinaryClientEnd, DrainSettlesClosesAndSaysSoOnce) {
  send(2);
  host.run_for(10ms);
  drain(10s);
  EXPECT_EQ(client().try_send(notification("9"), 9), SendResult::Draining);
  const Duration took = run_until_drained();
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
  EXPECT_GT(took, 900ms);
  EXPECT_LT(took, 1001ms);
  EXPECT_EQ(host.num_open(), 0U);
  host.run_for(1min);
  EXPECT_EQ(sink.num_drained, 1);
  EXPECT_EQ(client().try_send(notification("9"), 9), SendResult::Draining);
}

TEST_F(BinaryClientEnd, DrainWaitsForALateErrorPacket) {
  send(3);
  host.at(host.now() + 800ms, [this] {
    gateway.connection(1)->say("080800000003").close(Close::CloseNotifyThenDrain);
  });
  drain(10s);
  run_until_drained();
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 rejected: 8 (invalid token)"));
}

TEST_F(BinaryClientEnd, DrainSendsAgainWhatAnErrorPacketLeft) {
  script(1, 3, {"080800000001"});
  send(3);
  drain(10s);
  run_until_drained();
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 8 (invalid token)", "2 sent", "3 sent"));
}

TEST_F(BinaryClientEnd, DrainWithNothingIsOverAtOnce) {
  drain(10s);
  EXPECT_EQ(run_until_drained(), Duration::zero());
  EXPECT_EQ(gateway.num_accepted, 0U);
}

TEST_F(BinaryClientEnd, DrainWithAnIdleConnectionClosesIt) {
  send(1);
  host.run_for(2s);
  drain(10s);
  EXPECT_LT(run_until_drained(), 1ms);
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(BinaryClientEnd, DrainEndsAtItsLimitWhenThePeerNeverCloses) {
  gateway.never_closes = true;
  send(1);
  host.run_for(2s);
  drain(3s);
  EXPECT_EQ(run_until_drained(), 3s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
}

TEST_F(BinaryClientEnd, DrainReportsAtItsLimitWhatIsNotSettled) {
  options.settle_after = 10s;
  links = [](std::uint64_t) {
    LinkOptions link;
    link.window = 30;
    link.stalled_server = true;
    return link;
  };
  send(3);
  host.run_for(10ms);
  drain(500ms);
  EXPECT_EQ(run_until_drained(), 500ms);
  EXPECT_THAT(sink.lines, ElementsAre("1 unknown: not settled in time", "2 rejected: never left",
                                      "3 rejected: never left"));
}

TEST_F(BinaryClientEnd, ASecondDrainOnlyShortensTheLimit) {
  gateway.never_closes = true;
  send(1);
  host.run_for(2s);
  drain(5s);
  drain(2s);
  drain(8s);
  EXPECT_EQ(run_until_drained(), 2s);
  drain(1s);
  host.run_for(1min);
  EXPECT_EQ(sink.num_drained, 1);
}

TEST_F(BinaryClientEnd, DrainWhileDiallingWaitsForTheConnection) {
  watch_dials([](std::uint64_t connection) { return connection == 1 ? refused() : LinkOptions{}; });
  send(1);
  drain(10s);
  run_until_drained();
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
}

TEST_F(BinaryClientEnd, DrainGivesUpAHangingConnectAtItsLimit) {
  links = [](std::uint64_t) { return hanging(); };
  send(1);
  drain(2s);
  EXPECT_EQ(run_until_drained(), 2s);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left"));
}

TEST_F(BinaryClientEnd, DrainGivesUpAPauseBeforeTheNextAttemptAtItsLimit) {
  options.backoff_first = 30s;
  links = [](std::uint64_t) { return refused(); };
  send(1);
  host.run_for(10ms);
  drain(1s);
  EXPECT_EQ(run_until_drained(), 1s);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left"));
  host.run_for(5min);
  EXPECT_EQ(gateway.num_accepted, 0U);
}

TEST_F(BinaryClientEnd, DrainThatFindsTheConnectionGoneIsOver) {
  send(1);
  host.run_for(2s);
  gateway.connection(1)->close(Close::Reset);
  drain(10s);
  EXPECT_LT(run_until_drained(), 1s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
}

TEST_F(BinaryClientEnd, DrainReportsWhatIsLostMeanwhile) {
  send(2);
  host.run_for(10ms);
  drain(10s);
  host.run_for(10ms);
  gateway.connection(1)->close(Close::Reset);
  EXPECT_LT(run_until_drained(), 1s);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 unknown: the connection was lost without an error packet",
                          "2 unknown: the connection was lost without an error packet"));
}

TEST_F(BinaryClientEnd, MayBeDrainedFromOutcomes) {
  sink.on_outcomes = [this] { drain(10s); };
  send(1);
  const Duration took = run_until_drained();
  EXPECT_LT(took, 1010ms) << "drained at its limit instead of when all was settled";
}

TEST_F(BinaryClientEnd, MayBeStoppedFromOutcomes) {
  sink.on_outcomes = [this] {
    if (sink.lines.size() == 1) {
      stop("enough");
    }
  };
  send(1);
  host.run_for(500ms);
  send(2);
  host.run_for(10s);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 sent", "2 unknown: the connection was lost without an error packet",
                          "3 unknown: the connection was lost without an error packet"));
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(BinaryClientEnd, StopReportsEverythingAndTakesNothingMore) {
  links = [](std::uint64_t) {
    LinkOptions link;
    link.window = 30;
    link.stalled_server = true;
    return link;
  };
  send(2);
  host.run_for(10ms);
  stop("the certificate is no good.");
  EXPECT_EQ(send_one(), SendResult::Stopped);
  host.run_for(1min);
  EXPECT_THAT(sink.lines, ElementsAre("1 unknown: the connection was lost without an error packet",
                                      "2 rejected: never left"));
  EXPECT_EQ(client().last_error(), "the certificate is no good.");
  EXPECT_EQ(gateway.num_accepted, 1U);
  drain(1s);
  EXPECT_LE(run_until_drained(), 1s);
}

TEST_F(BinaryClientEnd, WhoWaitsForRoomLearnsOfAStop) {
  options.window_len = 1;
  send(1);
  ASSERT_EQ(send_one(), SendResult::Full);
  stop("enough");
  host.run_for(1ms);
  EXPECT_EQ(sink.num_writable, 1);
  EXPECT_EQ(send_one(), SendResult::Stopped);
}

TEST_F(BinaryClientEnd, StopWhileDiallingOrWaitingDialsNoMore) {
  watch_dials([](std::uint64_t) { return refused(); });
  send(1);
  stop("no.");
  host.run_for(1min);
  EXPECT_EQ(dialled.size(), 1U);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left"));
  EXPECT_EQ(client().last_error(), "no.");
}

TEST_F(BinaryClientEnd, StopInAPauseDialsNoMore) {
  watch_dials([](std::uint64_t) { return refused(); });
  send(1);
  host.run_for(10ms);
  stop("no.");
  host.run_for(1min);
  EXPECT_EQ(dialled.size(), 1U);
  drain(1s);
  EXPECT_EQ(run_until_drained(), Duration::zero());
}

TEST_F(BinaryClientEnd, AConnectionThatComesUpAfterStopIsClosedUnused) {
  send(1);
  stop("no.");
  host.run_for(1min);
  EXPECT_THAT(gateway.taken, IsEmpty());
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(BinaryClientEnd, DrainedComesLastThoughAStopFromOutcomesLeavesMore) {
  links = [](std::uint64_t) {
    LinkOptions link;
    link.window = 30;
    link.stalled_server = true;
    return link;
  };
  sink.on_outcomes = [this] {
    if (sink.lines.size() == 1) {
      drain(10s);
      stop("enough.");
    }
  };
  send(2);
  host.run_for(10ms);
  client().gone(1, Gone::Reset, "the host gave it up", host.now());
  run_until_drained();
  EXPECT_THAT(sink.lines, ElementsAre("1 unknown: the connection was lost without an error packet",
                                      "2 rejected: never left"));
}

TEST_F(BinaryClientEnd, DrainsOnlyAfterTheOutcomesOfAStopFromOutcomes) {
  sink.on_outcomes = [this] {
    if (sink.lines.size() == 1) {
      drain(10s);
      stop("enough.");
    }
  };
  script(1, 1, {"080800000001"});
  send(2);
  run_until_drained();
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 8 (invalid token)", "2 rejected: never left"));
}

}  // namespace
}  // namespace apns::provider
