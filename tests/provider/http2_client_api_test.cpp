// The client opposite the provider API, plain and with TLS, in the memory host.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/ledger.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/world.h"
#include "provider/http2_client.h"
#include "tests/provider/recording_sink.h"
#include "tests/support/checked_engine.h"
#include "tests/support/credentials.h"

namespace apns::provider {
namespace {

using apns::test::Credentials;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

class Http2ClientAndApi : public testing::TestWithParam<bool>, public tls::Observer {
 public:
  explicit Http2ClientAndApi(const certs::ProviderCertificate& certificate =
                                 certs::ProviderCertificate::universal("com.example.app",
                                                                       "TEAM000001"))
      : credential_(Credentials::shared().factory.make_provider(certificate)),
        ledger(mock::Ledger::Options{}),
        world(mock::WorldOptions{}, clock, &ledger),
        api(api_options(), clock, &ledger, nullptr, [](const mock::ServiceProblem& /*problem*/) {}),
        server_context_(server_options()),
        client_context_(client_options()),
        host(clock, 7) {
    if (GetParam()) {
      api.use_tls(server_context_);
    }
    options.service = host.listen(Endpoint{"localhost", 0}, api);
  }

  ~Http2ClientAndApi() override {
    if (client_) {
      client_->release_dialer();
    }
  }

  Http2Client& client() {
    if (!client_) {
      client_ = std::make_unique<Http2Client>(
          options,
          apns::test::checked(GetParam()
                                  ? tls::make_transport(client_context_, clock, scratch_, this, {})
                                  : plain_transport()),
          sink);
      client_->use_dialer(host.make_dialer(*client_));
    }
    return *client_;
  }

  /// Payloads say their tickets.
  [[nodiscard]] static Notification notification(std::uint64_t ticket,
                                                 const std::string& begin = "a1") {
    return Notification{
        .device_token = *DeviceToken::parse(begin + std::string(64 - begin.size(), '0')),
        .payload = R"({"aps":{"alert":")" + std::to_string(ticket) + "\"}}",
        .topic = "com.example.app",
        .push_type = PushType::Alert};
  }

  bool run_until_settled(std::size_t n) {
    return host.run_until([this, n] { return sink.lines.size() >= n; }, host.now() + 5min);
  }

 private:
  mock::ProviderApiOptions api_options() {
    mock::ProviderApiOptions made;
    made.world = &world;
    if (!GetParam()) {
      made.plain_identity = std::make_shared<const auth::CertificateIdentity>(
          *auth::read_certificate_identity(credential_.certificate.get()));
    }
    return made;
  }

  static tls::ServerOptions server_options() {
    tls::ServerOptions made = Credentials::shared().server_options();
    made.max_version = tls::Version::Tls13;
    made.alpn = {"h2"};
    return made;
  }

  [[nodiscard]] tls::ClientOptions client_options() const {
    tls::ClientOptions made = Credentials::shared().client_options();
    made.certificate = credential_.certificate.get();
    made.key = credential_.key.get();
    made.alpn = {"h2"};
    return made;
  }

  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override {
    client_->tls_failed(peer, failure);
  }

  certs::Credential credential_;

 public:
  // What the engines use outlives the host, which holds them.
  ManualClock clock;
  mock::Ledger ledger;
  mock::World world;
  mock::ProviderApi api;

 private:
  tls::Context server_context_;
  tls::Context client_context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_ = tls::make_scratch(1);

 public:
  MemoryHost host;
  test::RecordingSink sink;
  Http2ClientOptions options;

 private:
  std::unique_ptr<Http2Client> client_;
};

INSTANTIATE_TEST_SUITE_P(Http2, Http2ClientAndApi, testing::Bool(),
                         [](const auto& one) { return one.param ? "Tls" : "Plain"; });

TEST_P(Http2ClientAndApi, ThousandsAreAccepted) {
  std::uint64_t ticket = 0;
  const auto send_more = [&] {
    while (ticket < 5000 &&
           client().try_send(notification(ticket + 1), ticket + 1) == SendResult::Queued) {
      ++ticket;
    }
  };
  sink.on_writable = send_more;
  sink.on_outcomes = send_more;
  send_more();
  ASSERT_TRUE(run_until_settled(5000));
  EXPECT_EQ(api.counters().accepted, 5000U);
  EXPECT_EQ(api.counters().violations, 0U);
  std::set<std::string> ids;
  for (const auto& [number, outcome] : sink.by_ticket) {
    EXPECT_EQ(outcome.kind, OutcomeKind::Sent) << number;
    ids.insert(sink.answers.at(number).apns_id);
  }
  EXPECT_THAT(ids, SizeIs(5000));
  EXPECT_EQ(client().stats().connections, 1U);
}

TEST_P(Http2ClientAndApi, RejectionsAreToldAndTheLimitOfOneIsObeyed) {
  for (std::uint64_t ticket = 1; ticket <= 50; ++ticket) {
    Notification one = notification(ticket);
    if (ticket % 5 == 0) {
      one.priority = 7;
    }
    ASSERT_EQ(client().try_send(one, ticket), SendResult::Queued);
  }
  ASSERT_TRUE(run_until_settled(50));
  for (const auto& [ticket, outcome] : sink.by_ticket) {
    EXPECT_EQ(outcome.kind, ticket % 5 == 0 ? OutcomeKind::Rejected : OutcomeKind::Sent) << ticket;
    EXPECT_EQ(sink.answers.at(ticket).reason,
              ticket % 5 == 0 ? std::optional(Reason::BadPriority) : std::nullopt);
  }
  EXPECT_EQ(api.counters().violations, 0U);
  EXPECT_EQ(api.counters().accepted, 40U);
}

TEST_P(Http2ClientAndApi, AnApnsIdComesBackAsItWasSent) {
  Notification one = notification(1);
  one.apns_id = "4084a6e4-9ea8-6d2a-ca49-9a344a152da7";
  one.collapse_id = "score";
  one.expiration = 0;
  ASSERT_EQ(client().try_send(one, 1), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_EQ(sink.answers.at(1).apns_id, one.apns_id);
}

TEST_P(Http2ClientAndApi, AShutDownLosesNothing) {
  std::uint64_t ticket = 0;
  const auto send_more = [&] {
    while (ticket < 2000 &&
           client().try_send(notification(ticket + 1), ticket + 1) == SendResult::Queued) {
      ++ticket;
    }
  };
  sink.on_writable = send_more;
  send_more();
  ASSERT_TRUE(run_until_settled(700));
  api.reset_connections(0, false, host.now());
  client().drain(1min);
  ASSERT_TRUE(host.run_until([this] { return sink.num_drained > 0; }, host.now() + 2min));
  EXPECT_EQ(sink.by_ticket.size(), ticket);
  EXPECT_EQ(api.counters().accepted, ticket);
}

class Http2ClientOfTheOtherEnvironment : public Http2ClientAndApi {
 public:
  Http2ClientOfTheOtherEnvironment() : Http2ClientAndApi(development()) {}

  static certs::ProviderCertificate development() {
    certs::ProviderCertificate wanted =
        certs::ProviderCertificate::universal("com.example.app", "TEAM000001");
    wanted.production = false;
    return wanted;
  }
};

INSTANTIATE_TEST_SUITE_P(Http2, Http2ClientOfTheOtherEnvironment, testing::Bool(),
                         [](const auto& one) { return one.param ? "Tls" : "Plain"; });

TEST_P(Http2ClientOfTheOtherEnvironment, IsStoppedByTheServicesWord) {
  ASSERT_EQ(client().try_send(notification(1), 1), SendResult::Queued);
  ASSERT_TRUE(run_until_settled(1));
  EXPECT_EQ(sink.by_ticket.at(1).kind, OutcomeKind::Rejected);
  EXPECT_EQ(client().try_send(notification(2), 2), SendResult::Stopped);
  EXPECT_THAT(client().last_error(), HasSubstr("BadCertificateEnvironment"));
}

}  // namespace
}  // namespace apns::provider
