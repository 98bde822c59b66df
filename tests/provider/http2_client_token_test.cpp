// The client with a provider token, opposite the provider API that verifies it.
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/ledger.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/team_keys.h"
#include "mock_apns/world/world.h"
#include "provider/http2_client.h"
#include "provider/provider_token_key.h"
#include "provider/provider_tokens.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/provider/recording_sink.h"
#include "tests/support/checked_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/provider_tokens.h"
#include "tests/support/set_clock.h"

namespace apns::provider {
namespace {

using apns::test::Credentials;
using testing::Each;
using testing::EndsWith;
using testing::HasSubstr;
using namespace std::chrono_literals;

auth::ProviderTokenSigner signer(std::string_view key_id = "KEY0000001") {
  return make_token_signer({golden::kP8, key_id, "TEAM000001", {}});
}

class Http2ClientToken : public testing::TestWithParam<bool>, public tls::Observer {
 public:
  Http2ClientToken()
      : ledger(mock::Ledger::Options{}),
        world(mock::WorldOptions{}, clock, &ledger),
        api(api_options(), clock, &ledger, nullptr, [](const mock::ServiceProblem& /*problem*/) {}),
        server_context_(server_options()),
        client_context_(client_options()),
        host(clock, 7) {
    keys.add(apns::test::TokenSource().team_key());
    if (GetParam()) {
      api.use_tls(server_context_);
    }
    options.service = host.listen(Endpoint{"localhost", 0}, api);
    options.provider_token = source.get();
  }

  ~Http2ClientToken() override {
    for (const auto& client : clients_) {
      client->release_dialer();
    }
  }

  Http2Client& add_client() {
    clients_.push_back(std::make_unique<Http2Client>(
        options,
        apns::test::checked(GetParam()
                                ? tls::make_transport(client_context_, clock, scratch_, this, {})
                                : plain_transport()),
        sink));
    clients_.back()->use_dialer(host.make_dialer(*clients_.back()));
    return *clients_.back();
  }

  Http2Client& client() { return clients_.empty() ? add_client() : *clients_.front(); }

  /// One notification, and its line.
  std::string push(Http2Client& by, const std::string& topic = "com.example.app") {
    const std::uint64_t ticket = ++num_pushed;
    const Notification notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                                    .payload = R"({"aps":{"alert":"Hello"}})",
                                    .topic = topic};
    EXPECT_EQ(by.try_send(notification, ticket), SendResult::Queued);
    EXPECT_TRUE(host.run_until([this, ticket] { return sink.by_ticket.count(ticket) > 0; },
                               host.now() + 1min));
    return sink.lines.empty() ? "" : sink.lines.back();
  }

  std::string push() { return push(client()); }

  [[nodiscard]] std::uint64_t num_rejected_with(Reason reason) const {
    return api.counters().rejected_with.at(static_cast<std::size_t>(reason));
  }

 private:
  mock::ProviderApiOptions api_options() {
    mock::ProviderApiOptions made;
    made.world = &world;
    made.team_keys = &keys;
    return made;
  }

  static tls::ServerOptions server_options() {
    tls::ServerOptions made = Credentials::shared().server_options();
    made.max_version = tls::Version::Tls13;
    made.peer_certificate = tls::PeerCertificate::Optional;
    made.alpn = {"h2"};
    return made;
  }

  static tls::ClientOptions client_options() {
    tls::ClientOptions made = Credentials::shared().client_options();
    made.certificate = nullptr;
    made.key = nullptr;
    made.alpn = {"h2"};
    return made;
  }

  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override {
    ADD_FAILURE() << peer.connection << ": " << failure.text;
  }

 public:
  // What the engines use outlives the host, which holds them.
  ManualClock clock;
  apns::test::SetClock provider_clock{clock};
  ProviderTokens tokens{provider_clock};
  std::unique_ptr<ProviderTokenSource> source = tokens.source(signer());
  mock::Ledger ledger;
  mock::World world;
  mock::TeamKeys keys;
  mock::ProviderApi api;

 private:
  tls::Context server_context_;
  tls::Context client_context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_ = tls::make_scratch(1);

 public:
  MemoryHost host;
  test::RecordingSink sink;
  Http2ClientOptions options;
  std::uint64_t num_pushed = 0;

 private:
  std::vector<std::unique_ptr<Http2Client>> clients_;
};

INSTANTIATE_TEST_SUITE_P(Http2, Http2ClientToken, testing::Bool(),
                         [](const auto& one) { return one.param ? "Tls" : "Plain"; });

// Field report J145, edamov/pushok#92: a worker that never made a new one.
TEST_P(Http2ClientToken, ADayOnOneConnectionIsAccepted) {
  for (int minute = 0; minute < 24 * 60; ++minute) {
    ASSERT_THAT(push(), EndsWith(" sent")) << minute;
    host.run_for(1min);
  }
  EXPECT_EQ(client().stats().connections, 1U);
  EXPECT_EQ(source->number(), 29U);  // in 1440 minutes, every 50
}

// A service counts from the first one that a connection shows: a second one within 20 minutes is
// refused, however old the first was.
TEST_P(Http2ClientToken, ASecondOneTooSoonGoesByAnotherConnection) {
  ASSERT_THAT(push(), EndsWith(" sent"));
  host.run_for(45min);
  Http2Client& second = add_client();
  ASSERT_THAT(push(second), EndsWith(" sent"));
  EXPECT_EQ(source->number(), 1U);
  host.run_for(6min);
  EXPECT_THAT(push(), EndsWith(" sent"));
  EXPECT_THAT(push(second), EndsWith(" sent"));
  EXPECT_EQ(source->number(), 2U);
  EXPECT_EQ(client().stats().connections, 1U);
  EXPECT_EQ(second.stats().connections, 2U);
  EXPECT_EQ(num_rejected_with(Reason::TooManyProviderTokenUpdates), 0U);
}

// Field report J146, jchambers/pushy#408: the first push after an idle night went with the token of
// the evening.
TEST_P(Http2ClientToken, TheFirstPushAfterANightGoesWithANewOne) {
  ASSERT_THAT(push(), EndsWith(" sent"));
  host.run_for(9h);
  EXPECT_THAT(push(), EndsWith(" sent"));
  EXPECT_EQ(source->number(), 2U);
}

// Field report J142, Pr0Ger/PyAPNs2#76: one for each topic.
TEST_P(Http2ClientToken, TopicsAndConnectionsShareOne) {
  options.provider_token = source.get();
  Http2Client& first = add_client();
  const auto second_source = tokens.source(signer());
  options.provider_token = second_source.get();
  Http2Client& second = add_client();
  for (int minute = 0; minute < 100; ++minute) {
    const std::string topic = minute % 2 == 0 ? "com.example.app" : "com.example.other";
    ASSERT_THAT(push(first, topic), EndsWith(" sent")) << minute;
    ASSERT_THAT(push(second, topic), EndsWith(" sent")) << minute;
    host.run_for(1min);
  }
  EXPECT_EQ(source->number(), 2U);
  EXPECT_EQ(second_source->number(), 2U);
}

// Field report J147, node-apn/node-apn#450: a clock that is 70 minutes behind. Nothing that the
// provider makes is any good, and it makes little of it.
TEST_P(Http2ClientToken, AClockThatIsBehindDrawsNoFlood) {
  provider_clock.ahead = -70min;
  for (int second = 0; second < 3600; ++second) {
    ASSERT_THAT(push(), EndsWith(" rejected: 403 ExpiredProviderToken")) << second;
    host.run_for(1s);
  }
  EXPECT_EQ(source->number(), 3U);  // at 0, 20 and 40 minutes
  EXPECT_EQ(client().stats().connections, 3U);
  EXPECT_EQ(num_rejected_with(Reason::TooManyProviderTokenUpdates), 0U);
  EXPECT_THAT(client().last_error(),
              EndsWith(" calls a provider token too old that is less than 20 minutes old by this "
                       "machine's clock: look at the clock"));
}

// The same clock, set right after ten minutes: the next token is good, and it does not go by the
// connection that has seen the bad one.
TEST_P(Http2ClientToken, AClockThatIsSetRightRecovers) {
  provider_clock.ahead = -70min;
  EXPECT_THAT(push(), EndsWith(" rejected: 403 ExpiredProviderToken"));
  host.run_for(10min);
  provider_clock.ahead = 0min;
  EXPECT_THAT(push(), EndsWith(" sent"));
  EXPECT_EQ(client().stats().connections, 2U);
  EXPECT_EQ(source->number(), 2U);
}

// Many are under way with it: each is told, one new token is made, and what follows is good.
TEST_P(Http2ClientToken, ManyWithOneThatIsTooOldDrawOneNewToken) {
  const ProviderTokenAges ages{2h, 20min};
  ProviderTokens slow(provider_clock, ages);
  const auto old = slow.source(signer());
  options.provider_token = old.get();
  ASSERT_THAT(push(), EndsWith(" sent"));
  host.run_for(61min);
  std::vector<std::uint64_t> tickets;
  const Notification notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                                  .payload = "{}",
                                  .topic = "com.example.app"};
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(client().try_send(notification, ++num_pushed), SendResult::Queued);
  }
  ASSERT_TRUE(host.run_until([this] { return sink.lines.size() == 51; }, host.now() + 1min));
  EXPECT_THAT(std::vector<std::string>(sink.lines.begin() + 1, sink.lines.end()),
              Each(EndsWith(" rejected: 403 ExpiredProviderToken")));
  EXPECT_THAT(push(), EndsWith(" sent"));
  EXPECT_EQ(old->number(), 2U);
  EXPECT_EQ(client().stats().connections, 2U);
}

TEST_P(Http2ClientToken, AnUnknownKeyIsSaidSo) {
  const auto other = tokens.source(make_token_signer(
      {certs::to_pem(certs::make_p256_key().get()), "KEY0000001", "TEAM000002", {}}));
  options.provider_token = other.get();
  EXPECT_THAT(push(), EndsWith(" rejected: 403 InvalidProviderToken"));
  EXPECT_THAT(client().last_error(),
              HasSubstr(" answered 403 InvalidProviderToken: a provider token with a bad "
                        "signature or of an unknown key, "));
}

}  // namespace
}  // namespace apns::provider
