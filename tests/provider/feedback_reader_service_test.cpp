// The reader opposite the real feedback service, plain and with TLS, in the memory host. Proves the
// rule feedback/any-split (field reports C47, Redth/PushSharp#482).
#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "mock_apns/feedback_service.h"
#include "provider/feedback_reader.h"
#include "tests/support/checked_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/feedback_recorder.h"

namespace apns::provider {
namespace {

using apns::test::Credentials;
using apns::test::FeedbackRecorder;
using apns::test::FeedbackWorld;
using apns::test::to_text;
using mock::FaultAction;
using mock::FaultClose;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::vector<std::uint32_t> range(std::uint32_t first, std::uint32_t last) {
  std::vector<std::uint32_t> all(last + 1 - first);
  std::iota(all.begin(), all.end(), first);
  return all;
}

FaultAction split_every(std::uint32_t bytes) {
  FaultAction action;
  action.tuples.split = bytes;
  return action;
}

FaultAction truncate_by(std::uint32_t bytes) {
  FaultAction action;
  action.tuples.truncate = bytes;
  return action;
}

FaultAction closing(FaultClose close) {
  FaultAction action;
  action.close = close;
  return action;
}

FaultAction delayed_by(Duration delay) {
  FaultAction action;
  action.delay = delay;
  return action;
}

/// A feedback service, and any number of readers of it.
class Polls {
 public:
  struct Reader {
    FeedbackRecorder sink;
    std::unique_ptr<FeedbackReader> reader;
  };

  explicit Polls(bool tls,
                 const tls::ClientOptions& client = Credentials::shared().client_options())
      : has_tls(tls),
        service(service_options(), clock, &ledger, &rules,
                [this](const mock::ServiceProblem& problem) { problems.push_back(problem.text); }),
        server_context(Credentials::shared().server_options()),
        client_context(client),
        scratch(tls::make_scratch(1)),
        host(clock, 1) {
    if (has_tls) {
      service.use_tls(server_context);
    }
    at = host.listen(Endpoint{"localhost", 0}, service);
  }

  ~Polls() {
    for (const auto& one : readers) {
      one->reader->release_dialer();
    }
  }

  /// From now on, on every connection.
  void misbehave(const FaultAction& action) {
    mock::FaultRule rule;
    rule.protocol = mock::FaultProtocol::Feedback;
    rule.then = action;
    rules.reset({rule}, {});
  }

  void behave() { rules.reset({}, {}); }

  /// Begins a poll.
  Reader& begin() {
    readers.push_back(std::make_unique<Reader>());
    Reader& made = *readers.back();
    FeedbackReaderOptions options;
    options.service = at;
    Transport transport = has_tls
                              ? tls::make_transport(client_context, clock, scratch, &observer, {})
                              : plain_transport();
    made.reader = std::make_unique<FeedbackReader>(
        options, apns::test::checked(std::move(transport)), made.sink);
    observer.reader = made.reader.get();
    made.reader->use_dialer(host.make_dialer(*made.reader));
    EXPECT_TRUE(made.reader->poll(clock.now()));
    return made;
  }

  [[nodiscard]] bool run(Reader& one) {
    return host.run_until([&] { return !one.sink.results.empty(); }, host.now() + 1h);
  }

  /// One poll to its end, as text.
  std::string poll() {
    Reader& one = begin();
    EXPECT_TRUE(run(one));
    return one.sink.results.empty() ? "none" : to_text(one.sink.results[0]);
  }

  /// The service has heard of the end too.
  [[nodiscard]] bool all_closed() {
    host.run_for(1ms);
    return host.num_open() == 0;
  }

  [[nodiscard]] const std::vector<std::uint32_t>& numbers() const {
    return readers.back()->sink.numbers;
  }

  struct Observer final : tls::Observer {
    void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override {
      reader->tls_failed(peer, failure);
    }

    FeedbackReader* reader = nullptr;
  };

  // What the engines use outlives the host, which holds them.
  bool has_tls;
  ManualClock clock;
  FeedbackWorld world;
  mock::Ledger ledger{mock::Ledger::Options{}};
  std::vector<std::string> problems;
  mock::FaultRules rules{{}, 1};
  mock::FeedbackService service;
  Observer observer;
  tls::Context server_context;
  tls::Context client_context;
  std::vector<std::unique_ptr<tls::Scratch>> scratch;
  MemoryHost host;
  Endpoint at;
  std::vector<std::unique_ptr<Reader>> readers;

 private:
  mock::FeedbackOptions service_options() {
    mock::FeedbackOptions options;
    options.source = &world;
    return options;
  }
};

struct Case {
  const char* name;
  bool with_tls;
};

class FeedbackReaderAndService : public testing::TestWithParam<Case> {
 protected:
  Polls polls{GetParam().with_tls};
};

INSTANTIATE_TEST_SUITE_P(Over, FeedbackReaderAndService,
                         testing::Values(Case{"Plain", false}, Case{"Tls", true}),
                         [](const auto& row) { return row.param.name; });

TEST_P(FeedbackReaderAndService, AgreeOnAThousandTuples) {
  polls.world.fill(1, 1000);
  EXPECT_EQ(polls.poll(), "complete 1000 at 38000");
  EXPECT_EQ(polls.numbers(), range(1, 1000));
  EXPECT_EQ(polls.poll(), "complete 0 at 0") << "reading has cleared the list";
  EXPECT_TRUE(polls.all_closed());
  EXPECT_EQ(polls.service.counters().tuples, 1000U);
  EXPECT_TRUE(polls.problems.empty());
}

TEST_P(FeedbackReaderAndService, AgreeWhereverTheStreamIsCut) {
  for (std::uint32_t split = 1; split <= 37; ++split) {
    polls.world.fill(1, 1000);
    polls.misbehave(split_every(split));
    ASSERT_EQ(polls.poll(), "complete 1000 at 38000") << split;
    ASSERT_EQ(polls.numbers(), range(1, 1000)) << split;
  }
}

TEST_P(FeedbackReaderAndService, AgreeWithTwoAndAHalfTuplesPerWrite) {
  polls.world.fill(1, 1000);
  polls.misbehave(split_every(95));
  EXPECT_EQ(polls.poll(), "complete 1000 at 38000");
  EXPECT_EQ(polls.numbers(), range(1, 1000));
}

TEST_P(FeedbackReaderAndService, AnEmptyListEndsAtOnce) {
  EXPECT_EQ(polls.poll(), "complete 0 at 0");
  EXPECT_LT(polls.host.now(), TimePoint{} + 100ms);
}

TEST_P(FeedbackReaderAndService, ATruncatedTupleIsReportedAndComesAgain) {
  polls.world.fill(1, 1000);
  polls.misbehave(truncate_by(18));
  EXPECT_EQ(polls.poll(), "truncated 999 at 37962, rest 20");
  EXPECT_EQ(polls.numbers(), range(1, 999));
  polls.behave();
  EXPECT_EQ(polls.poll(), "complete 1 at 38");
  EXPECT_EQ(polls.numbers(), range(1000, 1000));
}

TEST_P(FeedbackReaderAndService, AServiceThatNeverClosesIsLeftInTime) {
  polls.misbehave(closing(FaultClose::HalfOpen));
  EXPECT_EQ(polls.poll(), "timed out 0 at 0");
  polls.world.fill(1, 3);
  EXPECT_EQ(polls.poll(), "timed out 3 at 114");
  EXPECT_EQ(polls.numbers(), range(1, 3));
  EXPECT_TRUE(polls.all_closed());
}

TEST_P(FeedbackReaderAndService, AnEndWithoutCloseNotifyIsNotCleanUnderTls) {
  polls.world.fill(1, 3);
  polls.misbehave(closing(FaultClose::FinWithoutCloseNotify));
  EXPECT_EQ(polls.poll(),
            GetParam().with_tls ? "complete 3 at 114, not clean" : "complete 3 at 114");
}

TEST_P(FeedbackReaderAndService, AResetIsToldAsSuch) {
  polls.world.fill(1, 3);
  polls.misbehave(closing(FaultClose::Rst));
  EXPECT_EQ(polls.poll(), "lost 3 at 114");
}

TEST_P(FeedbackReaderAndService, ADelayIsWaitedFor) {
  polls.world.fill(1, 3);
  polls.misbehave(delayed_by(3s));
  EXPECT_EQ(polls.poll(), "complete 3 at 114");
  EXPECT_GE(polls.host.now(), TimePoint{} + 3s);
}

TEST_P(FeedbackReaderAndService, TwoAtOnceShareTheListWithoutLossOrDouble) {
  constexpr std::uint32_t kCount = 20'000;
  polls.world.fill(1, kCount);
  Polls::Reader& one = polls.begin();
  Polls::Reader& other = polls.begin();
  ASSERT_TRUE(polls.run(one));
  ASSERT_TRUE(polls.run(other));
  EXPECT_FALSE(one.sink.numbers.empty());
  EXPECT_FALSE(other.sink.numbers.empty());
  std::vector<std::uint32_t> all = one.sink.numbers;
  all.insert(all.end(), other.sink.numbers.begin(), other.sink.numbers.end());
  std::ranges::sort(all);
  EXPECT_EQ(all, range(1, kCount));
}

TEST_P(FeedbackReaderAndService, WhatAConnectionLostIsAtMostWhatWasOnItsWay) {
  // Both ends see a reset after so many bytes.
  for (const std::uint64_t bytes : {10'000U, 50'000U, 200'000U}) {
    constexpr std::uint32_t kCount = 10'000;
    (void)polls.world.numbers();
    polls.world.fill(1, kCount);
    polls.host.set_links([bytes](std::uint64_t /*connection*/) {
      LinkOptions link;
      link.reset_after_to_client = bytes;
      return link;
    });
    EXPECT_THAT(polls.poll(), testing::StartsWith("lost "));
    const auto got = static_cast<std::uint32_t>(polls.numbers().size());
    EXPECT_EQ(polls.numbers(), range(1, got));
    EXPECT_LT(got, kCount);
    polls.host.set_links({});
    (void)polls.poll();
    ASSERT_FALSE(polls.numbers().empty());
    const std::uint32_t first_again = polls.numbers().front();
    EXPECT_EQ(polls.numbers(), range(first_again, kCount)) << "in order, up to the last";
    EXPECT_GT(first_again, got) << "none comes twice";
    // Handed to the layer below, and lost with it: ciphertext and the link's window.
    EXPECT_LT((first_again - got) * 38, 65536 + 65536 + 2 * 16384);
  }
}

TEST_P(FeedbackReaderAndService, ASlowReaderLeavesTheRestOnTheList) {
  constexpr std::uint32_t kCount = 100'000;
  polls.world.fill(1, kCount);
  polls.host.set_links([](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.latency = 1s;
    link.window = 4096;
    return link;
  });
  (void)polls.begin();
  polls.host.run_for(9s);
  // With it are the window, up to 80 KB of ciphertext and what the engine took.
  const std::size_t taken = kCount - polls.world.size() - polls.numbers().size();
  EXPECT_GT(taken, 0U);
  EXPECT_LT(taken * 38, 100'000U);
}

TEST_P(FeedbackReaderAndService, AHundredPollsLeaveNothingOpen) {
  for (std::uint32_t i = 1; i <= 100; ++i) {
    polls.world.fill(i, i);
    ASSERT_EQ(polls.poll(), "complete 1 at 38");
  }
  EXPECT_TRUE(polls.all_closed());
}

TEST_P(FeedbackReaderAndService, AShutdownLeavesTheRestOnTheList) {
  polls.world.fill(1, 20'000);
  polls.host.set_links([](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.window = 4096;
    return link;
  });
  Polls::Reader& one = polls.begin();
  one.sink.on_tuple = [&polls = polls, &one] {
    if (one.sink.numbers.size() == 100) {
      polls.host.at(polls.host.now(), [&polls] { polls.service.shut_down(0); });
    }
  };
  ASSERT_TRUE(polls.run(one));
  const auto got = static_cast<std::uint32_t>(one.sink.numbers.size());
  EXPECT_EQ(one.sink.results[0].end, FeedbackEnd::Complete);
  EXPECT_GE(got, 100U);
  EXPECT_LT(got, 20'000U);
  EXPECT_EQ(polls.world.numbers(), range(got + 1, 20'000));
}

TEST(FeedbackReaderTls, SaysThatTheServiceRefusedIt) {
  tls::ClientOptions client = Credentials::shared().client_options();
  client.certificate = nullptr;
  client.key = nullptr;
  Polls polls(true, client);
  EXPECT_EQ(polls.poll(), "lost 0 at 0");
  EXPECT_EQ(polls.readers[0]->sink.results[0].detail,
            "the service refused our certificate (alert handshake_failure). Use one of this "
            "environment that has neither expired nor been revoked");
  ASSERT_EQ(polls.problems.size(), 1U);
  EXPECT_THAT(polls.problems[0], HasSubstr("the provider sent no client certificate"));
  const std::vector<mock::LedgerEvent> events = polls.ledger.snapshot();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].outcome, mock::EventOutcome::Refused);
  EXPECT_EQ(events[0].protocol, mock::Protocol::Feedback);
}

TEST(FeedbackReaderTls, SaysThatItDoesNotTrustTheService) {
  const certs::CertificateFactory stranger;
  tls::ClientOptions client = Credentials::shared().client_options();
  client.authorities = {stranger.authority().certificate.get()};
  Polls polls(true, client);
  polls.world.fill(1, 3);
  EXPECT_EQ(polls.poll(), "lost 0 at 0");
  EXPECT_THAT(polls.readers[0]->sink.results[0].detail,
              testing::StartsWith("we refused the service's certificate: "));
  EXPECT_EQ(polls.world.size(), 3U);
}

}  // namespace
}  // namespace apns::provider
