// What a server refuses: revoked certificates, old versions, and what its observer orders.
#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/broken_twins.h"
#include "tests/support/credentials.h"
#include "tests/support/tls_pair.h"

namespace apns::tls {

namespace {

using test::Credentials;
using test::FixedClock;
using test::TlsPair;

constexpr std::uint8_t kCertificateRevoked = 44;
constexpr std::uint8_t kCertificateExpired = 45;
constexpr std::uint8_t kUnknownCa = 48;
constexpr std::uint8_t kProtocolVersion = 70;

const char* version_name(Version version) {
  switch (version) {
    case Version::Tls10:
      return "TLSv1";
    case Version::Tls11:
      return "TLSv1.1";
    case Version::Tls12:
      return "TLSv1.2";
    case Version::Tls13:
      break;
  }
  return "TLSv1.3";
}

certs::Credential make_revoked(const Credentials& by) {
  auto wanted = certs::ProviderCertificate::universal("com.example.app", "TEAM000001");
  wanted.revoked = true;
  return by.factory.make_provider(wanted);
}

ClientOptions client_with(const certs::Credential& provider) {
  ClientOptions options = Credentials::shared().client_options();
  options.certificate = provider.certificate.get();
  options.key = provider.key.get();
  return options;
}

class TlsRefusals : public testing::Test {
 protected:
  /// Runs a handshake and what the client says behind it.
  std::unique_ptr<TlsPair> talk(const ServerOptions& server, const ClientOptions& client) {
    server_context.emplace(server);
    client_context.emplace(client);
    auto pair = std::make_unique<TlsPair>(*server_context, *client_context, clock);
    pair->client.probe.out.append(as_bytes("hello"));
    pair->run();
    return pair;
  }

  FixedClock clock;
  std::optional<Context> server_context;
  std::optional<Context> client_context;
};

TEST_F(TlsRefusals, RevokedCertificateDrawsAlert44) {
  const certs::Credential revoked = make_revoked(Credentials::shared());
  for (const Version version : {Version::Tls12, Version::Tls13}) {
    ServerOptions server = Credentials::shared().server_options();
    server.max_version = version;
    const auto pair = talk(server, client_with(revoked));
    ASSERT_EQ(pair->server.failures.size(), 1U);
    EXPECT_EQ(pair->server.failures[0].alert_sent, kCertificateRevoked);
    EXPECT_EQ(pair->server.failures[0].cause, Cause::Revoked);
    EXPECT_EQ(pair->server.failures[0].text, "the peer's certificate is revoked");
    ASSERT_EQ(pair->client.failures.size(), 1U);
    EXPECT_EQ(pair->client.failures[0].alert_received, kCertificateRevoked);
  }
}

TEST_F(TlsRefusals, WithoutAListNothingIsRevoked) {
  const certs::Credential revoked = make_revoked(Credentials::shared());
  ServerOptions server = Credentials::shared().server_options();
  server.crls.clear();
  EXPECT_EQ(talk(server, client_with(revoked))->server.probe.received, "hello");

  const Credentials other;
  server.crls = {other.crl.get()};
  server.authorities.push_back(other.factory.authority().certificate.get());
  EXPECT_EQ(talk(server, client_with(other.provider))->server.probe.received, "hello");
  const certs::Credential revoked_there = make_revoked(other);
  const auto pair = talk(server, client_with(revoked_there));
  ASSERT_EQ(pair->server.failures.size(), 1U);
  EXPECT_EQ(pair->server.failures[0].alert_sent, kCertificateRevoked);
}

TEST_F(TlsRefusals, AuthorityWithoutAListBesideOneWithAListRevokesNothing) {
  certs::CertificateFactory other(certs::make_p256_key(), "Another Root CA");
  const certs::Credential provider = other.make_provider(certs::ProviderCertificate());
  ServerOptions server = Credentials::shared().server_options();
  server.trust_unknown_issuers = false;
  server.authorities.push_back(other.authority().certificate.get());
  const auto pair = talk(server, client_with(provider));
  EXPECT_EQ(pair->server.probe.received, "hello");
  ASSERT_NE(pair->server.probe.peer.certificate, nullptr);
  EXPECT_TRUE(pair->server.probe.peer.certificate->issued_by_own_ca);
}

TEST_F(TlsRefusals, ListSaysNothingAboutAnUnknownIssuerOfTheSameName) {
  const Credentials stranger;  // its authority is called like ours
  const certs::Credential revoked = make_revoked(stranger);
  ServerOptions server = Credentials::shared().server_options();
  const auto open = talk(server, client_with(revoked));
  EXPECT_EQ(open->server.probe.received, "hello");
  ASSERT_NE(open->server.probe.peer.certificate, nullptr);
  EXPECT_FALSE(open->server.probe.peer.certificate->issued_by_own_ca);

  server.trust_unknown_issuers = false;
  const auto strict = talk(server, client_with(revoked));
  ASSERT_EQ(strict->server.failures.size(), 1U);
  EXPECT_EQ(strict->server.failures[0].alert_sent, kUnknownCa);
  EXPECT_EQ(strict->server.failures[0].cause, Cause::UnknownIssuer);
  EXPECT_EQ(strict->server.failures[0].text,
            "the peer's certificate was issued by \"CN = apnslab Root CA\", which is not trusted "
            "here");
}

TEST_F(TlsRefusals, DatesOfTheListDoNotCount) {
  const auto past_the_list = std::chrono::sys_days{std::chrono::year{2121} / 1 / 1};
  auto wanted = certs::ProviderCertificate::universal("com.example.app", "TEAM000001");
  wanted.not_after = "21991231235959Z";
  const certs::CertificateFactory& factory = Credentials::shared().factory;
  const certs::Credential lasting = factory.make_provider(wanted);
  ClientOptions client = client_with(lasting);
  client.verify_peer = false;
  clock.time = past_the_list;
  const auto pair = talk(Credentials::shared().server_options(), client);
  ASSERT_EQ(pair->server.failures.size(), 1U) << "its authority has ended";
  EXPECT_EQ(pair->server.failures[0].alert_sent, kCertificateExpired);
  EXPECT_EQ(pair->server.failures[0].text,
            "a certificate above the peer's ended on 2119-12-31, and it is 2121-01-01");
}

TEST_F(TlsRefusals, TextSaysWhichDateIsWrong) {
  struct Row {
    const char* twin;
    Cause cause;
    const char* text;
  };

  const Row rows[] = {
      {"expired", Cause::Expired,
       "the peer's certificate ended on 2012-12-31, and it is 2025-01-01"},
      {"not-yet-valid", Cause::NotYetValid,
       "the peer's certificate begins on 2119-01-01, and it is 2025-01-01"},
  };
  for (const Row& row : rows) {
    certs::ProviderCertificate wanted;
    certs::find_broken_twin(row.twin)->spoil(wanted);
    const certs::Credential made = Credentials::shared().factory.make_provider(wanted);
    const auto pair = talk(Credentials::shared().server_options(), client_with(made));
    ASSERT_EQ(pair->server.failures.size(), 1U) << row.twin;
    EXPECT_EQ(pair->server.failures[0].cause, row.cause);
    EXPECT_EQ(pair->server.failures[0].text, row.text);
  }
}

TEST_F(TlsRefusals, IssuersNamesAreFitForALog) {
  const certs::CertificateFactory other(certs::make_p256_key(),
                                        "evil\nCA \xC3\xA4" + std::string(500, 'x'));
  const certs::Credential provider = other.make_provider(certs::ProviderCertificate());
  ServerOptions server = Credentials::shared().server_options();
  server.trust_unknown_issuers = false;
  const auto pair = talk(server, client_with(provider));
  ASSERT_EQ(pair->server.failures.size(), 1U);
  const std::string& text = pair->server.failures[0].text;
  EXPECT_THAT(text, testing::HasSubstr("CN = evil\\0ACA \\C3\\A4xxx"));
  EXPECT_LT(text.size(), 300U);
}

class TlsOldVersions : public testing::TestWithParam<Version> {};

INSTANTIATE_TEST_SUITE_P(All, TlsOldVersions, testing::Values(Version::Tls10, Version::Tls11),
                         [](const auto& row) {
                           return row.param == Version::Tls10 ? "Tls10" : "Tls11";
                         });

/// Rule tls/older-version-is-alert-70.
TEST_P(TlsOldVersions, ConnectWhereTheyAreAllowedElseDrawAlert70) {
  ClientOptions client_options = Credentials::shared().client_options();
  client_options.min_version = client_options.max_version = GetParam();
  const Context client(client_options);
  const FixedClock clock;
  for (const Version lowest : {Version::Tls10, Version::Tls11, Version::Tls12}) {
    ServerOptions options = Credentials::shared().server_options();
    options.min_version = lowest;
    const Context server(options);
    TlsPair pair(server, client, clock);
    pair.client.probe.out.append(as_bytes("hello"));
    pair.run();
    if (lowest <= GetParam()) {
      EXPECT_TRUE(pair.server.failures.empty()) << pair.server.failures[0].text;
      EXPECT_EQ(pair.server.probe.received, "hello");
      EXPECT_EQ(pair.server.probe.peer.tls_version, version_name(GetParam()));
      ASSERT_NE(pair.server.probe.peer.certificate, nullptr);
      EXPECT_TRUE(pair.server.probe.peer.certificate->issued_by_own_ca);
    } else {
      ASSERT_EQ(pair.server.failures.size(), 1U);
      EXPECT_EQ(pair.server.failures[0].alert_sent, kProtocolVersion);
      ASSERT_EQ(pair.client.failures.size(), 1U);
      EXPECT_EQ(pair.client.failures[0].alert_received, kProtocolVersion);
    }
  }
}

TEST_P(TlsOldVersions, AreNotSpokenWithWhoCanDoBetter) {
  ServerOptions options = Credentials::shared().server_options();
  options.min_version = GetParam();
  const Context server(options);
  const Context client(Credentials::shared().client_options());
  const FixedClock clock;
  TlsPair pair(server, client, clock);
  pair.run();
  EXPECT_EQ(pair.server.probe.peer.tls_version, "TLSv1.2");
}

class TlsOrderedAlerts : public testing::TestWithParam<Version> {
 protected:
  TlsOrderedAlerts() {
    ServerOptions server = Credentials::shared().server_options();
    server.min_version = Version::Tls10;
    server.max_version = Version::Tls13;
    server_context.emplace(server);
    ClientOptions client = Credentials::shared().client_options();
    client.min_version = client.max_version = GetParam();
    client_context.emplace(client);
  }

  FixedClock clock;
  std::optional<Context> server_context;
  std::optional<Context> client_context;
};

INSTANTIATE_TEST_SUITE_P(All, TlsOrderedAlerts,
                         testing::Values(Version::Tls10, Version::Tls11, Version::Tls12,
                                         Version::Tls13),
                         [](const auto& row) {
                           std::string name = version_name(row.param);
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

TEST_P(TlsOrderedAlerts, AnyNumberArrivesInPlaceOfTheServerHello) {
  for (unsigned alert = 0; alert <= UINT8_MAX; ++alert) {
    TlsPair pair(*server_context, *client_context, clock);
    pair.server.ordered_alert = static_cast<std::uint8_t>(alert);
    pair.run();
    const std::string version = GetParam() == Version::Tls10   ? "01"
                                : GetParam() == Version::Tls11 ? "02"
                                                               : "03";
    EXPECT_EQ(to_hex(pair.server.wire),
              "1503" + version + "000202" + to_hex(std::as_bytes(std::span(&alert, 1)).first(1)));
    ASSERT_EQ(pair.server.failures.size(), 1U);
    EXPECT_EQ(pair.server.failures[0].alert_sent, alert);
    EXPECT_EQ(pair.server.failures[0].cause, Cause::Ordered);
    EXPECT_TRUE(pair.server.failures[0].during_handshake);
    EXPECT_EQ(pair.server.closed, Close::FinOnly);
    EXPECT_FALSE(pair.server.probe.is_built);
    ASSERT_EQ(pair.client.failures.size(), 1U) << alert;
    EXPECT_EQ(pair.client.failures[0].alert_received, alert);
    EXPECT_FALSE(pair.client.probe.is_built);
  }
}

TEST_P(TlsOrderedAlerts, AreAskedForWhenTheClientHelloIsWhole) {
  const test::TlsEnd client(*client_context, clock, {}, TimePoint{});
  test::TlsEnd server(*server_context, clock, {}, TimePoint{});
  server.ordered_alert = 80;
  const ByteView hello = client.engine->pending();
  for (std::size_t i = 0; i < hello.size(); ++i) {
    EXPECT_EQ(server.num_asked, 0U) << "before byte " << i;
    EXPECT_EQ(server.engine->feed(hello.subspan(i, 1), TimePoint{}), 1U);
  }
  EXPECT_EQ(server.num_asked, 1U);
  EXPECT_EQ(server.engine->close(), Close::FinOnly);
}

TEST_P(TlsOrderedAlerts, AreAskedForOncePerConnection) {
  TlsPair pair(*server_context, *client_context, clock);
  pair.client.probe.out.append(as_bytes("hello"));
  pair.run();
  EXPECT_EQ(pair.server.num_asked, 1U);
  EXPECT_EQ(pair.client.num_asked, 0U);
  EXPECT_EQ(pair.server.probe.received, "hello");
}

TEST_F(TlsRefusals, ASecondClientHelloIsNotAskedAbout) {
  ServerOptions options = Credentials::shared().server_options();
  options.max_version = Version::Tls13;
  const Context server(options);
  std::string group = "P-384";  // the client guesses another: RFC 8446 section 4.1.4
  ASSERT_EQ(SSL_CTX_ctrl(server.handle(), SSL_CTRL_SET_GROUPS_LIST, 0, group.data()), 1);
  const Context client(Credentials::shared().client_options());
  TlsPair pair(server, client, clock);
  pair.client.probe.out.append(as_bytes("hello"));
  pair.run();
  EXPECT_EQ(pair.server.num_asked, 1U);
  EXPECT_EQ(pair.server.probe.received, "hello");
  const std::vector<test::TlsRecord> records = test::parse_records(pair.client.wire);
  EXPECT_GE(std::count_if(records.begin(), records.end(),
                          [](const test::TlsRecord& record) {
                            return record.type == test::kHandshakeRecord;
                          }),
            2)
      << "two ClientHellos";
}

TEST_P(TlsOrderedAlerts, AreNotAskedForWithoutAHello) {
  test::TlsEnd server(*server_context, clock, {}, TimePoint{});
  server.ordered_alert = 80;
  EXPECT_EQ(server.engine->feed(as_bytes("GET / HTTP/1.1\r\n\r\n"), TimePoint{}), 18U);
  EXPECT_EQ(server.num_asked, 0U);
  ASSERT_EQ(server.failures.size(), 1U);
  EXPECT_EQ(server.failures[0].cause, Cause::NotTls);
}

}  // namespace

}  // namespace apns::tls
