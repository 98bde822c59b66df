// What refuses the client below HTTP/2, or the client it: certificates, ALPN, and what is no TLS.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "provider/http2_client.h"
#include "tests/provider/recording_sink.h"
#include "tests/support/checked_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/probe_engine.h"
#include "tests/support/scripted_api.h"

namespace apns::provider {
namespace {

using apns::test::Credentials;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using tls::Version;
using namespace std::chrono_literals;

constexpr std::uint8_t kInternalError = 80;

/// A certificate for com.example.app that is no good, or is by a CA that nobody knows.
certs::Credential bad_certificate(const std::function<void(certs::ProviderCertificate&)>& spoil) {
  certs::ProviderCertificate wanted =
      certs::ProviderCertificate::universal("com.example.app", "TEAM000001");
  spoil(wanted);
  return Credentials::shared().factory.make_provider(wanted);
}

const certs::CertificateFactory& stranger() {
  static const certs::CertificateFactory kFactory;
  return kFactory;
}

/// A client and a service with a TLS engine each. What each side is like is told before start().
class TlsWorld : private tls::Observer {
 public:
  explicit TlsWorld(Version version) : host(clock, 7) {
    server.min_version = server.max_version = version;
    host.set_links([this](std::uint64_t /*connection*/) {
      dialled_at.push_back(host.now());
      return LinkOptions{};
    });
    server.alpn = {"h2"};
    client.alpn = {"h2"};
    options.dial.max_attempts = 4;
  }

  ~TlsWorld() override {
    if (client_) {
      client_->release_dialer();
    }
  }

  Http2Client& start() {
    server_context_ = std::make_unique<tls::Context>(server);
    client_context_ = std::make_unique<tls::Context>(client);
    api.transport = tls::make_transport(*server_context_, clock, scratch_, &service_, {});
    api.listen(host);
    options.service = api.at;
    client_ = std::make_unique<Http2Client>(
        options,
        apns::test::checked(tls::make_transport(*client_context_, clock, scratch_, this, {})),
        sink);
    client_->use_dialer(host.make_dialer(*client_));
    return *client_;
  }

  /// Three notifications, until each has its outcome.
  void send_three() {
    for (std::uint64_t ticket = 1; ticket <= 3; ++ticket) {
      ASSERT_EQ(client_->try_send(notification(), ticket), SendResult::Queued);
    }
    ASSERT_TRUE(host.run_until([this] { return sink.lines.size() == 3; }, host.now() + 2min));
  }

  /// Nothing left, nothing is tried again, and why is said.
  void expect_stopped(const std::string& why) {
    EXPECT_THAT(sink.lines, Each(EndsWith(" rejected: never left")));
    EXPECT_EQ(client_->try_send(notification(), 4), SendResult::Stopped);
    host.run_for(1h);
    EXPECT_THAT(dialled_at, SizeIs(1));
    EXPECT_THAT(client_->last_error(), HasSubstr(why));
    EXPECT_THAT(api.requests, SizeIs(0));
  }

  [[nodiscard]] const std::string& client_last_error() const { return client_->last_error(); }

  [[nodiscard]] static Notification notification() {
    return Notification{.device_token = *DeviceToken::parse("a1b2"), .payload = "{}"};
  }

  /// The service's side: alerts in place of its ServerHello.
  class Service final : public tls::Observer {
   public:
    void tls_failed(const PeerInfo& /*peer*/, const tls::Failure& failure) override {
      failures.push_back(failure);
    }

    std::optional<std::uint8_t> refuse_handshake(const PeerInfo& /*peer*/,
                                                 TimePoint /*now*/) override {
      return num_to_refuse-- > 0 ? std::optional(kInternalError) : std::nullopt;
    }

    int num_to_refuse = 0;
    std::vector<tls::Failure> failures;
  };

  ManualClock clock;
  test::RecordingSink sink;
  apns::test::ScriptedApi api;
  Service service_;
  MemoryHost host;
  tls::ServerOptions server = Credentials::shared().server_options();
  tls::ClientOptions client = Credentials::shared().client_options();
  Http2ClientOptions options;
  std::vector<TimePoint> dialled_at;

 private:
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override {
    client_->tls_failed(peer, failure);
  }

  std::unique_ptr<tls::Context> server_context_;
  std::unique_ptr<tls::Context> client_context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_ = tls::make_scratch(1);
  std::unique_ptr<Http2Client> client_;
};

class Http2ClientTls : public testing::TestWithParam<Version>, public TlsWorld {
 public:
  Http2ClientTls() : TlsWorld(GetParam()) {}
};

INSTANTIATE_TEST_SUITE_P(Versions, Http2ClientTls, testing::Values(Version::Tls12, Version::Tls13),
                         [](const auto& one) {
                           return one.param == Version::Tls12 ? "Tls12" : "Tls13";
                         });

struct RefusedCase {
  const char* alert;
  std::function<certs::Credential()> certificate;
  std::function<void(tls::ServerOptions&)> service;
};

// Field report K155, jchambers/pushy#609: in TLS 1.3 the alert comes behind the client's
// Finished, when it already counts as connected.
TEST_P(Http2ClientTls, ACertificateThatIsRefusedStopsTheClient) {
  const auto leave = [](tls::ServerOptions& /*options*/) {};
  const std::vector<RefusedCase> cases = {
      {"certificate_revoked",
       [] { return bad_certificate([](auto& wanted) { wanted.revoked = true; }); }, leave},
      {"certificate_expired",
       [] { return bad_certificate([](auto& wanted) { wanted.not_after = "20121231000000Z"; }); },
       leave},
      {"bad_certificate",
       [] { return bad_certificate([](auto& wanted) { wanted.not_before = "20300101000000Z"; }); },
       leave},
      {"unknown_ca", [] { return stranger().make_provider({}); },
       [](tls::ServerOptions& of) { of.trust_unknown_issuers = false; }},
      {"certificate_unknown", [] { return bad_certificate([](auto& /*wanted*/) {}); },
       [](tls::ServerOptions& of) {
         of.refuse_peer = [](const X509* /*certificate*/) { return "not this one"; };
       }},
      {GetParam() == Version::Tls12 ? "handshake_failure" : "certificate_required",
       [] { return certs::Credential(); }, leave},
  };
  for (const RefusedCase& row : cases) {
    SCOPED_TRACE(row.alert);
    const certs::Credential shown = row.certificate();
    TlsWorld world(GetParam());
    world.client.certificate = shown.certificate.get();
    world.client.key = shown.key.get();
    row.service(world.server);
    world.start();
    world.send_three();
    world.expect_stopped("the service refused our certificate (alert " + std::string(row.alert) +
                         "). Use a certificate of this environment that has neither expired nor "
                         "been revoked.");
  }
}

// Field report K157, jchambers/pushy#1093. The service's CA changes: who trusts both goes on, who
// does not is told.
TEST_P(Http2ClientTls, AServiceThatIsNotTrustedStopsTheClient) {
  client.authorities = {stranger().authority().certificate.get()};
  start();
  send_three();
  expect_stopped("we refused the service's certificate (unknown_ca): ");
}

TEST_P(Http2ClientTls, TwoAuthoritiesAreTrustedAtOnce) {
  client.authorities.push_back(stranger().authority().certificate.get());
  for (const bool changed : {false, true}) {
    TlsWorld world(GetParam());
    world.client.authorities = client.authorities;
    const certs::Credential next = stranger().make_server();
    if (changed) {
      world.server.certificate = next.certificate.get();
      world.server.key = next.key.get();
    }
    world.start();
    world.send_three();
    EXPECT_THAT(world.sink.lines, ElementsAre("1 sent", "2 sent", "3 sent"));
  }
}

TEST_P(Http2ClientTls, AServiceOfAnotherNameStopsTheClient) {
  client.server_name = "api.example.com";
  start();
  send_three();
  expect_stopped("we refused the service's certificate (bad_certificate): ");
}

// Field report K161, jazzband/django-push-notifications#355: internal_error, which a service in
// trouble says as well.
TEST_P(Http2ClientTls, AnInternalErrorIsToldAndTriedAgainLater) {
  service_.num_to_refuse = 2;
  start();
  send_three();
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent"));
  ASSERT_THAT(dialled_at, SizeIs(3));
  EXPECT_GE(dialled_at[1] - dialled_at[0], 50ms);
  EXPECT_GE(dialled_at[2] - dialled_at[1], 100ms);
  EXPECT_THAT(client_last_error(), HasSubstr("internal error"));
}

TEST_P(Http2ClientTls, AnInternalErrorThatStaysIsSaid) {
  service_.num_to_refuse = 1000;
  start();
  send_three();
  EXPECT_THAT(sink.lines, Each(EndsWith(" rejected: never left")));
  EXPECT_THAT(dialled_at, SizeIs(4));
  EXPECT_THAT(client_last_error(), HasSubstr("internal error"));
}

// Field report K159, CleverTap/apns-http2#35: a client that goes on without.
TEST_P(Http2ClientTls, AServiceWithoutAlpnIsRefusedAndTriedLater) {
  server.alpn = {};
  start();
  send_three();
  EXPECT_THAT(sink.lines, Each(EndsWith(" rejected: never left")));
  EXPECT_THAT(dialled_at, SizeIs(4));
  EXPECT_THAT(client_last_error(),
              EndsWith(" did not choose \"h2\" by ALPN: it is no HTTP/2 service"));
  EXPECT_THAT(api.requests, SizeIs(0));
}

TEST_P(Http2ClientTls, AServiceOfHttp1AloneIsSaidSo) {
  server.alpn = {"http/1.1"};
  start();
  send_three();
  EXPECT_THAT(sink.lines, Each(EndsWith(" rejected: never left")));
  EXPECT_THAT(client_last_error(), HasSubstr("no application protocol"));
}

// Field report K161, Pr0Ger/PyAPNs2#24: a service that refuses whoever says no name.
TEST_P(Http2ClientTls, TheServicesNameIsTold) {
  std::string sni;
  start();
  api.transport = [inner = api.transport, &sni](const PeerInfo& peer, EngineHost& engine_host,
                                                EngineFactory factory, TimePoint now) {
    return inner(
        peer, engine_host,
        [factory = std::move(factory), &sni](const PeerInfo& known, EngineHost& known_host,
                                             TimePoint when) {
          sni = known.sni;
          return factory(known, known_host, when);
        },
        now);
  };
  send_three();
  EXPECT_EQ(sni, "localhost");
}

// Field report K162, rpush/rpush#103: closed right behind the handshake, without a word, for a
// wrong certificate say.
TEST_P(Http2ClientTls, ACloseBehindTheHandshakeIsNotMetWithHaste) {
  start();
  std::vector<std::unique_ptr<apns::test::Probe>> closing;
  api.transport = [inner = api.transport, &closing](const PeerInfo& peer, EngineHost& engine_host,
                                                    const EngineFactory& /*factory*/,
                                                    TimePoint now) {
    return inner(
        peer, engine_host,
        [&closing](const PeerInfo& known, EngineHost& known_host, TimePoint /*when*/) {
          closing.push_back(std::make_unique<apns::test::Probe>());
          closing.back()->close = Close::FinOnly;
          return std::make_unique<apns::test::ProbeEngine>(*closing.back(), known, known_host);
        },
        now);
  };
  send_three();
  EXPECT_THAT(sink.lines, Each(EndsWith(" rejected: never left")));
  EXPECT_THAT(closing, SizeIs(4));
  EXPECT_GE(dialled_at[3] - dialled_at[0], 350ms);
  EXPECT_THAT(client_last_error(), EndsWith(" ended the connection without a word"));
}

// Field report K158, jchambers/pushy#1019: what is no TLS at all, for as long as an outage lasts.
TEST_P(Http2ClientTls, WhatIsNoTlsIsTriedAgainLater) {
  start();
  std::vector<std::unique_ptr<apns::test::Probe>> plain;
  api.transport = [inner = api.transport, &plain](const PeerInfo& peer, EngineHost& engine_host,
                                                  EngineFactory factory,
                                                  TimePoint now) -> std::unique_ptr<Engine> {
    if (plain.size() == 2) {
      return inner(peer, engine_host, std::move(factory), now);
    }
    plain.push_back(std::make_unique<apns::test::Probe>());
    plain.back()->out.append(as_bytes("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
    return std::make_unique<apns::test::ProbeEngine>(*plain.back(), peer, engine_host);
  };
  send_three();
  EXPECT_THAT(sink.lines, ElementsAre("1 sent", "2 sent", "3 sent"));
  EXPECT_THAT(dialled_at, SizeIs(3));
  EXPECT_THAT(client_last_error(), HasSubstr("these bytes are not TLS"));
}

}  // namespace
}  // namespace apns::provider
