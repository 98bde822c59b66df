#include "provider/retry_policy.h"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "apns/http2/wire.h"
#include "provider/configuration_advice.h"

namespace apns::provider {
namespace {

using namespace std::chrono_literals;

HttpAnswer answer_of(std::optional<Reason> reason, http2::ErrorCode reset = {}) {
  HttpAnswer answer;
  answer.reason = reason;
  answer.reset_code = static_cast<std::uint32_t>(reset);
  return answer;
}

// ---- Which rule ----

struct ReasonCase {
  Reason reason;
  RetryRule rule;
};

constexpr std::array kReasonCases{
    ReasonCase{Reason::BadCollapseId, RetryRule::Settle},
    ReasonCase{Reason::BadDeviceToken, RetryRule::Settle},
    ReasonCase{Reason::BadExpirationDate, RetryRule::Settle},
    ReasonCase{Reason::BadMessageId, RetryRule::Settle},
    ReasonCase{Reason::BadPriority, RetryRule::Settle},
    ReasonCase{Reason::BadTopic, RetryRule::Settle},
    ReasonCase{Reason::DeviceTokenNotForTopic, RetryRule::Settle},
    ReasonCase{Reason::DuplicateHeaders, RetryRule::Settle},
    ReasonCase{Reason::IdleTimeout, RetryRule::AtOnce},
    ReasonCase{Reason::InvalidPushType, RetryRule::Settle},
    ReasonCase{Reason::MissingDeviceToken, RetryRule::Settle},
    ReasonCase{Reason::MissingTopic, RetryRule::Settle},
    ReasonCase{Reason::PayloadEmpty, RetryRule::Settle},
    ReasonCase{Reason::TopicDisallowed, RetryRule::Settle},
    ReasonCase{Reason::BadCertificate, RetryRule::Configuration},
    ReasonCase{Reason::BadCertificateEnvironment, RetryRule::Configuration},
    ReasonCase{Reason::ExpiredProviderToken, RetryRule::ProviderToken},
    ReasonCase{Reason::Forbidden, RetryRule::Configuration},
    ReasonCase{Reason::InvalidProviderToken, RetryRule::Configuration},
    ReasonCase{Reason::MissingProviderToken, RetryRule::Configuration},
    ReasonCase{Reason::UnrelatedKeyIdInToken, RetryRule::Configuration},
    ReasonCase{Reason::BadEnvironmentKeyIdInToken, RetryRule::Configuration},
    ReasonCase{Reason::BadEnvironmentKeyInToken, RetryRule::Configuration},
    ReasonCase{Reason::BadPath, RetryRule::Settle},
    ReasonCase{Reason::MethodNotAllowed, RetryRule::Settle},
    ReasonCase{Reason::ExpiredToken, RetryRule::Settle},
    ReasonCase{Reason::Unregistered, RetryRule::Settle},
    ReasonCase{Reason::PayloadTooLarge, RetryRule::Settle},
    ReasonCase{Reason::TooManyProviderTokenUpdates, RetryRule::AllWait},
    ReasonCase{Reason::TooManyRequests, RetryRule::DeviceWaits},
    ReasonCase{Reason::InternalServerError, RetryRule::BackOff},
    ReasonCase{Reason::ServiceUnavailable, RetryRule::BackOff},
    ReasonCase{Reason::Shutdown, RetryRule::BackOff},
};
static_assert(kReasonCases.size() == kNumReasons, "each reason has a row");

class RetryRuleOfReason : public testing::TestWithParam<ReasonCase> {
 public:
  [[nodiscard]] static RetryRule rule_of_answer(Reason reason, std::uint16_t status) {
    const HttpAnswer answer = answer_of(reason);
    return rule_of(Outcome{1, OutcomeKind::Rejected, OutcomeReason::Status, status, &answer},
                   OnUnknown::Report);
  }
};

INSTANTIATE_TEST_SUITE_P(RetryPolicy, RetryRuleOfReason, testing::ValuesIn(kReasonCases),
                         [](const auto& one) {
                           return std::string(row_of(one.param.reason).name);
                         });

TEST_P(RetryRuleOfReason, IsThatOfTheTable) {
  const ReasonRow& row = row_of(GetParam().reason);
  EXPECT_EQ(rule_of(GetParam().reason), GetParam().rule);
  EXPECT_EQ(rule_of_answer(GetParam().reason, row.status), GetParam().rule);
  // The table of reasons agrees, but for the key: a client has one.
  EXPECT_EQ(may_change(GetParam().rule),
            row.retryable() && row.reason != Reason::UnrelatedKeyIdInToken);
}

// Field report I129: the status alone decides on the class.
TEST_P(RetryRuleOfReason, CountsOnlyWithItsStatus) {
  const std::uint16_t other = row_of(GetParam().reason).status == 503 ? 500 : 503;
  EXPECT_EQ(rule_of_answer(GetParam().reason, other), RetryRule::BackOff);
  const std::uint16_t gone = row_of(GetParam().reason).status == 410 ? 400 : 410;
  EXPECT_EQ(rule_of_answer(GetParam().reason, gone), RetryRule::Settle);
}

TEST(RetryRuleOf, EachReasonHasOneRow) {
  std::set<Reason> all;
  for (const ReasonCase& one : kReasonCases) {
    EXPECT_TRUE(all.insert(one.reason).second) << row_of(one.reason).name;
  }
}

TEST(RetryRuleOf, AStatusWithoutAReasonThatIsKnown) {
  const auto rule = [](std::uint16_t status) {
    const HttpAnswer answer = answer_of(std::nullopt);
    return rule_of(Outcome{1, OutcomeKind::Rejected, OutcomeReason::Status, status, &answer},
                   OnUnknown::Report);
  };
  EXPECT_EQ(rule(400), RetryRule::Settle);
  EXPECT_EQ(rule(403), RetryRule::Configuration);
  EXPECT_EQ(rule(404), RetryRule::Settle);
  EXPECT_EQ(rule(410), RetryRule::Settle);
  EXPECT_EQ(rule(429), RetryRule::DeviceWaits);
  EXPECT_EQ(rule(500), RetryRule::BackOff);
  EXPECT_EQ(rule(502), RetryRule::BackOff);
  EXPECT_EQ(rule(503), RetryRule::BackOff);
}

struct KindCase {
  const char* name;
  OutcomeKind kind;
  OutcomeReason reason;
  RetryRule at_most_once;
  RetryRule at_least_once;
};

class RetryRuleOfKind : public testing::TestWithParam<KindCase> {};

INSTANTIATE_TEST_SUITE_P(
    RetryPolicy, RetryRuleOfKind,
    testing::Values(KindCase{"Sent", OutcomeKind::Sent, OutcomeReason::None, RetryRule::Settle,
                             RetryRule::Settle},
                    KindCase{"NotProcessed", OutcomeKind::Rejected, OutcomeReason::NotProcessed,
                             RetryRule::AtOnce, RetryRule::AtOnce},
                    KindCase{"Unsent", OutcomeKind::Rejected, OutcomeReason::Unsent,
                             RetryRule::BackOff, RetryRule::BackOff},
                    KindCase{"ErrorPacket", OutcomeKind::Rejected, OutcomeReason::Status,
                             RetryRule::Settle, RetryRule::Settle},
                    KindCase{"ConnectionLost", OutcomeKind::Unknown, OutcomeReason::ConnectionLost,
                             RetryRule::Settle, RetryRule::BackOff},
                    KindCase{"UnknownIdentifier", OutcomeKind::Unknown,
                             OutcomeReason::UnknownIdentifier, RetryRule::Settle,
                             RetryRule::BackOff},
                    KindCase{"DrainLimit", OutcomeKind::Unknown, OutcomeReason::DrainLimit,
                             RetryRule::Settle, RetryRule::Settle},
                    KindCase{"Evicted", OutcomeKind::Unknown, OutcomeReason::Evicted,
                             RetryRule::Settle, RetryRule::Settle},
                    KindCase{"Reset", OutcomeKind::Unknown, OutcomeReason::Reset, RetryRule::Settle,
                             RetryRule::BackOff},
                    KindCase{"BadAnswer", OutcomeKind::Unknown, OutcomeReason::BadAnswer,
                             RetryRule::Settle, RetryRule::BackOff},
                    KindCase{"NoAnswer", OutcomeKind::Unknown, OutcomeReason::NoAnswer,
                             RetryRule::Settle, RetryRule::BackOff}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_P(RetryRuleOfKind, DependsOnWhatIsToBeDoneWithTheUnknown) {
  const Outcome outcome{1, GetParam().kind, GetParam().reason, 0, nullptr};
  EXPECT_EQ(rule_of(outcome, OnUnknown::Report), GetParam().at_most_once);
  EXPECT_EQ(rule_of(outcome, OnUnknown::SendAgain), GetParam().at_least_once);
}

TEST(RetryPolicy, OneResetCodeAsksForCalm) {
  const auto asks = [](http2::ErrorCode code) {
    const HttpAnswer answer = answer_of(std::nullopt, code);
    return asks_for_calm(Outcome{1, OutcomeKind::Unknown, OutcomeReason::Reset, 0, &answer});
  };
  EXPECT_TRUE(asks(http2::ErrorCode::EnhanceYourCalm));
  EXPECT_FALSE(asks(http2::ErrorCode::InternalError));
  EXPECT_FALSE(asks_for_calm(Outcome{}));
}

TEST(RetryPolicy, TheSecond500HintsAtAnOldProviderToken) {
  const HttpAnswer answer = answer_of(Reason::InternalServerError);
  const Outcome outcome{1, OutcomeKind::Rejected, OutcomeReason::Status, 500, &answer};
  EXPECT_FALSE(hints_at_old_provider_token(outcome, 1));
  EXPECT_TRUE(hints_at_old_provider_token(outcome, 2));
  const HttpAnswer busy = answer_of(Reason::ServiceUnavailable);
  EXPECT_FALSE(hints_at_old_provider_token(
      Outcome{1, OutcomeKind::Rejected, OutcomeReason::Status, 503, &busy}, 2));
}

TEST(ConfigurationAdvice, EachReasonHasOne) {
  std::set<std::string_view> all;
  for (const ReasonCase& one : kReasonCases) {
    const HttpAnswer answer = answer_of(one.reason);
    const std::string_view advice = configuration_advice(Outcome{
        1, OutcomeKind::Rejected, OutcomeReason::Status, row_of(one.reason).status, &answer});
    EXPECT_FALSE(advice.empty());
    if (one.rule == RetryRule::Configuration) {
      all.insert(advice);
    }
  }
  EXPECT_EQ(all.size(), 7U);  // the key of the other environment has two names
}

// ---- Within the limits ----

TEST(RetryBackoff, DoublesUpToItsBoundWithHalfOfItJitter) {
  EXPECT_EQ(backoff(1s, 30s, 1, 0), 500ms);
  EXPECT_EQ(backoff(1s, 30s, 1, 0.5), 750ms);
  EXPECT_EQ(backoff(1s, 30s, 2, 0), 1s);
  EXPECT_EQ(backoff(1s, 30s, 5, 0), 8s);
  EXPECT_EQ(backoff(1s, 30s, 6, 0), 15s);
  EXPECT_EQ(backoff(1s, 30s, 4'000'000'000U, 0), 15s);
}

class RetryDecisionOf : public testing::Test {
 public:
  [[nodiscard]] RetryDecision decision() const { return decide(limits, known); }

  RetryLimits limits{.max_attempts = 3, .max_time = 10s, .backoff_first = 1s, .backoff_max = 4s};
  RetryCase known{.rule = RetryRule::BackOff};
};

TEST_F(RetryDecisionOf, GrowsWithEachAttempt) {
  EXPECT_TRUE(decision().goes_again);
  EXPECT_TRUE(decision().is_throttled);
  EXPECT_EQ(decision().pause, 500ms);
  known.attempts = 2;
  EXPECT_EQ(decision().pause, 1s);
}

TEST_F(RetryDecisionOf, EndsWithTheAttempts) {
  for (const RetryRule rule : {RetryRule::AtOnce, RetryRule::BackOff, RetryRule::DeviceWaits,
                               RetryRule::AllWait, RetryRule::ProviderToken}) {
    known.rule = rule;
    known.is_token_replaced = true;
    known.attempts = 2;
    EXPECT_TRUE(decision().goes_again);
    known.attempts = 3;
    EXPECT_FALSE(decision().goes_again);
  }
}

TEST_F(RetryDecisionOf, EndsWhenThePauseWouldPassTheTime) {
  known.elapsed = 9500ms;
  EXPECT_TRUE(decision().goes_again);
  known.elapsed = 9501ms;
  EXPECT_FALSE(decision().goes_again);
  known.rule = RetryRule::AtOnce;
  EXPECT_TRUE(decision().goes_again);
  known.elapsed = 10001ms;
  EXPECT_FALSE(decision().goes_again);
}

// Field report I134: what has expired is not sent.
TEST_F(RetryDecisionOf, EndsWhenItExpiresMeanwhile) {
  known.expires_in = 501ms;
  EXPECT_TRUE(decision().goes_again);
  known.expires_in = 500ms;
  EXPECT_FALSE(decision().goes_again);
}

TEST_F(RetryDecisionOf, ARefusalGoesAtOnceTheFirstTime) {
  known.rule = RetryRule::AtOnce;
  known.refusals = 1;
  EXPECT_EQ(decision().pause, 0s);
  EXPECT_FALSE(decision().is_throttled);
  known.refusals = 2;
  EXPECT_EQ(decision().pause, 500ms);
  EXPECT_FALSE(decision().is_throttled);
  known.refusals = 3;
  EXPECT_EQ(decision().pause, 1s);
}

TEST_F(RetryDecisionOf, AWaitThatOthersDecideOn) {
  known.wait = 3s;
  known.rule = RetryRule::DeviceWaits;
  EXPECT_EQ(decision().pause, 3s);
  EXPECT_TRUE(decision().is_throttled);
  known.rule = RetryRule::AllWait;
  EXPECT_EQ(decision().pause, 3s);
  EXPECT_FALSE(decision().is_throttled);
  known.wait = 11s;
  EXPECT_FALSE(decision().goes_again);
}

TEST_F(RetryDecisionOf, AProviderTokenThatIsReplacedOnly) {
  known.rule = RetryRule::ProviderToken;
  EXPECT_FALSE(decision().goes_again);
  known.is_token_replaced = true;
  EXPECT_TRUE(decision().goes_again);
  EXPECT_EQ(decision().pause, 0s);
  EXPECT_FALSE(decision().is_throttled);
}

TEST_F(RetryDecisionOf, NothingThatIsSettled) {
  for (const RetryRule rule : {RetryRule::Settle, RetryRule::Configuration}) {
    known.rule = rule;
    EXPECT_FALSE(decision().goes_again);
  }
}

}  // namespace
}  // namespace apns::provider
