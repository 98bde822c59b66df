// What is settled at its first attempt takes nothing from the heap, though a copy of it is kept
// meanwhile. In a program that counts.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "provider/retrying_client.h"
#include "tests/support/alloc_counter.h"

namespace apns::provider {
namespace {

using apns::test::AllocCounter;

class StillDialer final : public Dialer {
 public:
  std::uint64_t dial(const Endpoint& /*to*/, Duration /*connect_limit*/) override { return 1; }

  void drop(std::uint64_t /*connection*/) override {}

  [[nodiscard]] std::optional<std::size_t> unacknowledged(
      std::uint64_t /*connection*/) const override {
    return 0;
  }

  void set_alarm(TimePoint /*when*/) override {}

  [[nodiscard]] TimePoint now() const override { return TimePoint(std::chrono::seconds(1)); }
};

/// Keeps tickets until it is told to answer them all: every tenth is gone.
class AnsweringClient final : public Client {
 public:
  explicit AnsweringClient(OutcomeSink& sink) : sink_(sink) {}

  void use_dialer(std::unique_ptr<Dialer> dialer) override { dialer_ = std::move(dialer); }

  void release_dialer() override { dialer_.reset(); }

  SendResult try_send(const Notification& /*notification*/, std::uint64_t ticket) override {
    const bool is_gone = ++num_ % 10 == 0;
    open_.push_back(Outcome{ticket, is_gone ? OutcomeKind::Rejected : OutcomeKind::Sent,
                            is_gone ? OutcomeReason::Status : OutcomeReason::None,
                            static_cast<std::uint16_t>(is_gone ? 410 : 200),
                            is_gone ? &gone_ : &sent_});
    return SendResult::Queued;
  }

  void answer_all() {
    gone_.reason = Reason::Unregistered;
    std::swap(open_, told_);
    sink_.outcomes(told_);
    told_.clear();
  }

  void drain(Duration /*limit*/) override {}

  void stop(const std::string& /*why*/) override {}

  void tls_failed(const PeerInfo& /*peer*/, const tls::Failure& /*failure*/) override {}

  const std::string& last_error() const override { return error_; }

  const ClientStats& stats() const override { return stats_; }

  std::size_t num_open() const override { return open_.size(); }

  std::unique_ptr<Engine> connected(const PeerInfo& /*peer*/, EngineHost& /*host*/,
                                    TimePoint /*now*/) override {
    return nullptr;
  }

  void gone(std::uint64_t /*connection*/, Gone /*why*/, const std::string& /*detail*/,
            TimePoint /*now*/) override {}

  void on_alarm(TimePoint /*now*/) override {}

 private:
  OutcomeSink& sink_;
  std::unique_ptr<Dialer> dialer_;
  std::vector<Outcome> open_;
  std::vector<Outcome> told_;
  HttpAnswer sent_;
  HttpAnswer gone_;
  std::uint64_t num_ = 0;
  std::string error_;
  ClientStats stats_;
};

class CountingSink final : public OutcomeSink {
 public:
  void outcomes(std::span<const Outcome> batch) override { num += batch.size(); }

  void writable() override {}

  void drained() override {}

  std::size_t num = 0;
};

TEST(RetryingClientAllocations, NoneForWhatIsSettledAtOnce) {
  constexpr std::uint64_t kPerRound = 200;
  CountingSink sink;
  AnsweringClient* inner = nullptr;
  RetryingClient client(RetryOptions{}, sink, [&inner](OutcomeSink& to) {
    auto made = std::make_unique<AnsweringClient>(to);
    inner = made.get();
    return made;
  });
  client.use_dialer(std::make_unique<StillDialer>());
  const Notification notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                                  .payload = std::string(300, 'x'),
                                  .topic = "com.example.application",
                                  .push_type = PushType::Alert,
                                  .apns_id = "4084a6e4-9ea8-6d2a-ca49-9a344a152da7",
                                  .collapse_id = "a collapse id that is not small"};
  std::uint64_t ticket = 0;
  const auto round = [&] {
    for (std::uint64_t i = 0; i < kPerRound; ++i) {
      ASSERT_EQ(client.try_send(notification, ++ticket), SendResult::Queued);
    }
    inner->answer_all();
  };
  for (int i = 0; i < 5; ++i) {
    round();
  }
  const AllocCounter counter;
  for (int i = 0; i < 100; ++i) {
    round();
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
  EXPECT_EQ(sink.num, ticket);
  EXPECT_EQ(client.num_open(), 0U);
  client.release_dialer();
}

}  // namespace
}  // namespace apns::provider
