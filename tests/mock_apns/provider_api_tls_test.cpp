// Rules about the provider API's handshakes and closes, with TLS around the engine, in memory.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "mock_apns/provider_api.h"
#include "tests/support/credentials.h"
#include "tests/support/tls_pair.h"

namespace apns::mock {
namespace {

using test::Credentials;

/// A provider that connects with TLS and says nothing.
class Visit final : private EngineHost {
 public:
  explicit Visit(std::string_view rule)
      : rules_({parse_fault(rule)}, 1),
        server_context_(server_options()),
        client_context_(client_options()),
        api_(ProviderApiOptions{}, clock_, &ledger_, &rules_, {}),
        client_(client_context_, clock_, tls::TlsEngine::Options{}, TimePoint{}) {
    api_.use_tls(server_context_);
    PeerInfo peer;
    peer.connection = 1;
    server_ = api_.accepted(peer, *this, TimePoint{});
    while (carry(*client_.engine, *server_) || carry(*server_, *client_.engine)) {
    }
  }

  /// What the client's TLS was told; nullopt: no alert.
  [[nodiscard]] std::optional<std::uint8_t> alert() const {
    return client_.failures.empty() ? std::nullopt : client_.failures.front().alert_received;
  }

  [[nodiscard]] std::optional<End> seen_end() const { return client_.probe.end; }

  [[nodiscard]] Close how_closed() const { return server_->close(); }

  [[nodiscard]] std::vector<LedgerEvent> events() const { return ledger_.snapshot(); }

 private:
  static tls::ServerOptions server_options() {
    tls::ServerOptions made = Credentials::shared().server_options();
    made.max_version = tls::Version::Tls13;
    made.alpn = {"h2"};
    return made;
  }

  static tls::ClientOptions client_options() {
    tls::ClientOptions made = Credentials::shared().client_options();
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

  test::FixedClock clock_;
  Ledger ledger_{Ledger::Options{}};
  FaultRules rules_;
  tls::Context server_context_;
  tls::Context client_context_;
  ProviderApi api_;
  test::TlsEnd client_;
  std::unique_ptr<Engine> server_;
};

TEST(ProviderApiTls, ARuleRefusesTheHandshakeWithItsAlert) {
  for (const int alert : {45, 80, 255}) {
    const Visit visit("protocol=http2: tls_alert=" + std::to_string(alert));
    EXPECT_EQ(visit.alert(), alert);
    const std::vector<LedgerEvent> events = visit.events();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].outcome, EventOutcome::Fired);
    EXPECT_EQ(events[0].protocol, Protocol::Http2);
    EXPECT_EQ(events[1].outcome, EventOutcome::Refused);
    EXPECT_EQ(events[1].alert, alert);
  }
}

TEST(ProviderApiTls, ARuleForTheGatewayRefusesNothing) {
  const Visit visit("protocol=binary: tls_alert=80");
  EXPECT_EQ(visit.alert(), std::nullopt);
  EXPECT_EQ(visit.events().front().outcome, EventOutcome::Opened);
}

TEST(ProviderApiTls, AnEndIsAGoodbyeOrATruncation) {
  const Visit goodbye(": close=fin");
  EXPECT_EQ(goodbye.how_closed(), Close::CloseNotifyThenDrain);
  EXPECT_EQ(goodbye.seen_end(), End::CloseNotify);

  const Visit truncated(": close=fin-without-close-notify");
  EXPECT_EQ(truncated.how_closed(), Close::FinOnly);
  EXPECT_EQ(truncated.seen_end(), std::nullopt) << "no word of it: the end of stream tells";
}

}  // namespace
}  // namespace apns::mock
