// What goes again, and when, around a client that says what the test wants.
#include "provider/retrying_client.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/http2/wire.h"
#include "provider/provider_token_source.h"
#include "tests/provider/retrying_client_fixture.h"

namespace apns::provider {
namespace {

using test::in_turn;
using test::not_processed;
using test::rejected;
using test::Said;
using test::sent;
using test::unknown;
using test::unsent;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

class RetryingClientTest : public testing::Test, public test::RetryingWorld {};

TEST_F(RetryingClientTest, HandsOnWhatIsSettled) {
  inner().answer = in_turn({sent(), rejected(Reason::Unregistered)});
  send(1, 2);
  ASSERT_TRUE(run_until_settled(2));
  EXPECT_THAT(sink.lines, UnorderedElementsAre("1 sent", "2 rejected: 410 Unregistered"));
  EXPECT_THAT(sink.answers.at(1).apns_id, HasSubstr("ID-"));
  EXPECT_EQ(client().stats().retries, 0U);
}

struct AgainCase {
  const char* name;
  Said first;
};

class RetryingClientAgain : public testing::TestWithParam<AgainCase>, public test::RetryingWorld {};

INSTANTIATE_TEST_SUITE_P(
    RetryingClient, RetryingClientAgain,
    testing::Values(AgainCase{"NotProcessed", not_processed()}, AgainCase{"Unsent", unsent()},
                    AgainCase{"IdleTimeout", rejected(Reason::IdleTimeout)},
                    AgainCase{"TooManyRequests", rejected(Reason::TooManyRequests)},
                    AgainCase{"TooManyProviderTokenUpdates",
                              rejected(Reason::TooManyProviderTokenUpdates)},
                    AgainCase{"InternalServerError", rejected(Reason::InternalServerError)},
                    AgainCase{"ServiceUnavailable", rejected(Reason::ServiceUnavailable)},
                    AgainCase{"Shutdown", rejected(Reason::Shutdown)}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_P(RetryingClientAgain, SendsItOnceMore) {
  inner().answer = in_turn({GetParam().first, sent()});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
  EXPECT_EQ(client().stats().retries, 1U);
  host.run_for(1h);
  EXPECT_EQ(num_attempts("1"), 2U);
}

// Field report F107, matrix-org/sygnal#116: one bound, whatever the cause.
TEST_P(RetryingClientAgain, EndsWithTheAttempts) {
  options.limits.max_attempts = 4;
  options.limits.pause_first = 10s;
  inner().answer = in_turn({GetParam().first});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_EQ(sink.by_ticket.at(1).reason, GetParam().first.reason);
  EXPECT_EQ(sink.answers.at(1).reason, GetParam().first.known);
  host.run_for(1h);
  EXPECT_EQ(num_attempts("1"), 4U);
  EXPECT_EQ(client().stats().given_up, 1U);
  EXPECT_EQ(client().num_open(), 0U);
}

TEST_P(RetryingClientAgain, NeverWithOneAttempt) {
  options.limits.max_attempts = 1;
  inner().answer = in_turn({GetParam().first, sent()});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  ASSERT_TRUE(host.run_until([this] { return sink.lines.size() == 1; }, host.now() + 10ms));
  EXPECT_EQ(num_attempts("1"), 1U);
  EXPECT_EQ(try_send(2), SendResult::Queued) << "nobody waits";
}

TEST_P(RetryingClientAgain, ReportsWhatWaitsWhenTheDrainIsOver) {
  inner().answer = [first = GetParam().first](const test::FakeClient::Attempt&) {
    Said said = first;
    said.after = 1s;
    return said;
  };
  ASSERT_EQ(try_send(1), SendResult::Queued);
  host.run_for(1s);
  const TimePoint begin = host.now();
  drain(1ms);
  ASSERT_TRUE(run_until_drained());
  EXPECT_EQ(sink.lines.size(), 1U);
  EXPECT_EQ(host.now() - begin, 1ms);
}

TEST_F(RetryingClientTest, ARefusalGoesAtOnceAndTheNextOneWaits) {
  inner().answer = in_turn({not_processed(), not_processed(), not_processed(), sent()});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(1));
  const auto& made = inner().attempts;
  ASSERT_EQ(made.size(), 4U);
  EXPECT_EQ(made[1].at - made[0].at, 1ms);
  EXPECT_GE(made[2].at - made[1].at, 250ms);
  EXPECT_GE(made[3].at - made[2].at, 500ms);
}

TEST_F(RetryingClientTest, PausesGrowAndTheTimeIsBounded) {
  options.limits.max_attempts = 1000;
  options.limits.max_time = 1min;
  inner().answer = in_turn({rejected(Reason::ServiceUnavailable)});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  const TimePoint begin = host.now();
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_LE(host.now() - begin, 1min + 10ms);
  EXPECT_GE(host.now() - begin, 15s);
  EXPECT_LE(num_attempts("1"), 9U);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 503 ServiceUnavailable"));
}

// Field report I134, fleetdm/fleet#52362; field report I135, codedge-llc/pigeon#44.
TEST_F(RetryingClientTest, TooManyForOneDeviceDelaysThatDeviceOnly) {
  inner().answer = [end = host.now() + 1s](const test::FakeClient::Attempt& attempt) {
    const bool is_busy = attempt.device_token == *DeviceToken::parse("bb") && attempt.at < end;
    return is_busy ? rejected(Reason::TooManyRequests) : sent();
  };
  ASSERT_EQ(try_send(1, "bb"), SendResult::Queued);
  host.run_for(2ms);
  ASSERT_EQ(try_send(2, "bb"), SendResult::Queued);
  ASSERT_EQ(try_send(3, "cc"), SendResult::Queued);
  host.run_for(2ms);
  EXPECT_THAT(sink.lines, ElementsAre("3 sent"));
  EXPECT_EQ(num_attempts("2"), 0U) << "its device waits";
  ASSERT_TRUE(run_until_settled(3));
  EXPECT_EQ(sink.by_ticket.at(1).kind, OutcomeKind::Sent);
  EXPECT_EQ(sink.by_ticket.at(2).kind, OutcomeKind::Sent);
}

// Field report J149, jchambers/pushy#811: a wave of these for a minute, whatever the token.
TEST_F(RetryingClientTest, TooManyProviderTokenUpdatesHoldsAll) {
  options.limits.pause_first = 20s;
  inner().answer = [end = host.now() + 1min](const test::FakeClient::Attempt& attempt) {
    return attempt.at < end ? rejected(Reason::TooManyProviderTokenUpdates) : sent();
  };
  send(1, 100);
  host.run_for(2ms);
  EXPECT_EQ(try_send(101), SendResult::Full);
  EXPECT_EQ(sink.num_writable, 0);
  ASSERT_TRUE(run_until_settled(100));
  for (const auto& [ticket, outcome] : sink.by_ticket) {
    EXPECT_EQ(outcome.kind, OutcomeKind::Sent) << ticket;
  }
  EXPECT_LE(inner().attempts.size(), 210U) << "one goes to see, not all";
  EXPECT_EQ(sink.num_writable, 1);
}

TEST_F(RetryingClientTest, NobodyWaitsLongerThanTheLimitsAllow) {
  options.limits.max_time = 5s;
  inner().answer = in_turn({rejected(Reason::TooManyProviderTokenUpdates)});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  host.run_for(2ms);
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 429 TooManyProviderTokenUpdates"));
  EXPECT_EQ(try_send(2), SendResult::Queued);
}

TEST_F(RetryingClientTest, EnhanceYourCalmSlowsAllDownAndStaysUnknown) {
  const auto calm = static_cast<std::uint32_t>(http2::ErrorCode::EnhanceYourCalm);
  inner().answer = in_turn({unknown(OutcomeReason::Reset, calm), sent()});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  host.run_for(2ms);
  EXPECT_EQ(try_send(2), SendResult::Full);
  ASSERT_TRUE(host.run_until([this] { return sink.num_writable == 1; }, host.now() + 1s));
  EXPECT_EQ(try_send(2), SendResult::Queued);
  EXPECT_EQ(try_send(3), SendResult::Full) << "one goes to see";
  ASSERT_TRUE(run_until_settled(2));
  EXPECT_THAT(sink.lines,
              ElementsAre("1 unknown: the service reset the stream (ENHANCE_YOUR_CALM)", "2 sent"));
  EXPECT_EQ(num_attempts("1"), 1U);
}

// ---- Unknown ----

TEST_F(RetryingClientTest, TheUnknownIsReportedByDefault) {
  for (const OutcomeReason reason : {OutcomeReason::ConnectionLost, OutcomeReason::NoAnswer,
                                     OutcomeReason::Reset, OutcomeReason::BadAnswer}) {
    const std::uint64_t ticket = sink.lines.size() + 1;
    inner().answer = in_turn({unknown(reason), sent()});
    ASSERT_EQ(try_send(ticket), SendResult::Queued);
    ASSERT_TRUE(run_until_settled(ticket));
    EXPECT_EQ(sink.by_ticket.at(ticket).reason, reason);
  }
  EXPECT_EQ(inner().attempts.size(), 4U);
}

TEST_F(RetryingClientTest, TheUnknownGoesAgainWhereADoubleIsNoHarm) {
  options.limits.on_unknown = OnUnknown::SendAgain;
  inner().answer =
      in_turn({unknown(OutcomeReason::ConnectionLost), unknown(OutcomeReason::NoAnswer), sent()});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
  EXPECT_EQ(num_attempts("1"), 3U);
}

TEST_F(RetryingClientTest, TheUnknownStaysSoUnlessItIsSettledLater) {
  options.limits.on_unknown = OnUnknown::SendAgain;
  options.limits.max_attempts = 2;
  inner().answer =
      in_turn({unknown(OutcomeReason::ConnectionLost), rejected(Reason::ServiceUnavailable),
               unknown(OutcomeReason::ConnectionLost), rejected(Reason::Unregistered)});
  ASSERT_EQ(try_send(1), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(1));
  ASSERT_EQ(try_send(2), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(2));
  EXPECT_THAT(sink.lines, ElementsAre("1 unknown: the connection was lost without an answer",
                                      "2 rejected: 410 Unregistered"));
}

// ---- Provider tokens ----

/// Replaces the one that is shown when it may.
class FakeTokens final : public ProviderTokenSource {
 public:
  std::string_view authorization(TimePoint /*now*/) override { return "bearer A"; }

  std::uint32_t number() const override { return current; }

  bool is_replaced(std::uint32_t number, TimePoint /*now*/) override {
    asked.push_back(number);
    if (number == current && may_replace) {
      ++current;
      may_replace = false;
    }
    return number != current;
  }

  std::uint32_t current = 1;
  bool may_replace = true;
  std::vector<std::uint32_t> asked;
};

class RetryingClientToken : public testing::Test, public test::RetryingWorld {
 public:
  RetryingClientToken() { options.provider_token = &tokens; }

  FakeTokens tokens;
};

// Field report J145, edamov/pushok#92: one refresh, and one more attempt of each.
TEST_F(RetryingClientToken, AllThatMetTheOldOneGoOnceMore) {
  inner().answer = [this](const test::FakeClient::Attempt&) {
    return tokens.current == 1 ? rejected(Reason::ExpiredProviderToken) : sent();
  };
  options.throttle_burst = 0;
  send(1, 500);
  ASSERT_TRUE(run_until_settled(500));
  for (const auto& [ticket, outcome] : sink.by_ticket) {
    EXPECT_EQ(outcome.kind, OutcomeKind::Sent) << ticket;
  }
  EXPECT_EQ(inner().attempts.size(), 1000U);
  EXPECT_EQ(tokens.current, 2U);
}

// Field report J147, node-apn/node-apn#450: a clock that is wrong.
TEST_F(RetryingClientToken, AFreshOneThatIsRefusedIsToldAsAClockThatIsWrong) {
  inner().answer = in_turn({rejected(Reason::ExpiredProviderToken)});
  send(1, 1);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_THAT(sink.lines, ElementsAre("1 rejected: 403 ExpiredProviderToken"));
  EXPECT_EQ(num_attempts("1"), 2U);
  EXPECT_THAT(client().last_error(), HasSubstr("this machine's clock is wrong"));
  send(2, 2);
  ASSERT_TRUE(run_until_settled(2));
  EXPECT_EQ(num_attempts("2"), 1U) << "no other token can be had";
  inner().answer = in_turn({sent()});
  inner().error = "something else";
  send(3, 3);
  ASSERT_TRUE(run_until_settled(3));
  EXPECT_EQ(client().last_error(), "something else");
}

// Field report J146, jchambers/pushy#408: 500 to a token that is too old.
TEST_F(RetryingClientToken, ASecond500AsksForAnotherOne) {
  inner().answer = [this](const test::FakeClient::Attempt&) {
    return tokens.current == 1 ? rejected(Reason::InternalServerError) : sent();
  };
  send(1, 1);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
  EXPECT_EQ(num_attempts("1"), 3U);
  EXPECT_EQ(tokens.current, 2U);
}

TEST_F(RetryingClientToken, One500DoesNot) {
  inner().answer = in_turn({rejected(Reason::InternalServerError), sent()});
  send(1, 1);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_EQ(tokens.current, 1U);
}

// ---- Configuration ----

// Field report I133, reown-com/push-server#343.
TEST_F(RetryingClientTest, StopsWhenNothingButAConfigurationErrorComesBack) {
  inner().answer = in_turn({rejected(Reason::InvalidProviderToken)});
  inner().max_open = 30;
  send(1, 30);
  ASSERT_TRUE(run_until_settled(30));
  ASSERT_TRUE(host.run_until([this] { return inner().is_stopped; }, host.now() + 10ms));
  EXPECT_EQ(inner().attempts.size(), 30U);
  EXPECT_EQ(try_send(31), SendResult::Stopped);
  EXPECT_EQ(client().last_error(),
            "the service answers nothing but 403 InvalidProviderToken: see that key, key id and "
            "team id belong together, and that the key was not revoked");
}

TEST_F(RetryingClientTest, DoesNotStopWhileAnythingElseIsAnswered) {
  inner().answer = [](const test::FakeClient::Attempt& attempt) {
    return std::stoi(attempt.payload) % 20 == 0 ? rejected(Reason::BadTopic)
                                                : rejected(Reason::Forbidden);
  };
  send(1, 500);
  ASSERT_TRUE(run_until_settled(500));
  host.run_for(1s);
  EXPECT_FALSE(inner().is_stopped);
}

TEST_F(RetryingClientTest, ATopicErrorIsOfItsNotificationOnly) {
  inner().answer = in_turn({rejected(Reason::TopicDisallowed)});
  send(1, 500);
  ASSERT_TRUE(run_until_settled(500));
  host.run_for(1s);
  EXPECT_FALSE(inner().is_stopped);
}

// ---- Bounds ----

TEST_F(RetryingClientTest, AnOutageIsNotMultiplied) {
  options.throttle_burst = 50;
  options.throttle_share = 0.1;
  inner().answer = in_turn({rejected(Reason::ServiceUnavailable)});
  send(1, 1000);
  ASSERT_TRUE(run_until_settled(1000));
  EXPECT_EQ(client().stats().retries, 50U);  // the fresh ones came when nothing was used up
  EXPECT_EQ(client().stats().given_up, 1000U);
}

// Field report I134: do not send what has expired.
TEST_F(RetryingClientTest, WhatExpiresMeanwhileIsNotSentAgain) {
  options.clock = &clock;
  inner().answer = in_turn({rejected(Reason::ServiceUnavailable)});
  Notification soon = notification("1");
  const auto now = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch();
  soon.expiration = static_cast<std::uint32_t>(now.count()) + 2;
  ASSERT_EQ(try_send(soon, 1), SendResult::Queued);
  const TimePoint begin = host.now();
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_LE(host.now() - begin, 2s);
  for (const test::FakeClient::Attempt& one : inner().attempts) {
    EXPECT_LT(one.at - begin, 2s);
  }
  EXPECT_LT(num_attempts("1"), 5U);
}

TEST_F(RetryingClientTest, AnExpirationOf0IsNoTime) {
  options.clock = &clock;
  inner().answer = in_turn({rejected(Reason::ServiceUnavailable), sent()});
  Notification once = notification("1");
  once.expiration = 0;
  ASSERT_EQ(try_send(once, 1), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_THAT(sink.lines, ElementsAre("1 sent"));
}

TEST_F(RetryingClientTest, FullWhenAsManyAreKeptAsMay) {
  options.max_kept = 3;
  send(1, 3);
  EXPECT_EQ(try_send(4), SendResult::Full);
  ASSERT_TRUE(run_until_settled(3));
  EXPECT_EQ(sink.num_writable, 1);
  EXPECT_EQ(try_send(4), SendResult::Queued);
}

TEST_F(RetryingClientTest, FullWhileTheClientInsideIs) {
  inner().max_open = 2;
  send(1, 2);
  EXPECT_EQ(try_send(3), SendResult::Full);
  EXPECT_EQ(client().num_open(), 2U);
  ASSERT_TRUE(run_until_settled(2));
  EXPECT_EQ(sink.num_writable, 1);
}

TEST_F(RetryingClientTest, WhatGoesAgainGoesBeforeWhatIsFresh) {
  inner().max_open = 1;
  inner().answer = in_turn({not_processed(), sent()});
  sink.on_writable = [this] { (void)client().try_send(notification("2"), 2); };
  send(1, 1);
  EXPECT_EQ(try_send(2), SendResult::Full);
  ASSERT_TRUE(run_until_settled(2));
  ASSERT_EQ(inner().attempts.size(), 3U);
  EXPECT_EQ(inner().attempts[1].payload, "1");
  EXPECT_EQ(inner().attempts[2].payload, "2");
}

TEST_F(RetryingClientTest, RefusesWhatTheClientInsideRefuses) {
  EXPECT_EQ(try_send(notification(""), 1), SendResult::PayloadEmpty);
  EXPECT_EQ(client().num_open(), 0U);
}

TEST_F(RetryingClientTest, HandsOnWhatHappensToConnections) {
  tls::Failure failure;
  failure.text = "no trust";
  (void)inner();
  client().tls_failed(PeerInfo{}, failure);
  EXPECT_EQ(client().last_error(), "no trust");
  client().gone(5, Gone::Reset, "", host.now());
  EXPECT_THAT(inner().goners, ElementsAre(5U));
}

}  // namespace
}  // namespace apns::provider
