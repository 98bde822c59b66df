// Whatever comes back, in whatever order: one outcome each, nothing behind Sent, within the budget.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "apns/http2/wire.h"
#include "tests/provider/retrying_client_fixture.h"

namespace apns::provider {
namespace {

using test::Said;
using namespace std::chrono_literals;

constexpr std::uint64_t kNumTickets = 60;
constexpr std::uint64_t kNumSeeds = 2000;

Said any_outcome(RandomStream& random) {
  constexpr std::array kUnknown{OutcomeReason::ConnectionLost, OutcomeReason::NoAnswer,
                                OutcomeReason::Reset, OutcomeReason::BadAnswer};
  const std::uint64_t kind = random_between(random.next(), 0, 9);
  if (kind < 3) {
    return test::sent();
  }
  if (kind < 5) {
    return test::not_processed();
  }
  if (kind == 5) {
    return test::unsent();
  }
  if (kind == 6) {
    const bool is_calm = random.next() % 4 == 0;
    return test::unknown(
        kUnknown.at(random_between(random.next(), 0, kUnknown.size() - 1)),
        is_calm ? static_cast<std::uint32_t>(http2::ErrorCode::EnhanceYourCalm) : 0);
  }
  return test::rejected(reasons()[random_between(random.next(), 0, kNumReasons - 1)].reason);
}

/// One run of many notifications, told by its seed.
class RandomRun : public test::RetryingWorld {
 public:
  explicit RandomRun(std::uint64_t seed) : RetryingWorld(seed), random_(seed, 1) {
    options.seed = seed;
    options.limits.max_attempts = static_cast<unsigned>(random_between(random_.next(), 1, 6));
    options.limits.max_time = random_between(random_.next(), 1, 200) * 1s;
    options.limits.on_unknown = random_.next() % 2 == 0 ? OnUnknown::Report : OnUnknown::SendAgain;
    options.throttle_burst = static_cast<std::uint32_t>(random_between(random_.next(), 0, 30));
    options.max_kept = random_between(random_.next(), 1, 80);
    options.max_devices = random_between(random_.next(), 0, 3);
    options.max_configuration_errors = random_.next() % 2 == 0 ? 0 : 5;
    inner().max_open = random_between(random_.next(), 1, 40);
    inner().answer = [this](const test::FakeClient::Attempt& attempt) { return answer(attempt); };
    inner().on_told = [this](const std::string& payload, const Said& said) {
      Known& known = known_[payload];
      known.is_sent = known.is_sent || said.kind == OutcomeKind::Sent;
      known.is_unknown = known.is_unknown || said.kind == OutcomeKind::Unknown;
    };
    sink.on_writable = [this] { send_more(); };
  }

  void run() {
    sink.is_in_call = true;
    send_more();
    sink.is_in_call = false;
    const Duration before = random_between(random_.next(), 0, 300) * 1s;
    host.run_for(before);
    if (random_.next() % 8 == 0) {
      stop("enough");
    }
    is_draining_ = true;
    drain(random_between(random_.next(), 0, 100) * 1s);
    ASSERT_TRUE(run_until_drained());
    EXPECT_EQ(sink.by_ticket.size(), num_queued_);
    EXPECT_EQ(client().num_open(), 0U);
    EXPECT_EQ(inner().num_open(), 0U);
    const std::size_t num_attempts = inner().attempts.size();
    host.run_for(1h);
    EXPECT_EQ(inner().attempts.size(), num_attempts) << "after drained()";
    EXPECT_EQ(sink.num_drained, 1);
    for (const auto& [payload, known] : known_) {
      EXPECT_LE(known.attempts, options.limits.max_attempts);
      if (known.is_sent) {
        EXPECT_EQ(sink.by_ticket.at(std::stoull(payload)).kind, OutcomeKind::Sent);
      }
      if (known.is_unknown && !known.is_sent) {
        expect_unknown_or_settled(std::stoull(payload));
      }
    }
    const double charged =
        options.throttle_burst + options.throttle_share * static_cast<double>(num_queued_);
    EXPECT_LE(static_cast<double>(client().stats().retries),
              static_cast<double>(num_unthrottled_) + charged);
    EXPECT_EQ(client().stats().retries, num_attempts - known_.size());
  }

 private:
  struct Known {
    unsigned attempts = 0;
    TimePoint first{};
    bool is_sent = false;
    bool is_unknown = false;
  };

  /// Nothing but an answer that would be the same next time says more than Unknown.
  void expect_unknown_or_settled(std::uint64_t ticket) {
    Outcome outcome = sink.by_ticket.at(ticket);
    HttpAnswer answer;
    answer.reason = sink.answers.at(ticket).reason;
    outcome.answer = &answer;
    EXPECT_TRUE(outcome.kind == OutcomeKind::Unknown ||
                !may_change(rule_of(outcome, OnUnknown::Report)))
        << ticket;
  }

  void send_more() {
    while (next_ <= kNumTickets && !is_draining_) {
      const char* const token = random_.next() % 3 == 0 ? "bb" : "cc";
      const SendResult result =
          client().try_send(notification(std::to_string(next_), token), next_);
      if (result != SendResult::Queued) {
        return;
      }
      ++num_queued_;
      ++next_;
    }
  }

  Said answer(const test::FakeClient::Attempt& attempt) {
    Known& known = known_[attempt.payload];
    EXPECT_FALSE(known.is_sent) << attempt.payload << " goes again after it was sent";
    EXPECT_TRUE(!known.is_unknown || options.limits.on_unknown == OnUnknown::SendAgain);
    if (known.attempts++ == 0) {
      known.first = attempt.at;
    }
    EXPECT_LE(attempt.at - known.first, options.limits.max_time);
    Said said = any_outcome(random_);
    said.after = random_between(random_.next(), 1, 2000) * 1ms;
    count_unthrottled(said);
    return said;
  }

  void count_unthrottled(const Said& said) {
    const bool is_refusal = said.reason == OutcomeReason::NotProcessed ||
                            (said.known && rule_of(*said.known) == RetryRule::AtOnce);
    const bool is_pause = said.known && rule_of(*said.known) == RetryRule::AllWait;
    num_unthrottled_ += is_refusal || is_pause ? 1U : 0U;
  }

  RandomStream random_;
  std::map<std::string, Known> known_;
  std::uint64_t next_ = 1;
  std::uint64_t num_queued_ = 0;
  std::uint64_t num_unthrottled_ = 0;
  bool is_draining_ = false;
};

TEST(RetryingClientProperty, OneOutcomeEachWithinTheBudget) {
  for (std::uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomRun run(seed);
    run.run();
    if (testing::Test::HasFailure()) {
      return;
    }
  }
}

}  // namespace
}  // namespace apns::provider
