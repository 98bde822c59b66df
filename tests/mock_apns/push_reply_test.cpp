#include "mock_apns/push_reply.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"

namespace apns::mock {
namespace {

constexpr WorldTime kNow =
    std::chrono::sys_days{std::chrono::year{2025} / 1 / 2} + std::chrono::microseconds(1'234'567);

PushVerdict rejected(Reason reason) {
  return PushVerdict{.reason = reason, .rule = "http2/any"};
}

std::string text_of(const PushReply& reply) {
  constexpr const char* kOutcomes[] = {"accepted", "rejected", "lost"};
  constexpr const char* kKinds[] = {"", " raw", " reset", " silence"};
  std::string text = kOutcomes[static_cast<std::size_t>(reply.outcome)];
  text += kKinds[static_cast<std::size_t>(reply.kind)];
  if (reply.outcome != PushReply::Outcome::Lost) {
    text += " " + std::to_string(reply.status);
    text += reply.reason ? " " + std::string(row_of(*reply.reason).name) : "";
    text += reply.timestamp_ms ? " " + std::to_string(*reply.timestamp_ms) : "";
  }
  return text;
}

std::string reply(std::string_view then, const PushVerdict& verdict = {}) {
  const FaultRule rule = parse_fault("protocol=http2: " + std::string(then));
  return text_of(reply_to(verdict, &rule.then, kNow));
}

TEST(PushReply, WithoutAnActionIsTheVerdicts) {
  EXPECT_EQ(text_of(reply_to({}, nullptr, kNow)), "accepted 200");
  EXPECT_EQ(text_of(reply_to(rejected(Reason::BadTopic), nullptr, kNow)), "rejected 400 BadTopic");
  PushVerdict gone = rejected(Reason::Unregistered);
  gone.timestamp_ms = 5;
  EXPECT_EQ(text_of(reply_to(gone, nullptr, kNow)), "rejected 410 Unregistered 5");
}

TEST(PushReply, AReasonRejectsWhateverTheVerdict) {
  EXPECT_EQ(reply("reject=BadDeviceToken"), "rejected 400 BadDeviceToken");
  EXPECT_EQ(reply("reject=BadDeviceToken", rejected(Reason::BadTopic)),
            "rejected 400 BadDeviceToken");
  EXPECT_EQ(reply("reject=TooManyRequests status=503"), "rejected 503 TooManyRequests");
}

TEST(PushReply, AReasonOf410HasATime) {
  EXPECT_EQ(reply("reject=Unregistered"), "rejected 410 Unregistered 1735776001234");
  EXPECT_EQ(reply("reject=ExpiredToken"), "rejected 410 ExpiredToken 1735776001234");
  EXPECT_EQ(reply("reject=Unregistered timestamp=7"), "rejected 410 Unregistered 7");
  EXPECT_EQ(reply("reject=BadTopic timestamp=7"), "rejected 400 BadTopic 7");
}

TEST(PushReply, AStatusAloneHasTheReasonThatIsUsualForIt) {
  EXPECT_EQ(reply("status=410"), "rejected 410 Unregistered 1735776001234");
  EXPECT_EQ(reply("status=429"), "rejected 429 TooManyRequests");
  EXPECT_EQ(reply("status=418"), "rejected 418");
  EXPECT_EQ(reply("status=302"), "rejected 302");
}

TEST(PushReply, AStatusOfSuccessIsAnswersAlone) {
  EXPECT_EQ(reply("status=202"), "accepted 202");
  EXPECT_EQ(reply("status=200", rejected(Reason::BadTopic)), "rejected 200 BadTopic");
  EXPECT_EQ(reply("reject=BadTopic status=200"), "rejected 200 BadTopic");
}

TEST(PushReply, SomeActionsLeaveARequestWithoutAnAnswer) {
  EXPECT_EQ(reply("no_answer=true"), "lost silence");
  EXPECT_EQ(reply("reset_stream=CANCEL"), "lost reset");
  EXPECT_EQ(reply("close=rst"), "lost silence");
  EXPECT_EQ(reply("close=rst delay=1s"), "lost silence");
  EXPECT_EQ(reply("close=rst", rejected(Reason::BadTopic)), "lost silence");
}

TEST(PushReply, WhatIsAskedForIsAnsweredBeforeTheEnd) {
  EXPECT_EQ(reply("reject=BadTopic close=rst"), "rejected 400 BadTopic");
  EXPECT_EQ(reply("status=200 close=rst"), "accepted 200");
  EXPECT_EQ(reply("goaway.reason=Shutdown close=rst"), "accepted 200");
}

TEST(PushReply, OtherActionsLeaveTheVerdict) {
  for (const char* then : {"delay=1s", "latency=1s", "settings.max_frame_size=16384", "raw=00",
                           "goaway.code=0", "ignore_ping=true", "bandwidth=1"}) {
    EXPECT_EQ(reply(then), "accepted 200") << then;
    EXPECT_EQ(reply(then, rejected(Reason::BadTopic)), "rejected 400 BadTopic") << then;
  }
}

TEST(PushReply, RawStandsInPlaceOfARejection) {
  EXPECT_EQ(reply("reject=BadTopic raw=00"), "rejected raw 400 BadTopic");
}

}  // namespace
}  // namespace apns::mock
