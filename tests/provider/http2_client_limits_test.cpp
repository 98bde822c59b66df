// Limits: of streams, windows, the queue and time.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/http2_client_fixture.h"

namespace apns::provider {
namespace {

using http2::StreamId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

class Http2ClientLimits : public test::Http2ClientTest {};

INSTANTIATE_TEST_SUITE_P(Http2, Http2ClientLimits, testing::Bool(), test::transport_name);

TEST_P(Http2ClientLimits, NothingIsWrittenBeforeTheSettingsHaveCome) {
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 1}};
  send(20);
  run_until_settled(20);
  EXPECT_EQ(api.num_accepted, 1U);
  EXPECT_THAT(api.violations, IsEmpty());
  for (std::uint64_t ticket = 1; ticket <= 20; ++ticket) {
    EXPECT_EQ(sink.by_ticket.at(ticket).kind, OutcomeKind::Sent) << ticket;
  }
}

TEST_P(Http2ClientLimits, FullWhileAsManyAreOpenAsTheServiceAllows) {
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 3}};
  api.on_request = [](Connection& /*at*/, StreamId /*stream*/, std::uint64_t /*nth*/) {};
  send(1);
  host.run_for(10ms);
  send(2);
  EXPECT_EQ(send_one(), SendResult::Full);
  EXPECT_EQ(client().num_open(), 3U);
  host.run_for(10ms);
  EXPECT_EQ(sink.num_writable, 0);
  api.connection(1)->accept(1);
  host.run_for(10ms);
  EXPECT_EQ(sink.num_writable, 1);
  send(1);
  EXPECT_EQ(send_one(), SendResult::Full);
  EXPECT_EQ(api.connection(1)->most_open, 3U);
}

// Found by apnslab check --search: nothing is open whose answer could make room, and nobody would
// ever say so.
TEST_P(Http2ClientLimits, ALimitOfNoneForEverEndsWithTheTimeOfWhatWaits) {
  options.request_limit = 5s;
  send(1);
  run_until_settled(1);
  api.connection(1)->limit_streams(0);
  host.run_for(10ms);
  send(2);
  run_until_settled(3);
  EXPECT_EQ(sink.by_ticket.at(2).reason, OutcomeReason::Unsent);
  EXPECT_EQ(sink.by_ticket.at(3).reason, OutcomeReason::Unsent);
  send(1);
  api.connection(1)->limit_streams(1);
  run_until_settled(4);
  EXPECT_EQ(sink.by_ticket.at(4).kind, OutcomeKind::Sent);
}

TEST_P(Http2ClientLimits, FullWhenAsManyWaitForAConnectionAsMay) {
  options.queue_len = 4;
  links = [](std::uint64_t connection) {
    return connection == 1 ? test::refused() : LinkOptions{};
  };
  send(4);
  EXPECT_EQ(send_one(), SendResult::Full);
  sink.on_writable = [this] { sink.on_writable = nullptr; };
  run_until_settled(4);
  EXPECT_EQ(sink.num_writable, 1);
}

TEST_P(Http2ClientLimits, PayloadsThatWaitForAConnectionAreBounded) {
  options.queue_bytes = 1000;
  EXPECT_EQ(try_send(notification(std::string(600, ' ')), 1), SendResult::Queued);
  EXPECT_EQ(try_send(notification(std::string(600, ' ')), 2), SendResult::Queued);
  EXPECT_EQ(try_send(notification(std::string(600, ' ')), 3), SendResult::Full);
}

// RFC 9113 section 5.1.2: a limit that falls below what is open closes nothing. It counts from when
// it was read on, not from its acknowledgement.
TEST_P(Http2ClientLimits, ALimitThatFallsAndRisesIsObeyed) {
  api.options.limit_before_ack = true;
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 50}};
  std::vector<StreamId> waiting;
  api.on_request = [&](Connection& /*at*/, StreamId stream, std::uint64_t /*nth*/) {
    waiting.push_back(stream);
  };
  send(30);
  host.run_for(10ms);
  ASSERT_THAT(waiting, SizeIs(30));
  api.connection(1)->limit_streams(1);
  host.run_for(10ms);
  EXPECT_EQ(send_one(), SendResult::Full);
  for (const StreamId stream : waiting) {
    api.connection(1)->accept(stream);
  }
  waiting.clear();
  host.run_for(10ms);
  EXPECT_EQ(sink.num_writable, 1);
  send(1);
  EXPECT_EQ(send_one(), SendResult::Full);
  host.run_for(10ms);
  api.connection(1)->limit_streams(1000);
  host.run_for(10ms);
  EXPECT_EQ(sink.num_writable, 2);
  send(100);
  host.run_for(10ms);
  for (const StreamId stream : waiting) {
    api.connection(1)->accept(stream);
  }
  run_until_settled(131);
  EXPECT_THAT(api.violations, IsEmpty());
  EXPECT_THAT(sink.lines, Not(testing::Contains(HasSubstr("rejected"))));
}

// What jchambers/pushy#732 saw of the real service: after each rejection the limit is 1 until the
// next that is accepted.
TEST_P(Http2ClientLimits, ALimitThatMovesWithEachAnswerRefusesNothing) {
  api.options.limit_before_ack = false;
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (nth % 7 == 0) {
      at.limit_streams(1);
      at.answer(stream, "400", R"({"reason":"BadDeviceToken"})");
    } else {
      at.accept(stream);
      if (nth % 7 == 1) {
        at.limit_streams(100);
      }
    }
  };
  sink.on_writable = [this] {
    while (last_ticket < 500 && send_one() == SendResult::Queued) {
    }
  };
  sink.on_outcomes = sink.on_writable;
  send(50);
  run_until_settled(500);
  EXPECT_THAT(api.violations, IsEmpty());
  EXPECT_EQ(client().stats().connections, 1U);
}

// A stream whose time is over is freed: the next finds room.
TEST_P(Http2ClientLimits, NoAnswerInTimeFreesTheStream) {
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 2}};
  options.request_limit = 2s;
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (nth > 2) {
      at.accept(stream);
    }
  };
  send(2);
  host.run_for(1s);
  EXPECT_EQ(send_one(), SendResult::Full);
  host.run_for(1s);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 unknown: no answer in time", "2 unknown: no answer in time"));
  EXPECT_EQ(sink.num_writable, 1);
  send(1);
  host.run_for(1s);
  EXPECT_THAT(api.resets, ElementsAre("1 CANCEL", "3 CANCEL"));
  EXPECT_EQ(sink.lines.back(), "3 sent");
  EXPECT_EQ(client().stats().cancelled, 2U);
  EXPECT_EQ(client().stats().connections, 1U);
}

// A service that has said nothing since is asked whether it is there.
TEST_P(Http2ClientLimits, NoAnswerAndNoOtherWordDrawsAPing) {
  options.request_limit = 2s;
  send(1);
  host.run_for(5s);
  api.on_request = [](Connection& /*at*/, StreamId /*stream*/, std::uint64_t /*nth*/) {};
  send(1);
  host.run_for(2s + 1ms);
  EXPECT_EQ(api.num_pings, 1U);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 unknown: no answer in time"));
  api.on_request = nullptr;
  host.run_for(60s);  // it was answered: the connection stays
  send(1);
  host.run_for(1s);
  EXPECT_EQ(sink.lines.back(), "3 sent");
  EXPECT_EQ(client().stats().connections, 1U);
}

// field reports, AndrewBarba/apns2#97: a connection that was idle for hours says nothing any more.
TEST_P(Http2ClientLimits, AServiceThatIsGoneWithoutAWordIsNoticed) {
  options.request_limit = 2s;
  options.ping_limit = 3s;
  send(1);
  host.run_for(5s);
  api.reads = false;
  send(2);
  host.run_for(2s);
  send(1);
  host.run_for(3s + 1ms);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 sent", "2 unknown: no answer in time", "3 unknown: no answer in time",
                          "4 unknown: no answer in time"));
  EXPECT_THAT(client().last_error(), HasSubstr("no answer to a PING"));
  api.reads = true;
  send(1);
  run_until_settled(5);
  EXPECT_EQ(sink.lines.back(), "5 sent");
  EXPECT_EQ(client().stats().connections, 2U);
}

TEST_P(Http2ClientLimits, AnIdleConnectionIsAskedAndClosedIfWanted) {
  options.ping_after = 60s;
  options.idle_limit = 100s;
  send(1);
  host.run_for(61s);
  EXPECT_EQ(api.num_pings, 1U);
  EXPECT_EQ(host.num_open(), 1U);
  host.run_for(40s);
  EXPECT_EQ(host.num_open(), 0U);
  EXPECT_THAT(api.goaways, ElementsAre("NO_ERROR"));
  send(1);
  run_until_settled(2);
  EXPECT_EQ(client().stats().connections, 2U);
}

TEST_P(Http2ClientLimits, ALateAnswerIsDropped) {
  options.request_limit = 2s;
  links = [](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.latency = 900ms;
    return link;
  };
  api.on_request = [](Connection& /*at*/, StreamId /*stream*/, std::uint64_t /*nth*/) {};
  ASSERT_EQ(send_one(), SendResult::Queued);
  host.run_for(1900ms);  // dialled at 1.8 s, written at 2.7: too late for its own limit
  host.run_for(60s);
  ASSERT_THAT(sink.lines, SizeIs(1));
  ASSERT_EQ(send_one(), SendResult::Queued);
  host.run_for(1950ms);
  if (!api.requests.empty()) {
    if (Connection* at = api.connection(1)) {
      at->accept(api.requests.back().stream);
    }
  }
  host.run_for(60s);
  EXPECT_THAT(sink.lines, SizeIs(2));
  EXPECT_THAT(api.violations, IsEmpty());
}

// The connection's window is the service's to give: nobody opens streams only to wait.
TEST_P(Http2ClientLimits, WindowsAreNotOverrun) {
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 1000}};
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t /*nth*/) {
    at.accept(stream);
  };
  std::size_t most_open = 0;
  sink.on_writable = [&] {
    while (last_ticket < 300) {
      const SendResult result = try_send(notification(std::string(4000, ' ')), last_ticket + 1);
      if (result != SendResult::Queued) {
        break;
      }
      ++last_ticket;
      most_open = std::max(most_open, client().num_open());
    }
  };
  sink.on_outcomes = sink.on_writable;
  ASSERT_EQ(send_one(), SendResult::Queued);
  run_until_settled(300);
  EXPECT_LE(most_open, 65'535U / 4000 + 1);
  EXPECT_THAT(api.violations, IsEmpty());
}

TEST_P(Http2ClientLimits, AWindowOfNothingEndsAtTheLimit) {
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 100},
                          {http2::SettingId::InitialWindowSize, 0}};
  options.request_limit = 3s;
  send(3);
  run_until_settled(3);
  // Their payloads never left, so nobody has processed them.
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left", "2 rejected: never left",
                                      "3 rejected: never left"));
  host.run_for(1s);
  EXPECT_THAT(api.resets, ElementsAre("1 CANCEL", "3 CANCEL", "5 CANCEL"));
}

TEST_P(Http2ClientLimits, AWindowThatOpensLateLetsThemOut) {
  api.options.settings = {{http2::SettingId::MaxConcurrentStreams, 100},
                          {http2::SettingId::InitialWindowSize, 0}};
  send(3);
  host.run_for(1s);
  const std::array settings = {http2::Setting(http2::SettingId::InitialWindowSize, 1000)};
  api.connection(1)->session().send_settings(settings);
  api.connection(1)->wake();
  run_until_settled(3);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent"));
}

TEST_P(Http2ClientLimits, AnAnswerBeforeTheEndOfARequestCounts) {
  api.options.settings = {{http2::SettingId::InitialWindowSize, 10}};
  api.on_accepted = [](Connection& at) { at.session().hold_windows(true); };
  ASSERT_EQ(try_send(notification(std::string(100, ' ')), 1), SendResult::Queued);
  host.run_for(1s);
  ASSERT_THAT(api.requests, SizeIs(1));
  api.connection(1)->answer(1, "413", R"({"reason":"PayloadTooLarge"})");
  run_until_settled(1);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 413 PayloadTooLarge"));
  host.run_for(1s);
  EXPECT_THAT(api.resets, ElementsAre("1 CANCEL"));
  EXPECT_EQ(client().num_open(), 0U);
}

}  // namespace
}  // namespace apns::provider
