// Everything at once: 100,000 notifications, a tenth of them to device tokens that are bad, to a
// service that changes its limit between 1 and 1,000 streams, ends each connection after 500
// requests, never answers one in a hundred, and calls provider tokens too old again and again. In
// memory under a manual clock, and on sockets with a real one.
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "apns/net/socket_host.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/ledger.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/team_keys.h"
#include "mock_apns/world/world.h"
#include "provider/http2_client.h"
#include "provider/provider_token_key.h"
#include "provider/provider_tokens.h"
#include "provider/retrying_client.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/support/checked_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/provider_tokens.h"

namespace apns::provider {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kNumNotifications = 100'000;
constexpr const char* kBadToken = "bad0";

/// The service, and what it did with each notification.
class StormyService {
 public:
  StormyService(const WorldClock& clock, std::chrono::seconds max_token_age)
      : ledger({.listening = mock::Listening::AtOnce}),
        world({}, clock, nullptr),
        rules(parsed({std::string("device_token=") + kBadToken + ": reject=BadDeviceToken",
                      R"(nth="every 500": goaway.code=NO_ERROR)",
                      R"(nth="every 70": settings.max_concurrent_streams=1)",
                      R"(nth="every 40": settings.max_concurrent_streams=1000)",
                      "probability=0.01: no_answer=true"}),
              7) {
    keys.add(apns::test::TokenSource().team_key());
    profile.http2.provider_token.max_age = max_token_age;
    ledger.set_listener([this](const mock::LedgerEvent& event) { count(event); });
    mock::ProviderApiOptions options;
    options.world = &world;
    options.team_keys = &keys;
    options.profile = &profile;
    api = std::make_unique<mock::ProviderApi>(options, clock, &ledger, &rules,
                                              [](const mock::ServiceProblem& /*problem*/) {});
  }

  [[nodiscard]] int accepted(std::uint64_t ticket) const {
    const auto found = accepted_.find(std::to_string(ticket));
    return found == accepted_.end() ? 0 : found->second;
  }

  std::uint64_t num_too_old = 0;  // answers of ExpiredProviderToken
  mock::Ledger ledger;
  mock::World world;
  mock::FaultRules rules;
  mock::TeamKeys keys;
  Profile profile = default_profile();
  std::unique_ptr<mock::ProviderApi> api;

 private:
  static std::vector<mock::FaultRule> parsed(const std::vector<std::string>& texts) {
    std::vector<mock::FaultRule> made;
    made.reserve(texts.size());
    for (const std::string& text : texts) {
      made.push_back(mock::parse_fault(text));
    }
    return made;
  }

  void count(const mock::LedgerEvent& event) {
    if (event.kind != mock::EventKind::Notification) {
      return;
    }
    accepted_[event.payload] += event.outcome == mock::EventOutcome::Accepted ? 1 : 0;
    num_too_old += event.reason == "ExpiredProviderToken" ? 1U : 0U;
  }

  std::map<std::string, int> accepted_;  // by payload
};

/// Who pushes: everything that comes is given to the client as it takes it.
class Pusher final : public OutcomeSink {
 public:
  Pusher(const Endpoint& service, const Transport& transport, const WorldClock& clock,
         ProviderTokenAges ages, Duration request_limit)
      : tokens_(clock, ages),
        source_(tokens_.source(make_token_signer({golden::kP8, "KEY0000001", "TEAM000001", {}}))) {
    Http2ClientOptions inside;
    inside.service = service;
    inside.provider_token = source_.get();
    inside.request_limit = request_limit;
    inside.max_connections = 2;
    RetryOptions options;
    options.provider_token = source_.get();
    options.throttle_burst = 100'000;
    client_ = std::make_unique<RetryingClient>(options, *this, [&](OutcomeSink& sink) {
      return std::make_unique<Http2Client>(inside, transport, sink);
    });
  }

  [[nodiscard]] RetryingClient& client() { return *client_; }

  /// Gives notifications up to that number, as there is room.
  void send_until(std::uint64_t last) {
    wanted_ = last;
    give();
  }

  /// What may be asked from elsewhere.
  [[nodiscard]] bool has_settled(std::uint64_t n) const { return outcomes_.size() >= n; }

  [[nodiscard]] bool is_drained() const { return is_drained_; }

  /// One outcome each, which is what the service did. `max_unlucky`: so many may be rejected though
  /// their device token is good: nothing of them was accepted, and it was the last attempt.
  void expect_agreement_with(const StormyService& service, std::uint64_t max_unlucky) const {
    std::map<OutcomeKind, std::uint64_t> kinds;
    std::uint64_t num_unlucky = 0;
    EXPECT_EQ(num_doubles_, 0U);
    ASSERT_EQ(outcomes_.size(), kNumNotifications);
    for (const auto& [ticket, outcome] : outcomes_) {
      const int accepted = service.accepted(ticket);
      ++kinds[outcome.kind];
      if (outcome.kind == OutcomeKind::Sent) {
        ASSERT_EQ(accepted, 1) << ticket;
      } else if (outcome.kind == OutcomeKind::Rejected) {
        ASSERT_EQ(accepted, 0) << ticket << " " << outcome.status;
        num_unlucky += is_bad(ticket) ? 0U : 1U;
      } else {
        ASSERT_LE(accepted, 1) << ticket;
      }
    }
    EXPECT_LE(num_unlucky, max_unlucky);
    EXPECT_GE(kinds[OutcomeKind::Rejected], kNumNotifications / 10 * 9 / 10);
    EXPECT_GT(kinds[OutcomeKind::Unknown], kNumNotifications / 200);
    EXPECT_LT(kinds[OutcomeKind::Unknown], kNumNotifications / 10);
    EXPECT_EQ(service.api->counters().violations, 0U);
    EXPECT_GE(service.num_too_old, 1U);
    std::cout << kinds[OutcomeKind::Sent] << " sent, " << kinds[OutcomeKind::Rejected]
              << " rejected, " << kinds[OutcomeKind::Unknown] << " unknown; "
              << client_->stats().connections << " connections, " << client_->stats().retries
              << " retries, " << service.num_too_old << " times too old\n";
  }

 private:
  struct Known {
    OutcomeKind kind = OutcomeKind::Sent;
    std::uint16_t status = 0;
  };

  static bool is_bad(std::uint64_t ticket) { return ticket % 10 == 0; }

  void give() {
    while (given_ < wanted_) {
      const std::uint64_t ticket = given_ + 1;
      const Notification next{.device_token = *DeviceToken::parse(
                                  (is_bad(ticket) ? kBadToken : "a1b2") +
                                  std::string(60, static_cast<char>('0' + ticket % 10))),
                              .payload = std::to_string(ticket),
                              .topic = "com.example.app",
                              .push_type = PushType::Alert};
      if (client_->try_send(next, ticket) != SendResult::Queued) {
        return;  // writable() goes on
      }
      given_ = ticket;
    }
  }

  void outcomes(std::span<const Outcome> batch) override {
    for (const Outcome& outcome : batch) {
      const bool is_new =
          outcomes_.emplace(outcome.ticket, Known{outcome.kind, outcome.status}).second;
      num_doubles_ += is_new ? 0U : 1U;
    }
  }

  void writable() override { give(); }

  void drained() override { is_drained_ = true; }

  ProviderTokens tokens_;
  std::unique_ptr<ProviderTokenSource> source_;
  std::unique_ptr<RetryingClient> client_;
  std::uint64_t wanted_ = 0;
  std::uint64_t given_ = 0;
  std::map<std::uint64_t, Known> outcomes_;
  std::uint64_t num_doubles_ = 0;
  bool is_drained_ = false;
};

// Twenty waves, 16 minutes apart; the service calls too old what is more than 45 minutes old, and
// the provider would renew after 50.
TEST(Http2Storm, LosesNothingInMemory) {
  ManualClock clock;
  StormyService service(clock, 45min);
  MemoryHost host(clock, 7);
  Pusher pusher(host.listen(Endpoint{"api", 0}, *service.api),
                apns::test::checked(plain_transport()), clock, {}, 10s);
  pusher.client().use_dialer(host.make_dialer(pusher.client()));
  constexpr std::uint64_t kNumWaves = 20;
  for (std::uint64_t wave = 1; wave <= kNumWaves; ++wave) {
    const std::uint64_t last = kNumNotifications / kNumWaves * wave;
    pusher.send_until(last);
    ASSERT_TRUE(host.run_until([&] { return pusher.has_settled(last); }, host.now() + 1h)) << wave;
    host.run_for(16min);
  }
  pusher.client().drain(1min);
  ASSERT_TRUE(host.run_until([&] { return pusher.is_drained(); }, host.now() + 2min));
  pusher.expect_agreement_with(service, 0);
  pusher.client().release_dialer();
}

// The service calls too old what is more than a second old.
TEST(Http2Storm, LosesNothingOnSockets) {
  net::SystemClock clock;
  StormyService service(clock, 1s);
  const auto& credentials = apns::test::Credentials::shared();
  tls::ServerOptions server = credentials.server_options();
  server.max_version = tls::Version::Tls13;
  server.peer_certificate = tls::PeerCertificate::Optional;
  server.alpn = {"h2"};
  const tls::Context server_context(server);
  tls::ClientOptions client = credentials.client_options();
  client.certificate = nullptr;
  client.key = nullptr;
  client.alpn = {"h2"};
  const tls::Context client_context(client);
  const auto scratch = tls::make_scratch(1);
  service.api->use_tls(server_context);
  net::SocketHost host;
  const Endpoint at = host.listen(Endpoint{"127.0.0.1", 0}, *service.api);

  net::SocketHost client_host;
  Pusher pusher(at, tls::make_transport(client_context, clock, scratch, nullptr, {}), clock,
                {.renew = 1h, .keep = 1ms}, 500ms);
  pusher.client().use_dialer(client_host.make_dialer(pusher.client()));
  host.start();
  client_host.start();
  client_host.run_on(0, [&] { pusher.send_until(kNumNotifications); });
  const auto wait_for = [&](const std::function<bool()>& is_true) {
    const auto limit = std::chrono::steady_clock::now() + 50s;
    bool is_over = false;
    while (!is_over && std::chrono::steady_clock::now() < limit) {
      client_host.run_on(0, [&] { is_over = is_true(); });
    }
    return is_over;
  };
  EXPECT_TRUE(wait_for([&] { return pusher.has_settled(kNumNotifications); }));
  client_host.run_on(0, [&] { pusher.client().drain(5s); });
  EXPECT_TRUE(wait_for([&] { return pusher.is_drained(); }));
  client_host.run_on(0, [&] { pusher.client().release_dialer(); });
  client_host.stop();
  host.stop();
  // A provider token lives for a second at most, and an attempt for half a second: on a busy
  // machine five attempts may be over.
  pusher.expect_agreement_with(service, kNumNotifications / 20);
}

}  // namespace
}  // namespace apns::provider
