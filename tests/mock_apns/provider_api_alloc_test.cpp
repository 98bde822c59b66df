// The path of an accepted notification over HTTP/2 takes nothing from the heap once it is warm.
#include <string>

#include <gtest/gtest.h>

#include "tests/support/alloc_counter.h"
#include "tests/support/provider_api_by_hand.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock {
namespace {

using test::AllocCounter;
using test::ProviderApiByHand;

constexpr int kPerRound = 100;
constexpr int kRounds = 20;

ProviderApiByHand::Setup without_ledger() {
  ProviderApiByHand::Setup setup;
  setup.with_ledger = false;
  return setup;
}

/// Moves bytes to and fro; what the service's engine takes from the heap meanwhile.
std::size_t exchange(ProviderApiByHand& api) {
  // As long as one byte stays, so does the memory of all: a host that is busy never empties it.
  constexpr std::size_t kKept = 1;
  const TimePoint now = api.clock().io_now();
  const Bytes requests(api.client().pending().begin(), api.client().pending().end());
  api.client().sent(requests.size(), now);
  const AllocCounter feeding;
  if (!requests.empty()) {
    EXPECT_EQ(api.engine().feed(requests, now), requests.size());
  }
  std::size_t num_allocations = feeding.num_allocations();
  while (api.engine().pending().size() > kKept) {
    const ByteView run = api.engine().pending();
    const Bytes answers(run.begin(), run.end() - kKept);
    (void)api.client().feed(answers, now);
    const AllocCounter sending;
    api.engine().sent(answers.size(), now);
    num_allocations += sending.num_allocations();
  }
  return num_allocations;
}

/// Of as many rounds as it takes to be warm, and of those behind them.
std::size_t allocations_when_warm(ProviderApiByHand& api, const ProviderApiByHand::Fields& fields) {
  std::size_t num_allocations = 0;
  for (int round = 0; round < 2 * kRounds; ++round) {
    for (int i = 0; i < kPerRound; ++i) {
      (void)api.send(fields);
    }
    num_allocations = (round < kRounds ? 0 : num_allocations) + exchange(api);
  }
  return num_allocations;
}

constexpr std::uint64_t kAccepted = 2 * kRounds * kPerRound;

TEST(ProviderApiAllocations, NoneForAnAcceptedNotification) {
  ProviderApiByHand api(without_ledger());
  api.open();
  EXPECT_EQ(allocations_when_warm(api, {{"apns-push-type", "alert"},
                                        {"apns-priority", "10"},
                                        {"apns-collapse-id", "score"},
                                        {"apns-id", "27cfdc15-e305-27e0-e290-8fc98e115899"}}),
            0U);
  EXPECT_EQ(api.api().counters().accepted, kAccepted);
}

TEST(ProviderApiAllocations, NoneInDevelopmentWithAProviderToken) {
  ProviderApiByHand::Setup setup = without_ledger();
  setup.options.environment = Environment::Development;
  ProviderApiByHand api(std::move(setup));
  const test::TokenSource tokens;
  const std::string field = "bearer " + tokens.at(api.clock().now());
  api.open(nullptr);
  EXPECT_EQ(api.push({{"authorization", field}}).text(), "200");
  EXPECT_EQ(allocations_when_warm(api, {{"authorization", field}}), 0U);
  EXPECT_EQ(api.api().counters().accepted, kAccepted + 1);
}

TEST(ProviderApiAllocations, NoneWhenRulesAreLookedAtAndNoneFires) {
  ProviderApiByHand::Setup setup = ProviderApiByHand::under(
      {"nth=1000000: reject=BadTopic", "idle=5s: close=fin", "connection=9: close=rst"});
  setup.with_ledger = false;
  ProviderApiByHand api(std::move(setup));
  api.open();
  EXPECT_EQ(allocations_when_warm(api, {}), 0U);
  EXPECT_EQ(api.api().counters().accepted, kAccepted);
}

TEST(ProviderApiAllocations, NoneForAnAnswerThatWaits) {
  // The table of streams gives its memory back when it is empty: one stream stays.
  ProviderApiByHand::Setup setup =
      ProviderApiByHand::under({"nth=1: no_answer=true", ": latency=20ms-80ms"});
  setup.with_ledger = false;
  ProviderApiByHand api(std::move(setup));
  api.open();
  (void)api.push({});
  std::size_t num_allocations = 0;
  for (int round = 0; round < 2 * kRounds; ++round) {
    for (int i = 0; i < kPerRound; ++i) {
      (void)api.send({});
    }
    std::size_t in_round = exchange(api);
    while (api.engine().deadline() <= api.clock().io_now() + std::chrono::milliseconds(80)) {
      api.clock().advance_to(api.engine().deadline());
      const AllocCounter waiting;
      api.engine().on_time(api.clock().io_now());
      in_round += waiting.num_allocations() + exchange(api);
    }
    num_allocations = (round < kRounds ? 0 : num_allocations) + in_round;
  }
  EXPECT_EQ(num_allocations, 0U);
  EXPECT_EQ(api.api().counters().accepted, kAccepted);
}

TEST(ProviderApiAllocations, TheCounterCounts) {
  ProviderApiByHand api(without_ledger());
  api.open();
  (void)api.send({}, std::string(4000, ' '));
  EXPECT_GT(exchange(api), 0U) << "the first request makes its room";
}

}  // namespace
}  // namespace apns::mock
