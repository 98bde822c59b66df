// The real client inside, opposite a scripted service: two connections, and a GOAWAY on the first.
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provider/http2_client.h"
#include "provider/retrying_client.h"
#include "tests/provider/recording_sink.h"
#include "tests/support/checked_engine.h"
#include "tests/support/scripted_api.h"

namespace apns::provider {
namespace {

using apns::test::ScriptedApi;
using http2::ErrorCode;
using http2::StreamId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

class RetryingClientGoaway : public testing::Test {
 public:
  RetryingClientGoaway() : host(clock, 7) {
    api.listen(host);
    inner.service = api.at;
  }

  ~RetryingClientGoaway() override { client_->release_dialer(); }

  RetryingClient& client() {
    if (!client_) {
      client_ = std::make_unique<RetryingClient>(options, sink, [this](OutcomeSink& to) {
        return std::make_unique<Http2Client>(inner, apns::test::checked(plain_transport()), to);
      });
      client_->use_dialer(host.make_dialer(*client_));
    }
    return *client_;
  }

  /// Payloads "1", "2", ... are the tickets.
  void send(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t ticket = first; ticket <= last; ++ticket) {
      ASSERT_EQ(client().try_send(Notification{.device_token = *DeviceToken::parse("a1b2"),
                                               .payload = std::to_string(ticket),
                                               .topic = "com.example.app"},
                                  ticket),
                SendResult::Queued);
    }
  }

  ManualClock clock;
  test::RecordingSink sink;
  ScriptedApi api;
  MemoryHost host;
  Http2ClientOptions inner;
  RetryOptions options;

 private:
  std::unique_ptr<RetryingClient> client_;
};

// The third and last of what the first connection takes: streams 1, 3 and 5 are answered, 7 and 9
// are not, those from 11 on lie above the last stream.
TEST_F(RetryingClientGoaway, WhatLiesAboveItsLastStreamSettlesOnTheNextConnection) {
  api.on_request = [](ScriptedApi::Connection& at, StreamId stream, std::uint64_t nth) {
    if (at.number > 1) {
      at.accept(stream);
    } else if (nth == 10) {
      at.say_goaway(9, ErrorCode::NoError, R"({"reason":"Shutdown"})");
      for (const StreamId one : {1U, 3U, 5U}) {
        at.accept(one);
      }
      at.hang_up(Close::FinOnly);
    }
  };
  send(1, 10);
  ASSERT_TRUE(host.run_until([this] { return sink.lines.size() == 10; }, host.now() + 1min));
  EXPECT_THAT(sink.lines,
              UnorderedElementsAre("1 sent", "2 sent", "3 sent",
                                   "4 unknown: the connection was lost without an answer",
                                   "5 unknown: the connection was lost without an answer", "6 sent",
                                   "7 sent", "8 sent", "9 sent", "10 sent"));
  EXPECT_THAT(api.payloads(2), ElementsAre("6", "7", "8", "9", "10"));
  EXPECT_EQ(sink.answers.at(6).apns_id, "ID-2-1");
  EXPECT_THAT(api.violations, IsEmpty());
  EXPECT_EQ(client().stats().retries, 5U);
  EXPECT_EQ(client().stats().goaways, 1U);
  EXPECT_EQ(client().num_open(), 0U);
}

// What waits for another connection goes before what comes behind it.
TEST_F(RetryingClientGoaway, WhatGoesAgainGoesFirst) {
  api.on_request = [](ScriptedApi::Connection& at, StreamId stream, std::uint64_t nth) {
    if (at.number > 1) {
      at.accept(stream);
    } else if (nth == 3) {
      at.say_goaway(0, ErrorCode::NoError, {});
      at.hang_up(Close::FinOnly);
    }
  };
  send(1, 3);
  ASSERT_TRUE(host.run_until([this] { return client().stats().goaways == 1; }, host.now() + 1min));
  send(4, 5);
  client().drain(1min);
  ASSERT_TRUE(host.run_until([this] { return sink.num_drained > 0; }, host.now() + 2min));
  EXPECT_THAT(api.payloads(2), ElementsAre("1", "2", "3", "4", "5"));
}

}  // namespace
}  // namespace apns::provider
