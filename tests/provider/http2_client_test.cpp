// What becomes of requests on a connection that stays.
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provider/provider_token_key.h"
#include "provider/provider_tokens.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/provider/http2_client_fixture.h"

namespace apns::provider {
namespace {

using http2::ErrorCode;
using http2::StreamId;
using test::Http2ClientTest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr std::string_view kGone = R"({"reason":"Unregistered","timestamp":1454948015990})";

INSTANTIATE_TEST_SUITE_P(Http2, Http2ClientTest, testing::Bool(), test::transport_name);

TEST_P(Http2ClientTest, AnAnswerOf200MeansSent) {
  send(3);
  run_until_settled(3);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent"));
  EXPECT_EQ(sink.by_ticket.at(2).status, 200);
  EXPECT_EQ(sink.answers.at(2).apns_id, "ID-1-3");
  EXPECT_THAT(api.payloads(1), ElementsAre("1", "2", "3"));
  EXPECT_EQ(client().stats().connections, 1U);
  EXPECT_THAT(api.violations, IsEmpty());
}

TEST_P(Http2ClientTest, ARejectionTellsStatusReasonTimeAndId) {
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    const std::vector<std::pair<std::string, std::string>> answers = {
        {"410", std::string(kGone)},
        {"400", R"({"reason":"NotYetInvented"})"},
        {"500", "<html>sorry</html>"},
        {"503", ""},
        {"302", ""}};
    const auto& [status, body] = answers.at(nth - 1);
    at.answer(stream, status, body);
  };
  send(5);
  run_until_settled(5);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 rejected: 410 Unregistered", "2 rejected: 400 NotYetInvented",
                          "3 rejected: 500", "4 rejected: 503", "5 rejected: 302"));
  EXPECT_EQ(sink.answers.at(1).reason, Reason::Unregistered);
  EXPECT_EQ(sink.answers.at(1).timestamp_ms, 1'454'948'015'990U);
  EXPECT_EQ(sink.answers.at(1).apns_id, "ID-1-1");
  EXPECT_EQ(sink.by_ticket.at(1).status, 410);
  EXPECT_EQ(sink.answers.at(2).reason, std::nullopt);
  EXPECT_EQ(sink.answers.at(2).reason_text, "NotYetInvented");
}

TEST_P(Http2ClientTest, ARequestSaysWhatTheNotificationHas) {
  Notification full = notification("{}");
  full.push_type = PushType::Background;
  full.apns_id = "4084a6e4-9ea8-6d2a-ca49-9a344a152da7";
  full.collapse_id = "score";
  full.expiration = 0;
  full.priority = 5;
  options.content_length = true;
  ASSERT_EQ(try_send(full, 1), SendResult::Queued);
  Notification bare = notification("{}");
  bare.topic.clear();
  ASSERT_EQ(try_send(bare, 2), SendResult::Queued);
  run_until_settled(2);
  using Fields = std::map<std::string, std::string>;
  const Fields common = {{":method", "POST"},
                         {":scheme", "https"},
                         {":path", "/3/device/a1b2"},
                         {":authority", api.at.to_string()},
                         {"content-length", "2"}};
  Fields all = common;
  all.insert({{"apns-topic", "com.example.app"},
              {"apns-push-type", "background"},
              {"apns-id", "4084a6e4-9ea8-6d2a-ca49-9a344a152da7"},
              {"apns-collapse-id", "score"},
              {"apns-expiration", "0"},
              {"apns-priority", "5"}});
  ASSERT_THAT(api.requests, SizeIs(2));
  EXPECT_EQ(api.requests[0].fields, all);
  EXPECT_EQ(api.requests[1].fields, common);
}

class CountingSource final : public ProviderTokenSource {
 public:
  std::string_view authorization(TimePoint now) override {
    text_ = "bearer at-" + std::to_string(now.time_since_epoch() / 1s);
    return text_;
  }

  [[nodiscard]] std::uint32_t number() const override { return 1; }

  bool is_replaced(std::uint32_t /*number*/, TimePoint /*now*/) override { return false; }

 private:
  std::string text_;
};

TEST_P(Http2ClientTest, AProviderTokenIsAskedForWhenARequestIsWritten) {
  CountingSource source;
  options.provider_token = &source;
  send(1);
  host.run_for(5s);
  send(1);
  run_until_settled(2);
  EXPECT_EQ(api.requests[0].fields.at("authorization"), "bearer at-0");
  EXPECT_EQ(api.requests[1].fields.at("authorization"), "bearer at-5");
}

// Field report J149, jchambers/pushy#811: a wave of 429 that ends by itself. Another token would
// only count as one more.
TEST_P(Http2ClientTest, TooManyTokenUpdatesAreNotMetWithAnotherToken) {
  ProviderTokens tokens(clock);
  const auto source =
      tokens.source(make_token_signer({golden::kP8, "KEY0000001", "TEAM000001", {}}));
  options.provider_token = source.get();
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (nth <= 60) {
      at.answer(stream, "429", R"({"reason":"TooManyProviderTokenUpdates"})");
    } else {
      at.accept(stream);
    }
  };
  for (std::size_t second = 1; second <= 61; ++second) {
    send(1);
    run_until_settled(second);
    host.run_for(1s);
  }
  EXPECT_EQ(sink.lines[59], "60 rejected: 429 TooManyProviderTokenUpdates");
  EXPECT_EQ(sink.lines[60], "61 sent");
  EXPECT_EQ(source->number(), 1U);
  EXPECT_EQ(api.num_accepted, 1U);
}

TEST_P(Http2ClientTest, WhatCannotBeSentIsNotTaken) {
  EXPECT_EQ(try_send(notification(""), 1), SendResult::PayloadEmpty);
  EXPECT_EQ(try_send(notification(std::string(4097, ' ')), 1), SendResult::PayloadTooLong);
  Notification voip = notification(std::string(5120, ' '));
  voip.push_type = PushType::Voip;
  EXPECT_EQ(try_send(voip, 1), SendResult::Queued);
  const std::vector<std::string> bad_values = {"com.example\r\nhost: other", " leading",
                                               std::string("a\0b", 3)};
  for (const std::string& bad : bad_values) {
    Notification one = notification("{}");
    one.topic = bad;
    EXPECT_EQ(try_send(one, 2), SendResult::FieldIllegal);
    one.topic = "com.example.app";
    one.collapse_id = bad;
    EXPECT_EQ(try_send(one, 2), SendResult::FieldIllegal);
  }
  run_until_settled(1);
}

TEST_P(Http2ClientTest, UncheckedPayloadsAreForTheServiceToJudge) {
  options.check_payload = false;
  ASSERT_EQ(try_send(notification(""), 1), SendResult::Queued);
  ASSERT_EQ(try_send(notification(std::string(5000, ' ')), 2), SendResult::Queued);
  run_until_settled(2);
  EXPECT_EQ(api.requests[0].payload, "");
  EXPECT_THAT(api.requests[1].payload, SizeIs(5000));
}

TEST_P(Http2ClientTest, ARefusedStreamWasNotProcessed) {
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (nth == 2) {
      at.session().reset(stream, ErrorCode::RefusedStream);
    } else {
      at.accept(stream);
    }
  };
  send(3);
  run_until_settled(3);
  EXPECT_EQ(sink.by_ticket.at(2).kind, OutcomeKind::Rejected);
  EXPECT_EQ(sink.by_ticket.at(2).reason, OutcomeReason::NotProcessed);
  EXPECT_EQ(sink.by_ticket.at(3).kind, OutcomeKind::Sent);
  EXPECT_THAT(api.payloads(1), ElementsAre("1", "2", "3"));  // not again
}

TEST_P(Http2ClientTest, AnotherResetLeavesOneInDoubt) {
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    if (nth == 1) {
      at.session().reset(stream, ErrorCode::InternalError);
    } else if (nth == 2) {
      at.session().reset(stream, static_cast<ErrorCode>(0x1234567));
    } else {
      at.accept(stream);
    }
  };
  send(3);
  run_until_settled(3);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 unknown: the service reset the stream (INTERNAL_ERROR)",
                          "2 unknown: the service reset the stream (error 0x1234567)", "3 sent"));
}

TEST_P(Http2ClientTest, AnAnswerCountsThoughItsStreamIsReset) {
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    const std::array fields = {http2::Field{":status", nth == 1 ? "200" : "413"}};
    at.session().send_headers(stream, fields, false);
    at.session().reset(stream, ErrorCode::NoError);
  };
  send(2);
  run_until_settled(2);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 rejected: 413"));
}

TEST_P(Http2ClientTest, AnInformationalAnswerIsNone) {
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t /*nth*/) {
    const std::array early = {http2::Field{":status", "103"}};
    at.session().send_headers(stream, early, false);
    at.accept(stream);
  };
  send(2);
  run_until_settled(2);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
}

TEST_P(Http2ClientTest, AnAnswerThatBreaksRulesIsNone) {
  api.on_request = [](Connection& at, StreamId stream, std::uint64_t nth) {
    const std::array bad = {http2::Field{":status", "2x0"}};
    if (nth == 1) {
      at.session().send_headers(stream, bad, true);
    } else {
      at.accept(stream);
    }
  };
  send(2);
  run_until_settled(2);
  EXPECT_THAT(sink.lines, ElementsAre("1 unknown: the answer broke HTTP/2's rules", "2 sent"));
  EXPECT_THAT(client().last_error(), HasSubstr("broke a rule of HTTP/2: "));
}

TEST_P(Http2ClientTest, DrainWaitsForAnswersAndSaysGoodbye) {
  api.on_request = [](Connection& /*at*/, StreamId /*stream*/, std::uint64_t /*nth*/) {};
  send(2);
  host.run_for(1s);
  drain(20s);
  EXPECT_EQ(send_one(), SendResult::Draining);
  host.run_for(1s);
  EXPECT_EQ(sink.num_drained, 0);
  api.connection(1)->accept(1);
  api.connection(1)->accept(3);
  EXPECT_LT(run_until_drained(), 1s);
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent"));
  EXPECT_THAT(api.goaways, ElementsAre("NO_ERROR"));
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_P(Http2ClientTest, DrainEndsAtItsLimit) {
  api.on_request = [](Connection& /*at*/, StreamId /*stream*/, std::uint64_t /*nth*/) {};
  send(2);
  host.run_for(1s);
  drain(3s);
  EXPECT_EQ(run_until_drained(), 3s);
  EXPECT_THAT(sink.lines,
              ElementsAre("1 unknown: not settled in time", "2 unknown: not settled in time"));
}

TEST_P(Http2ClientTest, DrainWithNothingIsAtOnce) {
  drain(3s);
  EXPECT_EQ(run_until_drained(), 0s);
  EXPECT_EQ(api.num_accepted, 0U);
}

TEST_P(Http2ClientTest, DrainOfWhatNobodyTakesEndsAtItsLimit) {
  links = [](std::uint64_t /*connection*/) { return test::hanging(); };
  send(2);
  drain(3s);
  EXPECT_EQ(run_until_drained(), 3s);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: never left", "2 rejected: never left"));
}

TEST_P(Http2ClientTest, StopReportsAllAndTakesNothingMore) {
  api.on_request = [](Connection& /*at*/, StreamId /*stream*/, std::uint64_t /*nth*/) {};
  send(2);
  host.run_for(1s);
  stop("enough");
  EXPECT_EQ(send_one(), SendResult::Stopped);
  host.run_for(1s);
  EXPECT_THAT(sink.lines, ElementsAre("1 unknown: the connection was lost without an answer",
                                      "2 unknown: the connection was lost without an answer"));
  EXPECT_EQ(client().last_error(), "enough");
  drain(1s);
  run_until_drained();
}

TEST_P(Http2ClientTest, MayBeDestroyedWithRequestsOpen) {
  send(5);
  host.run_for(50us);
}

}  // namespace
}  // namespace apns::provider
