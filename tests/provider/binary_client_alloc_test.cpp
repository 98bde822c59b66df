// The hot path of the provider takes nothing from the heap. A program of its own: it counts.
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "provider/binary_client.h"
#include "tests/support/alloc_counter.h"

namespace apns::provider {
namespace {

using apns::test::AllocCounter;

/// Connects when told, and writes by hand.
class HandDialer final : public Dialer {
 public:
  explicit HandDialer(TimePoint& now) : now_(now) {}

  std::uint64_t dial(const Endpoint& /*to*/, Duration /*connect_limit*/) override { return 1; }

  void drop(std::uint64_t /*connection*/) override {}

  [[nodiscard]] std::optional<std::size_t> unacknowledged(
      std::uint64_t /*connection*/) const override {
    return 0;
  }

  void set_alarm(TimePoint when) override { alarm = when; }

  [[nodiscard]] TimePoint now() const override { return now_; }

  TimePoint alarm = kNever;

 private:
  TimePoint& now_;
};

class NoHost final : public EngineHost {
  void wake(Engine& /*engine*/) override {}
};

class CountingSink final : public OutcomeSink {
 public:
  void outcomes(std::span<const Outcome> batch) override {
    for (const Outcome& outcome : batch) {
      num_sent += outcome.kind == OutcomeKind::Sent ? 1U : 0U;
    }
  }

  void writable() override {}

  void drained() override {}

  std::uint64_t num_sent = 0;
};

TEST(BinaryClientAllocations, NoneForASentNotification) {
  constexpr std::uint64_t kPerRound = 1000;
  CountingSink sink;
  BinaryClientOptions options;
  options.window_len = 4 * kPerRound;
  BinaryClient client(options, plain_transport(), sink);
  TimePoint now{std::chrono::seconds(1)};
  auto made = std::make_unique<HandDialer>(now);
  HandDialer& dialer = *made;
  client.use_dialer(std::move(made));
  const Notification notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                                  .payload = R"({"aps":{"alert":"Hello","badge":1}})"};
  NoHost host;
  PeerInfo peer;
  peer.connection = 1;
  std::unique_ptr<Engine> engine;
  std::uint64_t ticket = 0;
  const auto round = [&] {
    for (std::uint64_t i = 0; i < kPerRound; ++i) {
      ASSERT_EQ(client.try_send(notification, ++ticket), SendResult::Queued);
    }
    if (!engine) {
      engine = client.connected(peer, host, now);
    }
    for (ByteView run = engine->pending(); !run.empty(); run = engine->pending()) {
      engine->sent(std::min<std::size_t>(run.size(), 16384), now);
    }
    now += std::chrono::seconds(1);
    ASSERT_LE(dialer.alarm, now);
    client.on_alarm(now);
  };
  // Until the rings have grown to what silence of a second and memory of thirty need.
  for (int i = 0; i < 40; ++i) {
    round();
  }
  const AllocCounter counter;
  for (int i = 0; i < 100; ++i) {
    round();
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
  EXPECT_EQ(sink.num_sent, 140 * kPerRound);
  engine.reset();
  client.release_dialer();
}

}  // namespace
}  // namespace apns::provider
