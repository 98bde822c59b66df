// How it ends: drained, stopped, or because the client inside has stopped.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/retrying_client_fixture.h"

namespace apns::provider {
namespace {

using test::in_turn;
using test::rejected;
using test::Said;
using test::sent;
using test::unsent;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

class RetryingClientEnd : public testing::Test, public test::RetryingWorld {};

TEST_F(RetryingClientEnd, ADrainGoesOnWithWhatWaits) {
  inner().answer = in_turn({rejected(Reason::ServiceUnavailable), sent()});
  send(1, 1);
  drain(1min);
  EXPECT_EQ(try_send(2), SendResult::Draining);
  ASSERT_TRUE(run_until_drained());
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
}

TEST_F(RetryingClientEnd, ADrainThatIsOverReportsTheLastOutcome) {
  inner().answer = in_turn({rejected(Reason::ServiceUnavailable)});
  send(1, 1);
  drain(100ms);
  ASSERT_TRUE(run_until_drained());
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 503 ServiceUnavailable"));
  EXPECT_THAT(sink.answers.at(1).apns_id, HasSubstr("ID-"));
}

TEST_F(RetryingClientEnd, ASecondDrainOnlyShortensTheLimit) {
  inner().answer = [](const test::FakeClient::Attempt&) {
    Said said = sent();
    said.after = 30min;
    return said;
  };
  send(1, 1);
  drain(20min);
  host.run_for(1s);
  drain(1s);
  const TimePoint begin = host.now();
  ASSERT_TRUE(run_until_drained());
  EXPECT_EQ(host.now() - begin, 1s);
  EXPECT_THAT(sink.lines, ElementsAre("1 unknown: not settled in time"));
}

TEST_F(RetryingClientEnd, ADrainOfNothingEndsAtOnce) {
  const TimePoint begin = host.now();
  drain(1min);
  ASSERT_TRUE(run_until_drained());
  EXPECT_EQ(host.now(), begin);
  EXPECT_TRUE(sink.lines.empty());
}

TEST_F(RetryingClientEnd, AStopReportsAll) {
  inner().answer = [](const test::FakeClient::Attempt& attempt) {
    Said said = attempt.payload == "1" ? rejected(Reason::ServiceUnavailable) : sent();
    said.after = attempt.payload == "1" ? 1ms : 1min;
    return said;
  };
  send(1, 2);
  host.run_for(2ms);
  stop("enough");
  ASSERT_TRUE(host.run_until([this] { return sink.lines.size() == 2; }, host.now() + 1ms));
  EXPECT_THAT(sink.lines,
              UnorderedElementsAre("1 rejected: 503 ServiceUnavailable",
                                   "2 unknown: the connection was lost without an answer"));
  EXPECT_EQ(try_send(3), SendResult::Stopped);
  EXPECT_EQ(client().last_error(), "enough");
  drain(1s);
  EXPECT_TRUE(run_until_drained());
}

// The client inside stopped by itself: what waits learns it when its time comes.
TEST_F(RetryingClientEnd, WhatWaitsIsReportedWhenTheClientInsideHasStopped) {
  inner().answer = in_turn({unsent()});
  send(1, 3);
  host.run_for(2ms);
  inner().is_stopped = true;
  ASSERT_TRUE(run_until_settled(3));
  EXPECT_EQ(inner().attempts.size(), 3U);
  EXPECT_EQ(try_send(4), SendResult::Stopped);
}

}  // namespace
}  // namespace apns::provider
