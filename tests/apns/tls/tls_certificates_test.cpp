// Who is let in: certificates, dates, issuers, names, and the alerts that say no.
#include <bit>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/auth/certificate_identity.h"
#include "tests/support/credentials.h"
#include "tests/support/tls_pair.h"

namespace apns::tls {

namespace {

using test::Credentials;
using test::FixedClock;
using test::TlsPair;

constexpr std::uint8_t kHandshakeFailure = 40;
constexpr std::uint8_t kBadCertificate = 42;
constexpr std::uint8_t kCertificateExpired = 45;
constexpr std::uint8_t kInternalError = 80;
constexpr std::uint8_t kNoApplicationProtocol = 120;
constexpr std::uint8_t kCertificateUnknown = 46;
constexpr std::uint8_t kUnknownCa = 48;
constexpr std::uint8_t kCertificateRequired = 116;

/// Another authority than that of Credentials, and a provider certificate of its.
const Credentials& strangers() {
  static const Credentials kCredentials;
  return kCredentials;
}

/// As people make them with one call of openssl req: no extensions, its own issuer.
certs::Credential make_self_signed() {
  certs::Credential own{auth::X509Ptr(X509_new()), certs::make_p256_key()};
  X509* certificate = own.certificate.get();
  X509_NAME* name = X509_get_subject_name(certificate);
  const std::string_view text = "self-made";
  test::require(
      X509_set_version(certificate, X509_VERSION_3) == 1 &&
          X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                     std::bit_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()), -1, 0) == 1 &&
          X509_set_issuer_name(certificate, name) == 1 &&
          ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20200101000000Z") == 1 &&
          ASN1_TIME_set_string(X509_getm_notAfter(certificate), "21000101000000Z") == 1 &&
          X509_set_pubkey(certificate, own.key.get()) == 1 &&
          X509_sign(certificate, own.key.get(), EVP_sha256()) > 0,
      "a certificate of its own");
  return own;
}

WorldTime year(int y) {
  return std::chrono::sys_days{std::chrono::year{y} / 6 / 1};
}

class TlsVersions : public testing::TestWithParam<Version> {
 protected:
  [[nodiscard]] static ServerOptions server_options() {
    ServerOptions options = Credentials::shared().server_options();
    options.min_version = options.max_version = GetParam();
    return options;
  }

  /// Runs the handshake and what comes of it.
  static void run(TlsPair& pair) {
    pair.client.probe.out.append(as_bytes("hello"));
    pair.run();
  }

  /// The server refused with `alert`; both sides were told so once, and the server's inner engine
  /// never was.
  static void expect_server_refuses(const TlsPair& pair, std::uint8_t alert) {
    ASSERT_EQ(pair.server.failures.size(), 1U);
    EXPECT_EQ(pair.server.failures[0].alert_sent, alert);
    EXPECT_EQ(pair.server.failures[0].alert_received, std::nullopt);
    EXPECT_TRUE(pair.server.failures[0].during_handshake);
    EXPECT_FALSE(pair.server.probe.is_built);
    EXPECT_EQ(pair.server.closed, Close::FinOnly) << "so that the alert arrives";
    ASSERT_EQ(pair.client.failures.size(), 1U);
    EXPECT_EQ(pair.client.failures[0].alert_received, alert);
    EXPECT_EQ(pair.client.failures[0].alert_sent, std::nullopt);
    if (GetParam() == Version::Tls13) {
      // RFC 8446 section 2: the client is through before the server has seen its certificate.
      EXPECT_FALSE(pair.client.failures[0].during_handshake);
      EXPECT_EQ(pair.client.probe.end, End::Alert);
    } else {
      EXPECT_TRUE(pair.client.failures[0].during_handshake);
      EXPECT_FALSE(pair.client.probe.is_built);
    }
  }

  static void expect_open(const TlsPair& pair) {
    EXPECT_TRUE(pair.server.failures.empty()) << pair.server.failures[0].text;
    EXPECT_TRUE(pair.client.failures.empty()) << pair.client.failures[0].text;
    EXPECT_EQ(pair.server.probe.received, "hello");
  }

  FixedClock clock;
};

INSTANTIATE_TEST_SUITE_P(All, TlsVersions, testing::Values(Version::Tls12, Version::Tls13),
                         [](const auto& row) {
                           return row.param == Version::Tls12 ? "Tls12" : "Tls13";
                         });

TEST_P(TlsVersions, TellTheServerWhoTheProviderIs) {
  const Context server(server_options());
  const Context client(Credentials::shared().client_options());
  TlsPair pair(server, client, clock);
  run(pair);
  expect_open(pair);
  const PeerInfo& peer = pair.server.probe.peer;
  EXPECT_EQ(peer.tls_version, GetParam() == Version::Tls12 ? "TLSv1.2" : "TLSv1.3");
  EXPECT_EQ(pair.client.probe.peer.tls_version, peer.tls_version);
  EXPECT_EQ(peer.sni, "localhost");
  ASSERT_NE(peer.certificate, nullptr);
  EXPECT_EQ(peer.certificate->uid, "com.example.app");
  EXPECT_TRUE(peer.certificate->issued_by_own_ca);
}

TEST_P(TlsVersions, RefuseAMissingCertificateWhereOneIsRequired) {
  const Context server(server_options());
  ClientOptions options = Credentials::shared().client_options();
  options.certificate = nullptr;
  options.key = nullptr;
  const Context client(options);
  TlsPair pair(server, client, clock);
  run(pair);
  expect_server_refuses(pair,
                        GetParam() == Version::Tls12 ? kHandshakeFailure : kCertificateRequired);
  EXPECT_EQ(pair.server.failures[0].text, "the peer sent no certificate");
}

TEST_P(TlsVersions, LetAMissingCertificatePassWhereItIsOptional) {
  for (const auto wanted : {PeerCertificate::Optional, PeerCertificate::Ignored}) {
    ServerOptions options = server_options();
    options.peer_certificate = wanted;
    const Context server(options);
    ClientOptions client_options = Credentials::shared().client_options();
    client_options.certificate = nullptr;
    client_options.key = nullptr;
    const Context client(client_options);
    TlsPair pair(server, client, clock);
    run(pair);
    expect_open(pair);
    EXPECT_EQ(pair.server.probe.peer.certificate, nullptr);
  }
}

TEST_P(TlsVersions, DoNotAskForACertificateThatIsIgnored) {
  ServerOptions options = server_options();
  options.peer_certificate = PeerCertificate::Ignored;
  const Context server(options);
  const Context client(Credentials::shared().client_options());
  TlsPair pair(server, client, clock);
  run(pair);
  expect_open(pair);
  EXPECT_EQ(pair.server.probe.peer.certificate, nullptr);
}

TEST_P(TlsVersions, RefuseAnExpiredCertificateByTheWorldsClock) {
  const Context server(server_options());
  ClientOptions options = Credentials::shared().client_options();
  options.verify_peer = false;  // it would refuse first
  const Context client(options);
  for (const int y : {2020, 2100}) {
    clock.time = year(y);
    TlsPair pair(server, client, clock);
    run(pair);
    expect_open(pair);
  }
  clock.time = year(2150);
  TlsPair pair(server, client, clock);
  run(pair);
  expect_server_refuses(pair, kCertificateExpired);
}

TEST_P(TlsVersions, RefuseACertificateThatIsNotYetValid) {
  const Context server(server_options());
  ClientOptions options = Credentials::shared().client_options();
  options.verify_peer = false;
  const Context client(options);
  clock.time = year(2008);
  TlsPair pair(server, client, clock);
  run(pair);
  expect_server_refuses(pair, kBadCertificate);  // as OpenSSL maps it
}

TEST_P(TlsVersions, RefuseBadDatesAsAnInternalErrorWhereThatIsWanted) {
  ServerOptions wanted = server_options();
  wanted.hides_cause = [](Cause cause) {
    return cause == Cause::Expired || cause == Cause::NotYetValid;
  };
  const Context server(wanted);
  ClientOptions options = Credentials::shared().client_options();
  options.verify_peer = false;
  const Context client(options);
  for (const auto& [y, cause] : {std::pair(2150, Cause::Expired), {2008, Cause::NotYetValid}}) {
    clock.time = year(y);
    TlsPair pair(server, client, clock);
    run(pair);
    expect_server_refuses(pair, kInternalError);
    EXPECT_EQ(pair.server.failures[0].cause, cause) << "ours are told what it was";
  }
  clock.time = year(2025);
  TlsPair pair(server, client, clock);
  run(pair);
  expect_open(pair);
}

TEST_P(TlsVersions, CountDatesOfCertificatesThatAreTakenOnTrust) {
  const Context server(server_options());
  ClientOptions options = strangers().client_options();
  options.verify_peer = false;
  const Context client(options);
  clock.time = year(2150);
  TlsPair pair(server, client, clock);
  run(pair);
  expect_server_refuses(pair, kCertificateExpired);
}

TEST_P(TlsVersions, TakeAnUnknownIssuerOnTrustAndSaySo) {
  const Context server(server_options());
  ClientOptions options = strangers().client_options();
  options.verify_peer = false;
  const Context client(options);
  TlsPair pair(server, client, clock);
  run(pair);
  expect_open(pair);
  ASSERT_NE(pair.server.probe.peer.certificate, nullptr);
  EXPECT_EQ(pair.server.probe.peer.certificate->uid, "com.example.app");
  EXPECT_FALSE(pair.server.probe.peer.certificate->issued_by_own_ca);
}

TEST_P(TlsVersions, TakeASelfSignedCertificateOnTrust) {
  const Context server(server_options());
  const certs::Credential own = make_self_signed();
  ClientOptions options = Credentials::shared().client_options();
  options.certificate = own.certificate.get();
  options.key = own.key.get();
  const Context client(options);
  TlsPair pair(server, client, clock);
  run(pair);
  expect_open(pair);
  ASSERT_NE(pair.server.probe.peer.certificate, nullptr);
  EXPECT_FALSE(pair.server.probe.peer.certificate->issued_by_own_ca);
}

TEST_P(TlsVersions, RefuseAnUnknownIssuerWhenTold) {
  ServerOptions server_with = server_options();
  server_with.trust_unknown_issuers = false;
  const Context server(server_with);
  ClientOptions options = strangers().client_options();
  options.verify_peer = false;
  const Context client(options);
  TlsPair pair(server, client, clock);
  run(pair);
  expect_server_refuses(pair, kUnknownCa);
}

TEST_P(TlsVersions, RefuseAPeerThatTheServiceRefuses) {
  std::size_t num_asked = 0;
  for (const bool known : {true, false}) {
    ServerOptions server_with = server_options();
    server_with.refuse_peer = [&num_asked](const X509* certificate) {
      ++num_asked;
      return certificate != nullptr ? "nobody likes it" : "";
    };
    const Context server(server_with);
    ClientOptions options = (known ? Credentials::shared() : strangers()).client_options();
    options.verify_peer = false;
    const Context client(options);
    TlsPair pair(server, client, clock);
    run(pair);
    expect_server_refuses(pair, kCertificateUnknown);
  }
  EXPECT_EQ(num_asked, 2U);
}

TEST_P(TlsVersions, AskTheServiceOnceAboutAPeerThatIsLetIn) {
  std::size_t num_asked = 0;
  ServerOptions server_with = server_options();
  server_with.refuse_peer = [&num_asked](const X509* /*certificate*/) {
    ++num_asked;
    return "";
  };
  const Context server(server_with);
  const Context client(Credentials::shared().client_options());
  TlsPair pair(server, client, clock);
  run(pair);
  expect_open(pair);
  EXPECT_EQ(num_asked, 1U);
}

struct NameCase {
  const char* server_name;
  const char* sni;  // null: the client refuses the server
};

TEST_P(TlsVersions, ClientVerifiesTheServersName) {
  static constexpr NameCase kCases[] = {
      {"localhost", "localhost"},
      {"gateway.push.apple.com", "gateway.push.apple.com"},
      {"127.0.0.1", ""},
      {"::1", ""},
      {"", ""},  // no name to verify: the chain is
      {"example.com", nullptr},
      {"push.apple.com", nullptr},
      {"127.0.0.2", nullptr},
      {"::2", nullptr},
  };
  const Context server(server_options());
  for (const NameCase& row : kCases) {
    SCOPED_TRACE(row.server_name);
    const Context client(Credentials::shared().client_options(row.server_name));
    TlsPair pair(server, client, clock);
    run(pair);
    if (row.sni != nullptr) {
      expect_open(pair);
      EXPECT_EQ(pair.server.probe.peer.sni, row.sni);
      continue;
    }
    ASSERT_EQ(pair.client.failures.size(), 1U);
    EXPECT_EQ(pair.client.failures[0].alert_sent, kBadCertificate);
    EXPECT_TRUE(pair.client.failures[0].during_handshake);
    EXPECT_THAT(pair.client.failures[0].text, testing::StartsWith("the peer's certificate: "));
    EXPECT_FALSE(pair.client.probe.is_built);
    ASSERT_EQ(pair.server.failures.size(), 1U);
    EXPECT_EQ(pair.server.failures[0].alert_received, kBadCertificate);
    EXPECT_FALSE(pair.server.probe.is_built);
  }
}

TEST_P(TlsVersions, ClientRefusesAServerOfAnUnknownAuthority) {
  const Context server(server_options());
  const Context client(strangers().client_options());
  TlsPair pair(server, client, clock);
  run(pair);
  ASSERT_EQ(pair.client.failures.size(), 1U);
  EXPECT_EQ(pair.client.failures[0].alert_sent, kUnknownCa);
  EXPECT_FALSE(pair.client.probe.is_built);
  EXPECT_EQ(pair.server.failures.at(0).alert_received, kUnknownCa);
}

TEST_P(TlsVersions, ClientVerifiesByTheWorldsClock) {
  const Context server(server_options());
  const Context client(Credentials::shared().client_options());
  clock.time = year(2150);
  TlsPair pair(server, client, clock);
  run(pair);
  ASSERT_EQ(pair.client.failures.size(), 1U);
  EXPECT_EQ(pair.client.failures[0].alert_sent, kCertificateExpired);
}

struct AlpnCase {
  const char* name;
  std::vector<std::string> server;
  std::vector<std::string> client;
  const char* agreed;
};

TEST_P(TlsVersions, AgreeOnAlpnOrDoWithout) {
  const AlpnCase cases[] = {
      {"both", {"h2"}, {"h2"}, "h2"},
      {"the server's order counts", {"b", "a"}, {"a", "b"}, "b"},
      {"none offered", {"h2"}, {}, ""},
      {"none wanted", {}, {"h2"}, ""},
  };
  for (const AlpnCase& row : cases) {
    SCOPED_TRACE(row.name);
    ServerOptions server_with = server_options();
    server_with.alpn = row.server;
    const Context server(server_with);
    ClientOptions client_with = Credentials::shared().client_options();
    client_with.alpn = row.client;
    const Context client(client_with);
    TlsPair pair(server, client, clock);
    run(pair);
    expect_open(pair);
    EXPECT_EQ(pair.server.probe.peer.alpn, row.agreed);
    EXPECT_EQ(pair.client.probe.peer.alpn, row.agreed);
  }
}

// RFC 7301 section 3.2.
TEST_P(TlsVersions, NothingInCommonByAlpnIsAlert120) {
  ServerOptions server_with = server_options();
  server_with.alpn = {"h2"};
  const Context server(server_with);
  ClientOptions client_with = Credentials::shared().client_options();
  client_with.alpn = {"http/1.1", "h2c"};
  const Context client(client_with);
  TlsPair pair(server, client, clock);
  run(pair);
  ASSERT_EQ(pair.server.failures.size(), 1U);
  EXPECT_EQ(pair.server.failures[0].alert_sent, kNoApplicationProtocol);
  EXPECT_EQ(pair.server.failures[0].cause, Cause::NoCommonProtocol);
  ASSERT_EQ(pair.client.failures.size(), 1U);
  EXPECT_EQ(pair.client.failures[0].alert_received, kNoApplicationProtocol);
  EXPECT_FALSE(pair.server.probe.is_built);
}

TEST(TlsVersionsMismatch, IsAFailureOnBothSides) {
  ServerOptions server_with = Credentials::shared().server_options();
  server_with.max_version = Version::Tls12;
  const Context server(server_with);
  ClientOptions client_with = Credentials::shared().client_options();
  client_with.min_version = Version::Tls13;
  const Context client(client_with);
  const FixedClock clock;
  TlsPair pair(server, client, clock);
  pair.run();
  constexpr std::uint8_t kProtocolVersion = 70;
  ASSERT_EQ(pair.server.failures.size(), 1U);
  EXPECT_EQ(pair.server.failures[0].alert_sent, kProtocolVersion);
  ASSERT_EQ(pair.client.failures.size(), 1U);
  EXPECT_EQ(pair.client.failures[0].alert_received, kProtocolVersion);
}

}  // namespace

}  // namespace apns::tls
