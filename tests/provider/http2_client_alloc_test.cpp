// The hot path of the HTTP/2 client takes nothing from the heap. A program of its own: it counts.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "apns/http2/session.h"
#include "provider/http2_client.h"
#include "provider/provider_token_key.h"
#include "provider/provider_tokens.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/support/alloc_counter.h"

namespace apns::provider {
namespace {

using apns::test::AllocCounter;

/// Connects when told, and moves bytes by hand.
class HandDialer final : public Dialer {
 public:
  explicit HandDialer(TimePoint& now) : now_(now) {}

  std::uint64_t dial(const Endpoint& /*to*/, Duration /*connect_limit*/) override { return 1; }

  void drop(std::uint64_t /*connection*/) override {}

  [[nodiscard]] std::optional<std::size_t> unacknowledged(
      std::uint64_t /*connection*/) const override {
    return 0;
  }

  void set_alarm(TimePoint /*when*/) override {}

  [[nodiscard]] TimePoint now() const override { return now_; }

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
      num_rejected += outcome.answer->reason == Reason::Unregistered ? 1U : 0U;
    }
  }

  void writable() override {}

  void drained() override {}

  std::uint64_t num_sent = 0;
  std::uint64_t num_rejected = 0;
};

/// Answers all with 200 and an apns-id, but for every tenth.
class Service final : private http2::SessionEvents {
 public:
  explicit Service(TimePoint now) : session_(options_, *this, scratch_, now) {}

  http2::Session& session() { return session_; }

 private:
  void message(const http2::Message& message) override {
    if (message.end_stream) {
      answer(message.stream);
    }
  }

  void data(http2::StreamId stream, ByteView /*content*/, bool end_stream) override {
    if (end_stream) {
      answer(stream);
    }
  }

  void closed(http2::StreamId /*stream*/, http2::StreamEnd /*end*/, http2::ErrorCode /*code*/,
              std::uint64_t /*user*/) override {}

  void answer(http2::StreamId stream) {
    const bool is_gone = ++num_ % 10 == 0;
    const std::array fields = {
        http2::Field{":status", is_gone ? "410" : "200", 0, http2::Representation::Indexed},
        http2::Field{"apns-id", "27CFDC15-E305-27E0-E290-8FC98E115899", 0,
                     http2::Representation::WithoutIndexing}};
    session_.send_headers(stream, fields, !is_gone);
    if (is_gone) {
      session_.send_data(stream, as_bytes(R"({"reason":"Unregistered","timestamp":1})"), true);
    }
  }

  http2::SessionOptions options_;
  http2::HpackScratch scratch_;
  http2::Session session_;
  std::uint64_t num_ = 0;
};

/// All but the last `kept` bytes.
bool move(Engine& from, Engine& to, std::size_t kept, TimePoint now) {
  const ByteView run = from.pending();
  if (run.size() <= kept) {
    return false;
  }
  const ByteView part = run.first(std::min<std::size_t>(run.size() - kept, 16384));
  to.feed(part, now);
  from.sent(part.size(), now);
  return true;
}

class Http2ClientAllocations : public testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Credential, Http2ClientAllocations, testing::Bool(), [](const auto& one) {
  return one.param ? "ProviderToken" : "Certificate";
});

TEST_P(Http2ClientAllocations, NoneForAnAnsweredNotification) {
  constexpr std::uint64_t kPerRound = 200;
  const ManualClock clock;
  ProviderTokens tokens(clock);
  const auto source =
      tokens.source(make_token_signer({golden::kP8, "KEY0000001", "TEAM000001", {}}));
  CountingSink sink;
  TimePoint now{std::chrono::seconds(1)};
  Http2ClientOptions options;
  options.service = {"localhost", 2197};
  options.provider_token = GetParam() ? source.get() : nullptr;
  Http2Client client(options, plain_transport(), sink);
  client.use_dialer(std::make_unique<HandDialer>(now));
  const Notification notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                                  .payload = R"({"aps":{"alert":"Hello","badge":1}})",
                                  .expiration = 0,
                                  .priority = 10,
                                  .topic = "com.example.app",
                                  .push_type = PushType::Alert,
                                  .apns_id = "4084a6e4-9ea8-6d2a-ca49-9a344a152da7"};
  NoHost host;
  PeerInfo peer;
  peer.connection = 1;
  Service service(now);
  std::uint64_t ticket = 0;
  ASSERT_EQ(client.try_send(notification, ++ticket), SendResult::Queued);
  std::unique_ptr<Engine> engine = client.connected(peer, host, now);
  const auto exchange = [&](std::size_t kept) {
    while (move(*engine, service.session(), kept, now) ||
           move(service.session(), *engine, kept, now)) {
    }
  };
  exchange(0);
  const auto round = [&] {
    for (std::uint64_t i = 0; i < kPerRound; ++i) {
      ASSERT_EQ(client.try_send(notification, ++ticket), SendResult::Queued);
    }
    exchange(1);  // one that runs empty gives its memory back, a busy one does not
    now += std::chrono::milliseconds(10);
  };
  for (int i = 0; i < 20; ++i) {
    round();
  }
  const AllocCounter counter;
  for (int i = 0; i < 100; ++i) {
    round();
  }
  EXPECT_EQ(counter.num_allocations(), 0U);
  EXPECT_GE(sink.num_sent + sink.num_rejected, ticket - 2);
  EXPECT_GE(sink.num_rejected, ticket / 10 - 1);
  engine.reset();
  client.release_dialer();
}

}  // namespace
}  // namespace apns::provider
