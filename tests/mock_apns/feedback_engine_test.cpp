// The feedback service's engine, driven by hand: no host, time stands until it is moved. Proves the
// rules feedback/tuple-layout, feedback/cleared-by-reading, feedback/undelivered-stays,
// feedback/empty-list-closes-at-once and feedback/clean-close-at-the-end.
#include "mock_apns/feedback_engine.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/auth/certificate_identity.h"
#include "mock_apns/feedback_service.h"
#include "tests/support/checked_engine.h"
#include "tests/support/feedback_world.h"

namespace apns::mock {
namespace {

using test::FeedbackWorld;
using testing::ElementsAre;
using namespace std::chrono_literals;

constexpr std::size_t kTupleLen = 38;

/// Numbers `first` to `last`.
std::vector<std::uint32_t> range(std::uint32_t first, std::uint32_t last) {
  std::vector<std::uint32_t> all(last + 1 - first);
  std::iota(all.begin(), all.end(), first);
  return all;
}

/// The numbers of the whole tuples of a stream, and what is left of its end.
std::pair<std::vector<std::uint32_t>, std::size_t> numbers_of(const Bytes& stream) {
  std::vector<std::uint32_t> all;
  ByteReader in{ByteView(stream)};
  while (in.has(kTupleLen)) {
    const auto timestamp = in.read<std::uint32_t>();
    EXPECT_EQ(in.read<std::uint16_t>(), 32U);
    in.skip(28);
    all.push_back(in.read<std::uint32_t>());
    EXPECT_EQ(timestamp, test::kFeedbackEpoch + all.back());
  }
  return {all, in.left()};
}

/// A feedback service and one poller.
class FeedbackEngineTest : public testing::Test, private EngineHost {
 protected:
  /// A new service; the one before is gone with its poller.
  void serve(FeedbackOptions options, const FaultAction& action = {}) {
    engine.reset();
    service.reset();
    FaultRule rule;
    rule.protocol = FaultProtocol::Feedback;
    rule.then = action;
    rules.emplace(action == FaultAction{} ? std::vector<FaultRule>() : std::vector{rule}, 1);
    options.source = &world;
    service = std::make_unique<FeedbackService>(
        std::move(options), clock, &ledger, &*rules, [this](const ServiceProblem& problem) {
          problems.push_back(std::string(problem.area) + " " + problem.text);
        });
  }

  [[nodiscard]] std::unique_ptr<Engine> connect(
      std::shared_ptr<const auth::CertificateIdentity> certificate = nullptr) {
    PeerInfo peer;
    peer.connection = ++num_connections;
    peer.certificate = std::move(certificate);
    return std::make_unique<test::CheckedEngine>(
        as_host(), [&](EngineHost& host) { return service->accepted(peer, host, clock.io_now()); });
  }

  void open(const FaultAction& action = {}) {
    serve({}, action);
    engine = connect();
  }

  /// Takes at most `max` of what is pending, and returns it.
  Bytes read(Engine& from, std::size_t max = SIZE_MAX) {
    Bytes all;
    while (!from.pending().empty() && all.size() < max) {
      const ByteView run = from.pending().first(std::min(from.pending().size(), max - all.size()));
      runs.push_back(from.pending().size());
      all.insert(all.end(), run.begin(), run.end());
      from.sent(run.size(), clock.io_now());
    }
    return all;
  }

  Bytes read(std::size_t max = SIZE_MAX) { return read(*engine, max); }

  void advance(Duration span) {
    clock.advance_to(clock.io_now() + span);
    if (engine->deadline() <= clock.io_now()) {
      engine->on_time(clock.io_now());
    }
  }

  void die(End how = End::Reset) {
    engine->ended(how, clock.io_now());
    engine.reset();
  }

  [[nodiscard]] std::vector<std::string> story() const {
    std::vector<std::string> lines;
    for (const LedgerEvent& event : ledger.snapshot()) {
      std::string line = std::string(to_string(event.kind)) + " " + to_string(event.outcome);
      line += event.by.empty() ? "" : " " + event.by + " " + event.close;
      line += event.tuples ? " " + event.topic + " " + std::to_string(*event.tuples) : "";
      EXPECT_EQ(event.protocol, Protocol::Feedback);
      lines.push_back(std::move(line));
    }
    return lines;
  }

  ManualClock clock;
  Ledger ledger{Ledger::Options{}};
  FeedbackWorld world;
  std::vector<std::string> problems;
  std::optional<FaultRules> rules;
  std::unique_ptr<FeedbackService> service;
  std::unique_ptr<Engine> engine;
  std::vector<std::size_t> runs;  // lengths that were pending
  std::uint64_t num_connections = 0;
  std::size_t num_wakes = 0;

 private:
  EngineHost& as_host() { return *this; }

  void wake(Engine& /*engine*/) override { ++num_wakes; }
};

TEST_F(FeedbackEngineTest, SendsTuplesAndEndsBehindTheLast) {
  world.fill(1, 2);
  open();
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
  EXPECT_TRUE(engine->wants_read());
  const std::string token_begin = "0020c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0";
  EXPECT_EQ(to_hex(read()),
            "5c2aad81" + token_begin + "00000001" + "5c2aad82" + token_begin + "00000002");
  EXPECT_TRUE(engine->pending().empty());
  engine.reset();
  EXPECT_THAT(story(), ElementsAre("connection opened", "feedback read com.example.app 2",
                                   "connection closed service fin"));
  EXPECT_EQ(world.size(), 0U);
}

TEST_F(FeedbackEngineTest, EndsAnEmptyListAtOnce) {
  open();
  EXPECT_TRUE(engine->pending().empty());
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
  engine.reset();
  EXPECT_THAT(story(), ElementsAre("connection opened", "feedback read com.example.app 0",
                                   "connection closed service fin"));
}

TEST_F(FeedbackEngineTest, AServiceWithoutASourceHasEmptyLists) {
  service =
      std::make_unique<FeedbackService>(FeedbackOptions{}, clock, nullptr, nullptr, ProblemLog{});
  engine = connect();
  EXPECT_TRUE(engine->pending().empty());
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
}

TEST_F(FeedbackEngineTest, TellsTheLedgerOnceTheLastByteIsHandedOver) {
  world.fill(1, 1);
  open();
  (void)read(kTupleLen - 1);
  EXPECT_EQ(ledger.snapshot().size(), 1U);
  (void)read(1);
  EXPECT_EQ(ledger.snapshot().size(), 2U);
}

TEST_F(FeedbackEngineTest, ASlowReaderHoldsLittle) {
  constexpr std::uint32_t kCount = 100'000;
  world.fill(1, kCount);
  open();
  // Before it reads: about 4 KB are pending, and what is not is on the list.
  EXPECT_LE(engine->pending().size(), 4096 + kTupleLen);
  EXPECT_EQ(engine->close(), Close::None);
  EXPECT_EQ(world.size(), kCount - 128);
  Bytes all;
  std::size_t most_pending = 0;
  std::size_t most_taken = 0;
  while (!engine->pending().empty()) {
    const Bytes part = read(1000);
    all.insert(all.end(), part.begin(), part.end());
    most_pending = std::max(most_pending, engine->pending().size());
    most_taken = std::max(most_taken, kCount - all.size() / kTupleLen - world.size());
  }
  EXPECT_LE(most_pending, 4096 + kTupleLen);
  EXPECT_LE(most_taken, 4096 / kTupleLen + 128 + 2);
  EXPECT_EQ(numbers_of(all), std::pair(range(1, kCount), std::size_t{0}));
  EXPECT_EQ(service->counters().tuples, kCount);
}

TEST_F(FeedbackEngineTest, SendsWhatIsAddedWhileItReads) {
  world.fill(1, 200);
  open();
  Bytes all = read(100);
  world.fill(201, 300);
  const Bytes rest = read();
  all.insert(all.end(), rest.begin(), rest.end());
  EXPECT_EQ(numbers_of(all).first, range(1, 300));
}

TEST_F(FeedbackEngineTest, APollerThatDiesLeavesWhatItWasNotGiven) {
  constexpr std::uint32_t kCount = 200;
  for (std::size_t taken = 0; taken < kCount * kTupleLen; taken += 13) {
    world.fill(1, kCount);
    open();
    ASSERT_EQ(read(taken).size(), taken);
    die();
    const auto whole = static_cast<std::uint32_t>(taken / kTupleLen);
    ASSERT_EQ(world.numbers(), range(whole + 1, kCount)) << taken;
    ASSERT_EQ(service->counters().tuples, whole);
  }
}

TEST_F(FeedbackEngineTest, AnyEndOfThePollerStopsIt) {
  for (const End end : {End::CloseNotify, End::Fin, End::Reset, End::Alert}) {
    world.fill(1, 10);
    open();
    (void)read(kTupleLen + 1);
    engine->ended(end, clock.io_now());
    EXPECT_TRUE(engine->pending().empty());
    EXPECT_EQ(engine->close(), end == End::Reset ? Close::Reset : Close::CloseNotifyThenDrain);
    EXPECT_EQ(world.numbers(), range(2, 10)) << "before the engine is destroyed";
  }
  engine.reset();
  EXPECT_EQ(story().back(), "connection closed provider fin");
}

TEST_F(FeedbackEngineTest, TheHostThatDropsItLosesNothing) {
  world.fill(1, 3);
  open();
  engine.reset();
  EXPECT_EQ(world.numbers(), range(1, 3));
  EXPECT_EQ(service->counters().put_back, 3U);
}

TEST_F(FeedbackEngineTest, TwoPollersShareTheListWithoutLossOrDouble) {
  world.fill(1, 1000);
  open();
  const std::unique_ptr<Engine> other = connect();
  Bytes one_read;
  Bytes other_read;
  for (std::size_t step = 0; !engine->pending().empty() || !other->pending().empty(); ++step) {
    const Bytes one_part = read(*engine, 500 + step);
    const Bytes other_part = read(*other, 900 - step);
    one_read.insert(one_read.end(), one_part.begin(), one_part.end());
    other_read.insert(other_read.end(), other_part.begin(), other_part.end());
  }
  auto [all, rest] = numbers_of(one_read);
  const auto [others, other_rest] = numbers_of(other_read);
  EXPECT_EQ(rest + other_rest, 0U);
  EXPECT_FALSE(all.empty());
  EXPECT_FALSE(others.empty());
  all.insert(all.end(), others.begin(), others.end());
  std::ranges::sort(all);
  EXPECT_EQ(all, range(1, 1000));
}

TEST_F(FeedbackEngineTest, AsksForTheTopicOfTheCertificate) {
  // Proves the rule feedback/list-is-per-topic.
  world.fill(1, 2);
  world.fill(11, 13, "com.example.other");
  world.fill(21, 24, "com.example.other", Environment::Development);
  serve({});
  auth::CertificateIdentity identity;
  identity.uid = "com.example.other";
  engine = connect(std::make_shared<const auth::CertificateIdentity>(identity));
  EXPECT_EQ(numbers_of(read()).first, range(11, 13));
  EXPECT_EQ(world.size(), 2U);
  EXPECT_EQ(world.size("com.example.other", Environment::Development), 4U);

  FeedbackOptions development = {};
  development.environment = Environment::Development;
  serve(development);
  engine = connect(std::make_shared<const auth::CertificateIdentity>(identity));
  EXPECT_EQ(numbers_of(read()).first, range(21, 24));
}

TEST_F(FeedbackEngineTest, DropsWhatTheProviderSaysAndSaysSoOnce) {
  world.fill(1, 1);
  FaultAction action;
  action.close = FaultClose::HalfOpen;
  open(action);
  const Bytes talk(10'000, std::byte{2});
  EXPECT_EQ(engine->feed(talk, clock.io_now()), talk.size());
  EXPECT_EQ(engine->feed(talk, clock.io_now()), talk.size());
  EXPECT_EQ(numbers_of(read()).first, range(1, 1));
  EXPECT_THAT(problems, ElementsAre(testing::StartsWith("feedback the provider sends bytes")));
}

TEST_F(FeedbackEngineTest, AShutdownEndsBehindWhatIsPending) {
  world.fill(1, 1000);
  open();
  service->shut_down(0);
  EXPECT_EQ(num_wakes, 1U);
  engine->on_time(clock.io_now());
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
  const auto [given, rest] = numbers_of(read());
  EXPECT_EQ(rest, 0U);
  EXPECT_FALSE(given.empty());
  EXPECT_EQ(world.numbers(), range(static_cast<std::uint32_t>(given.size()) + 1, 1000));

  world.fill(1, 3);
  engine = connect();
  EXPECT_TRUE(engine->pending().empty()) << "it came behind the shutdown";
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
  EXPECT_EQ(world.size(), 3U);
}

// ---- Cleared at accept ----

class FeedbackClearedAtAccept : public FeedbackEngineTest {
 protected:
  [[nodiscard]] FeedbackOptions options(std::size_t max = 100'000) const {
    FeedbackOptions made = {};
    made.profile = &profile_;
    made.max_cleared_at_accept = max;
    return made;
  }

 private:
  Profile profile_ = [] {
    Profile made = default_profile();
    made.feedback_cleared_at_accept = true;
    return made;
  }();
};

TEST_F(FeedbackClearedAtAccept, TakesAllAtOnceAndReturnsNothing) {
  world.fill(1, 1000);
  serve(options());
  engine = connect();
  EXPECT_EQ(world.size(), 0U);
  EXPECT_LE(engine->pending().size(), 4096 + kTupleLen) << "what is encoded stays little";
  (void)read(10 * kTupleLen + 1);
  die();
  EXPECT_EQ(world.size(), 0U);
  EXPECT_EQ(service->counters().lost, 990U);
  EXPECT_EQ(story()[1], "feedback read com.example.app 10");
}

TEST_F(FeedbackClearedAtAccept, SendsAllToWhoReads) {
  world.fill(1, 1000);
  serve(options());
  engine = connect();
  EXPECT_EQ(numbers_of(read()), std::pair(range(1, 1000), std::size_t{0}));
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
  EXPECT_EQ(service->counters().lost, 0U);
}

TEST_F(FeedbackClearedAtAccept, LeavesWhatIsAboveItsLimitOnTheList) {
  world.fill(1, 1000);
  serve(options(300));
  engine = connect();
  EXPECT_EQ(numbers_of(read()).first, range(1, 300));
  EXPECT_EQ(engine->close(), Close::CloseNotifyThenDrain);
  EXPECT_EQ(world.numbers(), range(301, 1000));
}

// ---- Misbehaviour ----

TEST_F(FeedbackEngineTest, NeverCloseKeepsAnEmptyListOpen) {
  FaultAction action;
  action.close = FaultClose::HalfOpen;
  open(action);
  advance(24h);
  EXPECT_EQ(engine->close(), Close::None);
  EXPECT_EQ(engine->deadline(), kNever);
  world.fill(1, 3);
  engine = connect();
  EXPECT_EQ(numbers_of(read()).first, range(1, 3));
  EXPECT_EQ(engine->close(), Close::None);
  die(End::CloseNotify);
  EXPECT_EQ(story().back(), "connection closed provider fin");
}

TEST_F(FeedbackEngineTest, SplitsEverySoManyBytes) {
  for (std::uint32_t split = 1; split <= 100; ++split) {
    world.fill(1, 300);
    FaultAction action;
    action.tuples.split = split;
    open(action);
    runs.clear();
    ASSERT_EQ(numbers_of(read()), std::pair(range(1, 300), std::size_t{0})) << split;
    ASSERT_EQ(runs.size(), (300 * kTupleLen + split - 1) / split);
    runs.pop_back();
    for (const std::size_t run : runs) {
      ASSERT_EQ(run, split);
    }
  }
}

TEST_F(FeedbackEngineTest, TruncatesTheLastTupleWhichStaysOnTheList) {
  for (const std::uint32_t count : {1U, 2U, 128U, 129U, 1000U}) {
    for (const std::uint32_t missing : {1U, 18U, 38U, 106U}) {
      world.fill(1, count);
      FaultAction action;
      action.tuples.truncate = missing;
      open(action);
      ASSERT_EQ(
          numbers_of(read()),
          std::pair(range(1, count - 1), kTupleLen - std::min<std::size_t>(missing, kTupleLen)));
      ASSERT_EQ(engine->close(), Close::CloseNotifyThenDrain);
      ASSERT_EQ(world.numbers(), range(count, count));
    }
  }
}

TEST_F(FeedbackEngineTest, EndsAsTold) {
  struct Case {
    FaultClose told;
    Close done;
  };

  for (const Case& row :
       {Case{FaultClose::Fin, Close::CloseNotifyThenDrain},
        Case{FaultClose::FinWithoutCloseNotify, Close::FinOnly},
        Case{FaultClose::Rst, Close::Reset}, Case{FaultClose::HalfOpen, Close::None}}) {
    world.fill(1, 1);
    FaultAction action;
    action.close = row.told;
    open(action);
    EXPECT_EQ(numbers_of(read()).first, range(1, 1));
    EXPECT_EQ(engine->close(), row.done);
  }
}

TEST_F(FeedbackEngineTest, WaitsBeforeTheFirstByte) {
  world.fill(1, 1);
  FaultAction action;
  action.delay = 250ms;
  open(action);
  EXPECT_EQ(world.size(), 1U) << "nothing is taken before";
  advance(249ms);
  engine->on_time(clock.io_now());
  EXPECT_TRUE(engine->pending().empty());
  EXPECT_EQ(engine->close(), Close::None);
  advance(1ms);
  EXPECT_EQ(numbers_of(read()).first, range(1, 1));
  EXPECT_EQ(engine->deadline(), kNever);
}

}  // namespace
}  // namespace apns::mock
