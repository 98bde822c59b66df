// Which certificates the provider API lets in, and what those it does not let in draw: every broken
// twin, in memory, with TLS. docs/wire/certificates.md#what-a-bad-one-draws
#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/http2/session.h"
#include "mock_apns/gateway_tls.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/world.h"
#include "tests/support/answer_bytes.h"
#include "tests/support/certificate_kinds.h"
#include "tests/support/tls_pair.h"

namespace apns::mock {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// What a certificate draws from a service: "200", a reason, "goaway", or an alert: "alert 80".
struct Row {
  const char* kind;
  const char* production_open;
  const char* production_strict;
  const char* development_open;
  const char* development_strict;
  const char* pedantic = nullptr;  // in production, open; null: as the default profile
};

constexpr const char* kMissing = "MissingProviderToken";

const Row kRows[] = {
    {"none", kMissing, kMissing, kMissing, kMissing},
    {"universal", "200", "BadDeviceToken", "200", "BadDeviceToken"},
    {"production", "200", "BadDeviceToken", "goaway", "goaway"},
    {"development", "goaway", "goaway", "200", "BadDeviceToken"},
    {"expired", "alert 80", "alert 80", "alert 80", "alert 80", "alert 45"},
    {"not-yet-valid", "alert 80", "alert 80", "alert 80", "alert 80", "alert 42"},
    {"revoked", "alert 44", "alert 44", "alert 44", "alert 44", "alert 44"},
    {"other-environment", "goaway", "goaway", "200", "BadDeviceToken"},
    {"other-topic", "BadTopic", "BadTopic", "BadTopic", "BadTopic"},
    {"no-topic", "200", "BadTopic", "200", "BadTopic"},
    {"long-topic", "BadTopic", "BadTopic", "BadTopic", "BadTopic"},
    {"unknown-ca", "200", "alert 80", "200", "alert 80"},
};

class NoEvents final : public http2::SessionEvents {
  void message(const http2::Message& /*message*/) override {}

  void data(http2::StreamId /*stream*/, ByteView /*content*/, bool /*end_stream*/) override {}

  void closed(http2::StreamId /*stream*/, http2::StreamEnd /*end*/, http2::ErrorCode /*code*/,
              std::uint64_t /*user*/) override {}
};

/// A connection's first bytes and a push to com.example.app.
Bytes push_bytes() {
  http2::SessionOptions options;
  options.role = http2::Role::Client;
  http2::HpackScratch scratch;
  NoEvents events;
  http2::Session session(options, events, scratch, TimePoint{});
  const std::string path = "/3/device/" + std::string(64, 'a');
  const http2::Field fields[] = {{":method", "POST"},
                                 {":scheme", "https"},
                                 {":path", path},
                                 {"apns-topic", "com.example.app"}};
  const http2::StreamId stream = session.open_stream(fields, false);
  EXPECT_TRUE(session.send_data(stream, as_bytes(std::string_view("{}")), true));
  return Bytes(session.pending().begin(), session.pending().end());
}

/// A provider that sends one push to a provider API over TLS, with nothing between them.
class Visit final : private EngineHost {
 public:
  Visit(const certs::Credential& provider, Environment environment, bool is_open,
        const Profile& profile)
      : server_context_(provider_api_tls_options(
            test::credentials(),
            {.open_world = is_open,
             .profile = [&profile]() -> const Http2Profile& { return profile.http2; }})),
        client_context_(client_options(provider)),
        world_(WorldOptions{.open = is_open}, clock, &ledger),
        api_(ProviderApiOptions{.environment = environment, .profile = &profile, .world = &world_},
             clock, &ledger, nullptr,
             [this](const ServiceProblem& problem) { problems.push_back(problem.text); }) {
    api_.use_tls(server_context_);
    client.emplace(client_context_, clock, tls::TlsEngine::Options{}, TimePoint{});
    client->probe.out.append(push_bytes());
    PeerInfo peer;
    peer.connection = 1;
    const auto server = api_.accepted(peer, *this, TimePoint{});
    while (carry(*client->engine, *server) || carry(*server, *client->engine)) {
    }
  }

  [[nodiscard]] std::string drawn() const {
    if (!client->failures.empty()) {
      return "alert " + std::to_string(*client->failures.at(0).alert_received);
    }
    std::string drawn;
    for (const test::WireFrame& frame :
         test::parse_frames(as_bytes(std::string_view(client->probe.received)))) {
      const std::string type = frame.header.substr(6, 2);
      const std::string_view text = as_text(frame.payload);
      if (type == "07") {
        EXPECT_THAT(text, HasSubstr(R"({"reason":"BadCertificateEnvironment"})"));
        return "goaway";
      }
      if (type == "01" && frame.payload.at(0) == std::byte{0x88}) {
        return "200";
      }
      if (type == "00") {
        constexpr std::string_view kBefore = "{\"reason\":\"";
        drawn = text.substr(kBefore.size(), text.size() - kBefore.size() - 2);
      }
    }
    return drawn;
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
    made.authorities = {test::credentials().authority.certificate.get()};
    made.server_name = "api.push.apple.com";
    made.alpn = {"h2"};
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
  ProviderApi api_;
};

using Param = std::tuple<Row, Environment, bool>;

class ProviderApiCertificates : public testing::TestWithParam<Param> {};

INSTANTIATE_TEST_SUITE_P(
    All, ProviderApiCertificates,
    testing::Combine(testing::ValuesIn(kRows),
                     testing::Values(Environment::Production, Environment::Development),
                     testing::Bool()),
    [](const auto& row) {
      std::string name = std::get<0>(row.param).kind;
      std::replace(name.begin(), name.end(), '-', '_');
      name += std::get<1>(row.param) == Environment::Production ? "_Production" : "_Development";
      return name + (std::get<2>(row.param) ? "_Open" : "_Strict");
    });

TEST_P(ProviderApiCertificates, AreLetInOrDrawTheirAlert) {
  const auto& [row, environment, is_open] = GetParam();
  const bool is_production = environment == Environment::Production;
  const std::string expected = is_production
                                   ? (is_open ? row.production_open : row.production_strict)
                                   : (is_open ? row.development_open : row.development_strict);
  const certs::Credential provider = test::make_certificate(row.kind);
  const Visit visit(provider, environment, is_open, default_profile());
  EXPECT_EQ(visit.drawn(), expected);
  if (!expected.starts_with("alert")) {
    return;
  }
  // The provider is told nothing; who runs the service is told all.
  const std::vector<LedgerEvent> story = visit.ledger.snapshot();
  ASSERT_THAT(story, SizeIs(1));
  EXPECT_EQ(story[0].outcome, EventOutcome::Refused);
  EXPECT_EQ("alert " + std::to_string(*story[0].alert), expected);
  EXPECT_THAT(story[0].detail, HasSubstr("the peer's certificate"));
  ASSERT_THAT(visit.problems, SizeIs(1));
  EXPECT_THAT(visit.problems[0], HasSubstr(story[0].detail));
}

TEST(ProviderApiCertificatesPedantic, DrawTheAlertOfTheirCause) {
  for (const Row& row : kRows) {
    const certs::Credential provider = test::make_certificate(row.kind);
    const Visit visit(provider, Environment::Production, true, *find_profile("pedantic"));
    EXPECT_EQ(visit.drawn(), row.pedantic != nullptr ? row.pedantic : row.production_open)
        << row.kind;
  }
}

}  // namespace
}  // namespace apns::mock
