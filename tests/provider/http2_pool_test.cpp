// Several connections of one client: when they come, what goes by which, and when they are left.
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/http2_client_fixture.h"

namespace apns::provider {
namespace {

using http2::ErrorCode;
using http2::StreamId;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using namespace std::chrono_literals;

class Http2PoolTest : public test::Http2ClientTest {
 protected:
  static void never_answers(Connection& /*at*/, StreamId /*stream*/, std::uint64_t /*nth*/) {}

  void expect_all_sent(std::uint64_t last) {
    for (std::uint64_t ticket = 1; ticket <= last; ++ticket) {
      EXPECT_EQ(sink.by_ticket.at(ticket).kind, OutcomeKind::Sent) << ticket;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Http2, Http2PoolTest, testing::Bool(), test::transport_name);

TEST_P(Http2PoolTest, OpensAnotherWhereThoseThatThereAreHaveNoRoom) {
  options.max_connections = 2;
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 3}};
  api.on_request = never_answers;
  send(1);
  host.run_for(10ms);
  send(4);
  host.run_for(10ms);
  EXPECT_EQ(api.num_accepted, 2U);
  EXPECT_THAT(api.payloads(1), ElementsAre("1", "2", "3"));
  EXPECT_THAT(api.payloads(2), ElementsAre("4", "5"));
  send(1);
  EXPECT_EQ(send_one(), SendResult::Full);
  EXPECT_EQ(client().num_open(), 6U);
  api.connection(1)->accept(1);
  host.run_for(10ms);
  EXPECT_EQ(sink.num_writable, 1);
  send(1);
  host.run_for(10ms);
  EXPECT_THAT(api.payloads(1), ElementsAre("1", "2", "3", "7"));
}

TEST_P(Http2PoolTest, OneConnectionIsEnoughForWhatFitsIntoIt) {
  options.max_connections = 8;
  for (int i = 0; i < 20; ++i) {
    send(10);
    run_until_settled(last_ticket);
  }
  EXPECT_EQ(api.num_accepted, 1U);
}

TEST_P(Http2PoolTest, RequestsGoByTheConnectionsInTurn) {
  options.max_connections = 3;
  options.min_connections = 3;
  client().warm_up();
  host.run_for(50ms);
  ASSERT_EQ(api.num_accepted, 3U);
  send(9);
  run_until_settled(9);
  for (std::uint64_t connection = 1; connection <= 3; ++connection) {
    EXPECT_THAT(api.payloads(connection), SizeIs(3)) << connection;
  }
}

TEST_P(Http2PoolTest, ThoseThatAreToBeThereComeOneAfterTheOther) {
  std::vector<TimePoint> dialled;
  links = [&](std::uint64_t connection) {
    dialled.push_back(host.now());
    return connection <= 2 ? test::refused() : LinkOptions{};
  };
  options.max_connections = 4;
  options.min_connections = 3;
  client().warm_up();
  host.run_for(20ms);
  EXPECT_THAT(dialled, SizeIs(1));  // the first was refused: no other, until it is time again
  host.run_for(1s);
  EXPECT_THAT(dialled, SizeIs(5));
  EXPECT_EQ(api.num_accepted, 3U);
  host.run_for(1min);
  EXPECT_EQ(api.num_accepted, 3U);
}

TEST_P(Http2PoolTest, OneThatIsToBeThereIsReplaced) {
  options.max_connections = 2;
  options.min_connections = 2;
  client().warm_up();
  host.run_for(50ms);
  ASSERT_EQ(api.num_accepted, 2U);
  api.connection(1)->hang_up(Close::Reset);
  host.run_for(1s);
  EXPECT_EQ(api.num_accepted, 3U);
  EXPECT_EQ(api.num_open(), 2U);
  drain(1s);
  run_until_drained();
  EXPECT_EQ(api.num_open(), 0U);
  EXPECT_EQ(api.num_accepted, 3U);
}

TEST_P(Http2PoolTest, GoawayOfOneLeavesTheOthers) {
  options.max_connections = 2;
  options.min_connections = 2;
  client().warm_up();
  host.run_for(50ms);
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (at.number == 1 && nth == 3) {
      at.say_goaway(1, ErrorCode::NoError, "");
      at.accept(1);
    } else if (at.number != 1) {
      at.accept(stream);
    }
  };
  send(6);
  run_until_settled(6);
  EXPECT_EQ(sink.by_ticket.at(1).kind, OutcomeKind::Sent);
  EXPECT_EQ(sink.by_ticket.at(3).reason, OutcomeReason::NotProcessed);
  EXPECT_EQ(sink.by_ticket.at(5).reason, OutcomeReason::NotProcessed);
  for (const std::uint64_t ticket : {2U, 4U, 6U}) {
    EXPECT_EQ(sink.by_ticket.at(ticket).kind, OutcomeKind::Sent) << ticket;
  }
  send(4);
  run_until_settled(10);
  EXPECT_THAT(api.payloads(1), ElementsAre("1", "3", "5"));
}

TEST_P(Http2PoolTest, IsReplacedAfterSoManyRequests) {
  options.max_requests = 5;
  for (int i = 0; i < 12; ++i) {
    send(1);
    run_until_settled(last_ticket);
  }
  EXPECT_THAT(api.payloads(1), SizeIs(5));
  EXPECT_THAT(api.payloads(2), SizeIs(5));
  EXPECT_THAT(api.payloads(3), SizeIs(2));
  expect_all_sent(12);
  host.run_for(20s);
  EXPECT_EQ(api.num_open(), 1U);
  EXPECT_THAT(api.goaways, ElementsAre("NO_ERROR", "NO_ERROR"));
}

// What is open when its time is over is answered where it is.
TEST_P(Http2PoolTest, IsReplacedWhenItIsSoOld) {
  options.max_age = 1h;
  options.request_limit = 2h;
  std::vector<StreamId> waiting;
  api.on_request = [&](Connection& at, StreamId stream, std::uint64_t /*nth*/) {
    if (at.number == 1 && stream == 3) {
      waiting.push_back(stream);
    } else {
      at.accept(stream);
    }
  };
  send(2);
  host.run_for(53min);
  send(1);
  host.run_for(7min);
  send(1);
  host.run_for(1s);
  EXPECT_THAT(api.payloads(1), ElementsAre("1", "2", "3"));
  EXPECT_THAT(api.payloads(2), ElementsAre("4"));
  ASSERT_THAT(waiting, SizeIs(1));
  api.connection(1)->accept(waiting[0]);
  run_until_settled(4);
  expect_all_sent(4);
  host.run_for(20s);
  EXPECT_EQ(api.num_open(), 1U);
}

TEST_P(Http2PoolTest, ThoseOfOneAgeDoNotEndTogether) {
  options.max_connections = 8;
  options.min_connections = 8;
  options.max_age = 1h;
  client().warm_up();
  host.run_for(50min);
  ASSERT_EQ(api.num_accepted, 8U);
  std::size_t most = 0;
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t before = api.num_accepted;
    host.run_for(30s);
    most = std::max<std::size_t>(most, api.num_accepted - before);
  }
  EXPECT_EQ(api.num_accepted, 16U);
  EXPECT_THAT(most, Le(4U));
}

// Field report F103, golang/go#57478: PINGs are answered, requests are not.
TEST_P(Http2PoolTest, IsLeftWhenOneRequestAfterTheOtherGetsNoAnswer) {
  options.max_unanswered = 3;
  options.request_limit = 5s;
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (at.number > 1 || nth == 1) {
      at.accept(stream);
    }
  };
  for (int i = 0; i < 4; ++i) {
    send(1);
    host.run_for(6s);
  }
  EXPECT_EQ(client().stats().unanswering, 1U);
  EXPECT_THAT(client().last_error(), HasSubstr("3 in a row on one connection"));
  send(2);
  run_until_settled(6);
  EXPECT_THAT(api.payloads(2), ElementsAre("5", "6"));
  EXPECT_EQ(sink.by_ticket.at(4).reason, OutcomeReason::NoAnswer);
  EXPECT_EQ(sink.by_ticket.at(6).kind, OutcomeKind::Sent);
}

TEST_P(Http2PoolTest, IsKeptWhereSomeAreAnswered) {
  options.max_unanswered = 3;
  options.request_limit = 5s;
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (nth % 3 == 0) {
      at.accept(stream);
    }
  };
  for (int i = 0; i < 12; ++i) {
    send(1);
    host.run_for(6s);
  }
  EXPECT_EQ(client().stats().unanswering, 0U);
  EXPECT_EQ(api.num_accepted, 1U);
}

// Many clients with many connections each must not be what keeps a service down.
TEST_P(Http2PoolTest, AServiceThatIsDownIsDialledByOneAtATime) {
  std::vector<TimePoint> dialled;
  links = [&](std::uint64_t /*connection*/) {
    dialled.push_back(host.now());
    return test::refused();
  };
  options.max_connections = 10;
  options.min_connections = 5;
  options.dial.max_attempts = 6;
  send(100);
  run_until_settled(100);
  EXPECT_THAT(dialled, SizeIs(6));
  for (std::size_t i = 2; i < dialled.size(); ++i) {
    EXPECT_GT(dialled[i] - dialled[i - 1], 50ms) << i;
  }
  EXPECT_EQ(sink.by_ticket.at(100).reason, OutcomeReason::Unsent);
}

// A service may allow fewer connections than were wished for.
TEST_P(Http2PoolTest, WhatComesToNothingCostsNoNotification) {
  std::uint64_t num_dialled = 0;
  links = [&](std::uint64_t /*connection*/) {
    return ++num_dialled > 1 ? test::refused() : LinkOptions{};
  };
  options.max_connections = 4;
  options.dial.max_attempts = 3;
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 2}};
  std::vector<StreamId> waiting;
  api.on_request = [&](Connection& /*at*/, StreamId stream, std::uint64_t /*nth*/) {
    waiting.push_back(stream);
  };
  send(10);
  for (std::uint64_t i = 0; i < 10; ++i) {
    host.run_for(2s);
    ASSERT_THAT(waiting, SizeIs(Ge(i + 1)));
    api.connection(1)->accept(waiting[i]);
  }
  run_until_settled(10);
  expect_all_sent(10);
  EXPECT_THAT(num_dialled, Le(14U));  // with pauses
  const std::uint64_t before = num_dialled;
  host.run_for(10min);
  EXPECT_THAT(num_dialled, Le(before + 1)) << "nothing waits, and still it is dialled";
}

TEST_P(Http2PoolTest, DrainWaitsForAllOfThem) {
  options.max_connections = 3;
  options.min_connections = 3;
  client().warm_up();
  host.run_for(50ms);
  api.on_request = never_answers;
  send(5);
  host.run_for(10ms);
  drain(1min);
  host.run_for(10ms);
  EXPECT_EQ(api.num_open(), 3U);  // each has something open
  api.connection(1)->accept(1);
  api.connection(1)->accept(3);
  host.run_for(10ms);
  EXPECT_EQ(sink.num_drained, 0);
  api.connection(2)->accept(1);
  api.connection(2)->accept(3);
  api.connection(3)->accept(1);
  run_until_drained();
  expect_all_sent(5);
  EXPECT_EQ(api.num_open(), 0U);
  EXPECT_THAT(api.violations, IsEmpty());
}

TEST_P(Http2PoolTest, StopEndsAllOfThem) {
  options.max_connections = 3;
  options.min_connections = 3;
  api.on_request = never_answers;
  client().warm_up();
  host.run_for(50ms);
  send(5);
  host.run_for(10ms);
  stop("enough");
  run_until_settled(5);
  EXPECT_EQ(sink.by_ticket.at(5).reason, OutcomeReason::ConnectionLost);
  host.run_for(1min);
  EXPECT_EQ(api.num_open(), 0U);
  EXPECT_EQ(api.num_accepted, 3U);
}

}  // namespace
}  // namespace apns::provider
