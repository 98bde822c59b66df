// The client opposite the real gateway, plain and with TLS, in the memory host.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/memory_host.h"
#include "apns/base/random.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/gateway.h"
#include "provider/binary_client.h"
#include "tests/provider/binary_client_fixture.h"
#include "tests/support/credentials.h"

namespace apns::provider {
namespace {

using apns::test::Credentials;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

/// Tickets are in the payloads, as numbers.
class Conversation {
 public:
  struct Setup {
    std::vector<mock::FaultRule> rules = {};
    BinaryClientOptions options = {};
    bool with_tls = false;
    std::uint64_t seed = 1;
    std::function<LinkOptions(std::uint64_t)> links = {};
    tls::ClientOptions client_tls = Credentials::shared().client_options();
  };

  explicit Conversation(Setup setup)
      : ledger(mock::Ledger::Options{}),
        rules(std::move(setup.rules), setup.seed),
        gateway(mock::GatewayOptions{}, clock, &ledger, &rules,
                [this](const mock::GatewayProblem& problem) { problems.push_back(problem.text); }),
        server_context(Credentials::shared().server_options()),
        client_context(setup.client_tls),
        scratch(tls::make_scratch(1)),
        host(clock, setup.seed) {
    if (setup.with_tls) {
      gateway.use_tls(server_context);
    }
    host.set_links(std::move(setup.links));
    setup.options.gateway = host.listen(Endpoint{"localhost", 0}, gateway);
    client = std::make_unique<BinaryClient>(
        setup.options,
        setup.with_tls ? tls::make_transport(client_context, clock, scratch, &observer, {})
                       : plain_transport(),
        sink);
    observer.client = client.get();
    client->use_dialer(host.make_dialer(*client));
  }

  ~Conversation() { client->release_dialer(); }

  void send(std::uint64_t ticket) {
    const Notification notification{.device_token = *DeviceToken::parse("a1b2"),
                                    .payload = std::to_string(ticket)};
    ASSERT_EQ(client->try_send(notification, ticket), SendResult::Queued);
  }

  void send_all(std::uint64_t n) {
    for (std::uint64_t ticket = 1; ticket <= n; ++ticket) {
      send(ticket);
    }
  }

  [[nodiscard]] bool drain() {
    client->drain(30s);
    return host.run_until([this] { return sink.num_drained > 0; }, host.now() + 1min);
  }

  struct Fate {
    int accepted = 0;
    int rejected = 0;
    int discarded = 0;
  };

  /// What the ledger says, by ticket.
  [[nodiscard]] std::map<std::uint64_t, Fate> fates() const {
    std::map<std::uint64_t, Fate> all;
    for (const mock::LedgerEvent& event : ledger.snapshot()) {
      if (event.kind == mock::EventKind::Notification) {
        Fate& fate = all[std::stoull(event.payload)];
        fate.accepted += event.outcome == mock::EventOutcome::Accepted ? 1 : 0;
        fate.rejected += event.outcome == mock::EventOutcome::Rejected ? 1 : 0;
        fate.discarded += event.outcome == mock::EventOutcome::Discarded ? 1 : 0;
      }
    }
    return all;
  }

  /// The transport is made before the client that observes it.
  struct Observer final : tls::Observer {
    void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override {
      client->tls_failed(peer, failure);
    }

    BinaryClient* client = nullptr;
  };

  // What the engines use outlives the host, which holds them.
  ManualClock clock;
  mock::Ledger ledger;
  mock::FaultRules rules;
  std::vector<std::string> problems;
  mock::Gateway gateway;
  Observer observer;
  tls::Context server_context;
  tls::Context client_context;
  std::vector<std::unique_ptr<tls::Scratch>> scratch;
  MemoryHost host;
  test::RecordingSink sink;
  std::unique_ptr<BinaryClient> client;
};

struct Case {
  const char* name;
  bool with_tls;
};

class BinaryClientAndGateway : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] static Conversation::Setup with(std::initializer_list<std::string_view> rules) {
    Conversation::Setup setup;
    setup.with_tls = GetParam().with_tls;
    for (const std::string_view rule : rules) {
      setup.rules.push_back(mock::parse_fault(rule));
    }
    return setup;
  }
};

INSTANTIATE_TEST_SUITE_P(Over, BinaryClientAndGateway,
                         testing::Values(Case{"Plain", false}, Case{"Tls", true}),
                         [](const auto& row) { return row.param.name; });

TEST_P(BinaryClientAndGateway, AgreeThatAllWasSent) {
  Conversation talk(with({}));
  talk.send_all(1000);
  ASSERT_TRUE(talk.drain());
  EXPECT_EQ(talk.sink.lines.size(), 1000U);
  for (const auto& [ticket, fate] : talk.fates()) {
    EXPECT_EQ(fate.accepted, 1) << ticket;
    EXPECT_EQ(talk.sink.by_ticket.at(ticket).kind, OutcomeKind::Sent) << ticket;
  }
  EXPECT_EQ(talk.gateway.counters().accepted, 1000U);
  EXPECT_EQ(talk.gateway.counters().connections, 1U);
  EXPECT_EQ(talk.host.num_open(), 0U);
}

TEST_P(BinaryClientAndGateway, AgreeOnTheOneThatIsBad) {
  Conversation talk(with({"connection=1 nth=4: reject=8 delay=200ms"}));
  talk.send_all(47);
  ASSERT_TRUE(talk.drain());
  EXPECT_EQ(talk.sink.by_ticket.at(4).kind, OutcomeKind::Rejected);
  for (const auto& [ticket, fate] : talk.fates()) {
    EXPECT_EQ(fate.accepted, ticket == 4 ? 0 : 1) << ticket;
    EXPECT_EQ(fate.rejected, ticket == 4 ? 1 : 0) << ticket;
    EXPECT_EQ(fate.discarded, ticket > 4 ? 1 : 0) << ticket;
  }
  EXPECT_EQ(talk.client->stats().resent, 43U);
}

TEST_P(BinaryClientAndGateway, TheLastWordIsFoundBehindAReset) {
  // The gateway resets while the client still writes.
  Conversation talk(with({"connection=1 nth=10: reject=8 close=rst"}));
  talk.send_all(200);
  ASSERT_TRUE(talk.drain());
  EXPECT_EQ(talk.sink.by_ticket.at(10).status, 8);
  for (const auto& [ticket, fate] : talk.fates()) {
    EXPECT_EQ(fate.accepted, ticket == 10 ? 0 : 1) << ticket;
  }
}

TEST_P(BinaryClientAndGateway, AShutdownLosesNothing) {
  Conversation talk(with({"connection=1 nth=10: reject=10"}));
  talk.send_all(30);
  ASSERT_TRUE(talk.drain());
  for (const auto& [ticket, fate] : talk.fates()) {
    EXPECT_EQ(fate.accepted, 1) << ticket;
    EXPECT_EQ(talk.sink.by_ticket.at(ticket).kind, OutcomeKind::Sent) << ticket;
  }
}

TEST_P(BinaryClientAndGateway, AShutdownOfTheServiceLosesNothing) {
  Conversation talk(with({}));
  talk.send_all(30);
  talk.host.run_for(100ms);
  talk.gateway.shut_down(0, talk.host.now());
  talk.host.run_for(100ms);
  EXPECT_EQ(talk.sink.lines.size(), 30U);
  EXPECT_EQ(talk.sink.by_ticket.at(30).kind, OutcomeKind::Sent);
}

TEST_P(BinaryClientAndGateway, AnIdleCloseIsNoticedWhenItComes) {
  Conversation talk(with({"idle=10s: close=fin"}));
  talk.send(1);
  talk.host.run_for(1h);
  EXPECT_EQ(talk.host.num_open(), 0U);
  talk.send(2);
  talk.host.run_for(2s);
  EXPECT_THAT(talk.sink.lines, ElementsAre("1 sent", "2 sent"));
}

TEST(BinaryClientTls, AConnectionThatOpensDuringAShutdownIsToldToo) {
  Conversation::Setup setup;
  setup.with_tls = true;
  Conversation talk(std::move(setup));
  talk.send(1);
  // TCP is up, the handshake is not over.
  talk.host.run_for(250us);
  ASSERT_EQ(talk.gateway.counters().connections, 0U);
  talk.gateway.shut_down(0, talk.host.now());
  ASSERT_TRUE(talk.host.run_until([&] { return talk.gateway.counters().connections == 1; },
                                  talk.host.now() + 5s));
  talk.host.run_for(20ms);
  EXPECT_THAT(talk.sink.lines, IsEmpty()) << "none was accepted, so it goes again";
  talk.host.run_for(5min);
  EXPECT_THAT(talk.sink.lines, ElementsAre("1 rejected: never left"));
  EXPECT_EQ(talk.gateway.counters().accepted, 0U);
}

TEST(BinaryClientTls, StopsAtAGatewayThatItDoesNotTrust) {
  const certs::CertificateFactory stranger;
  Conversation::Setup setup;
  setup.with_tls = true;
  setup.client_tls.authorities = {stranger.authority().certificate.get()};
  Conversation talk(std::move(setup));
  talk.send(1);
  talk.host.run_for(1min);
  EXPECT_THAT(talk.sink.lines, ElementsAre("1 rejected: never left"));
  EXPECT_THAT(talk.client->last_error(),
              testing::StartsWith("we refused the gateway's certificate (unknown_ca)"));
  EXPECT_THAT(talk.problems,
              ElementsAre("the provider does not trust our CA (alert unknown_ca). Give it ca.pem; "
                          "for Node: NODE_EXTRA_CA_CERTS, or run it under apnslab exec."));
}

TEST(BinaryClientTls, StopsAtAGatewayThatWantsACertificate) {
  Conversation::Setup setup;
  setup.with_tls = true;
  setup.client_tls.certificate = nullptr;
  setup.client_tls.key = nullptr;
  Conversation talk(std::move(setup));
  talk.send(1);
  talk.host.run_for(1min);
  EXPECT_THAT(talk.sink.lines, ElementsAre("1 rejected: never left"));
  EXPECT_EQ(talk.client->last_error(),
            "the gateway refused our certificate (alert handshake_failure). Use a certificate of "
            "this environment that has neither expired nor been revoked.");
  EXPECT_THAT(talk.problems, ElementsAre("the provider sent no client certificate. Give it "
                                         "cert.pem and key.pem, or provider.p12."));
}

/// A rule at a random place of one connection. Not among them: what makes silence or a packet lie
/// (half-open, another's identifier, an answer after settle_after), where no client can be right.
mock::FaultRule random_rule(RandomStream& random, std::uint64_t connection) {
  mock::FaultRule rule;
  rule.connection = mock::NumberMatch{.first = connection, .last = connection};
  rule.nth = mock::NumberMatch{.first = 1 + random.next() % 12};
  rule.nth->last = rule.nth->first;
  rule.then.delay = std::chrono::milliseconds(random.next() % 3 == 0 ? random.next() % 500 : 0);
  constexpr std::uint8_t kStatuses[] = {1, 8, 10, 77, 255};
  const std::uint64_t kind = random.next() % 10;
  if (kind < 7) {
    rule.then.reject = kStatuses[random.next() % std::size(kStatuses)];
    if (random.next() % 2 == 0) {
      mock::ErrorPacketFault packet;
      packet.split = static_cast<std::uint32_t>(random.next() % 7);
      packet.count = static_cast<std::uint32_t>(random.next() % 3);
      rule.then.error_packet = packet;
    }
  }
  constexpr mock::FaultClose kCloses[] = {
      mock::FaultClose::Fin, mock::FaultClose::FinWithoutCloseNotify, mock::FaultClose::Rst};
  if (kind >= 7 || random.next() % 2 == 0) {
    rule.then.close = kCloses[random.next() % std::size(kCloses)];
  }
  return rule;
}

LinkOptions random_link(std::uint64_t seed, std::uint64_t connection) {
  RandomStream random(seed, 1000 + connection);
  LinkOptions link;
  link.latency = std::chrono::microseconds(10 + random.next() % 30'000);
  if (connection > 8) {
    return link;  // in the end all goes well
  }
  if (random.next() % 2 == 0) {
    link.split_min = 1;
    link.split_max = 1 + random.next() % 60;
  }
  if (random.next() % 3 == 0) {
    link.window = 30 + random.next() % 1000;
  }
  link.refuse = random.next() % 8 == 0;
  if (random.next() % 8 == 0) {
    link.reset_after_to_server = 1 + random.next() % 600;
  } else if (random.next() % 16 == 0) {
    link.reset_after_to_client = 1 + random.next() % 6;
  }
  return link;
}

/// One run: sends at random moments under random faults, drained at the end.
void run_seed(std::uint64_t seed, bool with_tls, bool resend_unknown) {
  SCOPED_TRACE("seed " + std::to_string(seed) + (with_tls ? " with TLS" : "") +
               (resend_unknown ? ", resending" : ""));
  RandomStream random(seed, 1);
  Conversation::Setup setup;
  setup.with_tls = with_tls;
  setup.seed = seed;
  setup.options.resend_unknown = resend_unknown;
  setup.options.max_attempts = 12;
  setup.options.backoff_max = 500ms;
  setup.links = [seed](std::uint64_t connection) { return random_link(seed, connection); };
  for (std::uint64_t connection = 1; connection <= 6; ++connection) {
    if (random.next() % 4 != 0) {
      setup.rules.push_back(random_rule(random, connection));
    }
  }
  Conversation talk(std::move(setup));
  const std::uint64_t num_sent = 10 + random.next() % 40;
  for (std::uint64_t ticket = 1; ticket <= num_sent; ++ticket) {
    talk.send(ticket);
    if (random.next() % 6 == 0) {
      talk.host.run_for(std::chrono::microseconds(random.next() % 400'000));
    }
  }
  ASSERT_TRUE(talk.drain());
  ASSERT_EQ(talk.sink.by_ticket.size(), num_sent);
  const auto fates = talk.fates();
  for (const auto& [ticket, outcome] : talk.sink.by_ticket) {
    const auto found = fates.find(ticket);
    const Conversation::Fate fate = found == fates.end() ? Conversation::Fate{} : found->second;
    switch (outcome.kind) {
      case OutcomeKind::Sent:
        EXPECT_GE(fate.accepted, 1) << ticket;
        break;
      case OutcomeKind::Rejected:
        EXPECT_EQ(fate.rejected > 0, outcome.reason == OutcomeReason::Status) << ticket;
        if (!resend_unknown) {
          EXPECT_EQ(fate.accepted, 0) << ticket;
        }
        break;
      case OutcomeKind::Unknown:
        EXPECT_FALSE(resend_unknown && outcome.reason == OutcomeReason::UnknownIdentifier);
        break;
    }
    if (!resend_unknown) {
      EXPECT_LE(fate.accepted, 1) << ticket << " was delivered twice";
    }
  }
}

TEST(BinaryClientInvariant, HoldsOverRandomSchedules) {
  for (std::uint64_t seed = 1; seed <= 500 && !testing::Test::HasFailure(); ++seed) {
    run_seed(seed, false, false);
  }
}

TEST(BinaryClientInvariant, HoldsOverRandomSchedulesWithTls) {
  for (std::uint64_t seed = 1; seed <= 50 && !testing::Test::HasFailure(); ++seed) {
    run_seed(seed, true, false);
  }
}

TEST(BinaryClientInvariant, HoldsWhenTheUnknownIsResent) {
  for (std::uint64_t seed = 1; seed <= 250 && !testing::Test::HasFailure(); ++seed) {
    run_seed(seed, false, true);
  }
}

}  // namespace
}  // namespace apns::provider
