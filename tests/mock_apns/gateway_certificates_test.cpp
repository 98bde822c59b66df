// Which certificates a gateway lets in: every broken twin, in memory, with TLS.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/broken_twins.h"
#include "mock_apns/gateway.h"
#include "mock_apns/gateway_tls.h"
#include "mock_apns/world/world.h"
#include "tests/support/binary_frames.h"
#include "tests/support/certificate_kinds.h"
#include "tests/support/tls_pair.h"

namespace apns::mock {
namespace {

using test::credentials;
using test::make_certificate;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kLetIn = -1;

/// What each gateway answers a certificate with: an alert, or kLetIn.
struct Row {
  const char* kind;  // "none", a sound kind, or a broken twin's name
  int production_open;
  int production_strict;
  int development_open;
  int development_strict;
  const char* rule;    // of the catalogue
  const char* detail;  // of the ledger, where it is refused
  const char* remedy;  // in the log
};

constexpr const char* kForDevelopment =
    "the certificate is for the development environment only, and this is the production gateway";
constexpr const char* kForProduction =
    "the certificate is for the production environment only, and this is the development gateway";
constexpr const char* kOtherGateway =
    "Use the gateway of the other environment, or a certificate for both: apnslab certs --out DIR "
    "makes one.";

const Row kRows[] = {
    {"none", 40, 40, 40, 40, "tls/missing-certificate-is-alert-40", "the peer sent no certificate",
     "Give it cert.pem and key.pem"},
    {"universal", kLetIn, kLetIn, kLetIn, kLetIn, "tls/certificate-selects-the-topic", "", ""},
    {"production", kLetIn, kLetIn, 46, 46, "tls/other-environment-is-alert-46", kForProduction,
     kOtherGateway},
    {"development", 46, 46, kLetIn, kLetIn, "tls/other-environment-is-alert-46", kForDevelopment,
     kOtherGateway},
    {"expired", 45, 45, 45, 45, "tls/expired-certificate-is-alert-45",
     "the peer's certificate ended on 2012-12-31, and it is 2025-01-01",
     "Renew it: apnslab certs --out DIR makes one that is valid until 2119."},
    {"not-yet-valid", 42, 42, 42, 42, "tls/not-yet-valid-certificate-is-alert-42",
     "the peer's certificate begins on 2119-01-01, and it is 2025-01-01",
     "Check the clock of who issued it"},
    {"revoked", 44, 44, 44, 44, "tls/revoked-certificate-is-alert-44",
     "the peer's certificate is revoked", "Have another issued"},
    {"other-environment", 46, 46, kLetIn, kLetIn, "tls/other-environment-is-alert-46",
     kForDevelopment, kOtherGateway},
    {"other-topic", kLetIn, kLetIn, kLetIn, kLetIn, "tls/certificate-selects-the-topic", "", ""},
    {"no-topic", kLetIn, kLetIn, kLetIn, kLetIn, "tls/certificate-selects-the-topic", "", ""},
    {"long-topic", kLetIn, kLetIn, kLetIn, kLetIn, "tls/certificate-selects-the-topic", "", ""},
    {"unknown-ca", kLetIn, 48, kLetIn, 48, "tls/unknown-issuer-is-alert-48",
     "the peer's certificate was issued by \"CN = Unknown Root CA\", which is not trusted here",
     "Have it issued by the authority of ca.pem"},
};

/// A provider that sends one bad notification to a gateway over TLS, with nothing between them.
class Visit final : private EngineHost {
 public:
  Visit(const GatewayTls& tls, const certs::Credential& provider)
      : server_context_(gateway_tls_options(credentials(), tls)),
        client_context_(client_options(provider)),
        world_(WorldOptions{.open = tls.open_world}, clock, &ledger),
        gateway_(GatewayOptions{.environment = tls.environment, .world = &world_}, clock, &ledger,
                 nullptr,
                 [this](const GatewayProblem& problem) { problems.push_back(problem.text); }) {
    gateway_.use_tls(server_context_);
    client.emplace(client_context_, clock, tls::TlsEngine::Options{}, TimePoint{});
    client->probe.out.append(test::framed_bad(7));
    PeerInfo peer;
    peer.connection = 1;
    const auto server = gateway_.accepted(peer, *this, TimePoint{});
    while (carry(*client->engine, *server) || carry(*server, *client->engine)) {
    }
  }

  test::FixedClock clock;
  Ledger ledger{Ledger::Options{}};
  std::vector<std::string> problems;
  std::optional<test::TlsEnd> client;

 private:
  static tls::ClientOptions client_options(const certs::Credential& provider) {
    tls::ClientOptions made;
    made.certificate = provider.certificate.get();
    made.key = provider.key.get();
    made.authorities = {credentials().authority.certificate.get()};
    made.server_name = "gateway.push.apple.com";
    made.max_version = tls::Version::Tls12;
    return made;
  }

  static bool carry(Engine& from, Engine& to) {
    const Bytes bytes(from.pending().begin(), from.pending().end());
    if (bytes.empty()) {
      return false;
    }
    from.sent(bytes.size(), TimePoint{});
    if (to.close() == Close::None) {
      EXPECT_EQ(to.feed(bytes, TimePoint{}), bytes.size());
    }
    return true;
  }

  void wake(Engine& /*engine*/) override {}

  tls::Context server_context_;
  tls::Context client_context_;
  World world_;
  Gateway gateway_;
};

using Param = std::tuple<Row, Environment, bool>;

class GatewayCertificates : public testing::TestWithParam<Param> {};

INSTANTIATE_TEST_SUITE_P(
    All, GatewayCertificates,
    testing::Combine(testing::ValuesIn(kRows),
                     testing::Values(Environment::Production, Environment::Development),
                     testing::Bool()),
    [](const auto& row) {
      std::string name = std::get<0>(row.param).kind;
      std::replace(name.begin(), name.end(), '-', '_');
      name += std::get<1>(row.param) == Environment::Production ? "_Production" : "_Development";
      return name + (std::get<2>(row.param) ? "_Open" : "_Strict");
    });

TEST_P(GatewayCertificates, AreLetInOrDrawTheirAlert) {
  const auto& [row, environment, is_open] = GetParam();
  SCOPED_TRACE(row.rule);
  const bool is_production = environment == Environment::Production;
  const int expected = is_production ? (is_open ? row.production_open : row.production_strict)
                                     : (is_open ? row.development_open : row.development_strict);
  const certs::Credential provider = make_certificate(row.kind);
  const Visit visit(GatewayTls{.environment = environment, .open_world = is_open}, provider);
  const std::vector<LedgerEvent> story = visit.ledger.snapshot();
  if (expected == kLetIn) {
    EXPECT_EQ(to_hex(as_bytes(visit.client->probe.received)), "080200000007");
    EXPECT_THAT(visit.problems, IsEmpty());
    ASSERT_FALSE(story.empty());
    EXPECT_EQ(story[0].outcome, EventOutcome::Opened);
    return;
  }
  ASSERT_THAT(visit.client->failures, SizeIs(1));
  EXPECT_EQ(visit.client->failures[0].alert_received, expected);
  ASSERT_THAT(story, SizeIs(1));
  EXPECT_EQ(story[0].outcome, EventOutcome::Refused);
  EXPECT_EQ(story[0].alert, expected);
  EXPECT_EQ(story[0].by, "service");
  EXPECT_EQ(story[0].environment, environment);
  EXPECT_EQ(story[0].detail, row.detail);
  ASSERT_THAT(visit.problems, SizeIs(1));
  EXPECT_THAT(visit.problems[0], HasSubstr(row.remedy));
  if (std::string(row.kind) != "none") {
    EXPECT_THAT(visit.problems[0], HasSubstr(row.detail));
  }
}

/// The table of the command line says what the gateways do.
TEST(GatewayCertificatesTable, AgreesWithTheTwins) {
  for (const certs::BrokenTwin& twin : certs::broken_twins()) {
    const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                   [&twin](const Row& r) { return r.kind == twin.name; });
    ASSERT_NE(row, std::end(kRows)) << twin.name;
    const int alert = twin.alert ? *twin.alert : kLetIn;
    EXPECT_EQ(row->production_strict, alert) << twin.name;
    EXPECT_EQ(row->production_open, twin.is_for_strict ? kLetIn : alert) << twin.name;
  }
}

/// Rule tls/certificate-selects-the-topic.
TEST(GatewayCertificatesTopic, IsTheCertificates) {
  const std::pair<const char*, std::string> cases[] = {
      {"universal", "com.example.app"},
      {"other-topic", "com.example.other"},
      {"no-topic", ""},
      {"long-topic", "com.example.app." + std::string(240, 'x')},
  };
  for (const auto& [kind, topic] : cases) {
    const certs::Credential provider = make_certificate(kind);
    const Visit visit(GatewayTls{}, provider);
    const std::vector<LedgerEvent> story = visit.ledger.snapshot();
    ASSERT_GE(story.size(), 2U) << kind;
    EXPECT_EQ(story[1].outcome, EventOutcome::Rejected);
    EXPECT_EQ(story[1].topic, topic);
  }
}

}  // namespace
}  // namespace apns::mock
