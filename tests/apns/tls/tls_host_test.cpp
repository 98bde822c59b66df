// TLS engines in the memory host, and against a client of OpenSSL's own.
#include <array>
#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "apns/base/memory_host.h"
#include "apns/tls/tls_engine.h"
#include "tests/support/credentials.h"
#include "tests/support/probe_network.h"
#include "tests/support/tls_pair.h"

namespace apns::tls {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Credentials;
using test::ProbeCaller;
using test::ProbeService;

struct Failures final : public Observer {
  void tls_failed(const PeerInfo& peer, const Failure& failure) override {
    connections.push_back(peer.connection);
    all.push_back(failure);
  }

  std::vector<std::uint64_t> connections;
  std::vector<Failure> all;
};

class TlsInMemoryHost : public testing::Test {
 protected:
  TlsInMemoryHost()
      : server_context(Credentials::shared().server_options()),
        client_context(Credentials::shared().client_options()),
        scratch(make_scratch(1)),
        service(make_transport(server_context, clock, scratch, &failures, {})),
        caller(make_transport(client_context, clock, scratch, nullptr, {})),
        host(clock, 7, 100'000),
        gateway(host.listen(Endpoint{"gateway", 2195}, service)),
        dialer(host.make_dialer(caller)) {}

  void use_link(const LinkOptions& link) {
    host.set_links([link](std::uint64_t /*connection*/) { return link; });
  }

  ManualClock clock;
  Failures failures;
  Context server_context;
  Context client_context;
  std::vector<std::unique_ptr<Scratch>> scratch;
  ProbeService service;
  ProbeCaller caller;
  MemoryHost host;  // its engines refer to all of the above
  Endpoint gateway;
  std::unique_ptr<Dialer> dialer;
};

TEST_F(TlsInMemoryHost, CarriesAConversationOverANarrowLinkAndEndsIt) {
  LinkOptions link;
  link.split_min = 1;
  link.split_max = 900;
  link.window = 2'000;
  use_link(link);
  const std::string text(300'000, 'x');
  caller.probes[1].out.append(as_bytes(text));
  service.probes[1].out.append(as_bytes(text));
  dialer->dial(gateway, seconds(5));
  host.run_for(seconds(20));
  EXPECT_EQ(service.probes[1].received, text);
  EXPECT_EQ(caller.probes[1].received, text);
  EXPECT_EQ(service.probes[1].peer.connection, 1U);
  EXPECT_NE(service.probes[1].peer.certificate, nullptr);
  caller.probes[1].end_with(Close::CloseNotifyThenDrain);
  host.run_for(seconds(1));
  EXPECT_EQ(service.probes[1].end, End::CloseNotify);
  EXPECT_EQ(service.over.at(1), Gone::Closed);
  EXPECT_EQ(caller.over.at(1), Gone::Closed);
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(TlsInMemoryHost, ReaderThatStopsStopsTheWriterWithBoundedMemory) {
  LinkOptions link;
  link.window = 10'000;
  use_link(link);
  service.probes[1].stop_reading_at = 1'000;
  const std::string text(1'000'000, 'x');
  caller.probes[1].out.append(as_bytes(text));
  dialer->dial(gateway, seconds(5));
  host.run_for(seconds(60));
  EXPECT_EQ(service.probes[1].received.size(), 1'000U);
  // The window, one engine's high water on the way out, one scratch's worth on the way in.
  EXPECT_LT(caller.probes[1].num_sent, 10'000U + 65'536 + 16'384 + Scratch::kLen);
  service.probes[1].stop_reading_at = SIZE_MAX;
  service.probes[1].reads = true;
  service.probes[1].wake();
  host.run_for(seconds(60));
  EXPECT_EQ(service.probes[1].received, text);
}

TEST_F(TlsInMemoryHost, SilentPeerIsGivenUpAtTheHandshakeLimit) {
  ProbeCaller plain;
  const auto plain_dialer = host.make_dialer(plain);
  plain_dialer->dial(gateway, seconds(5));
  host.run_for(seconds(9));
  EXPECT_TRUE(failures.all.empty());
  host.run_for(seconds(2));
  ASSERT_EQ(failures.all.size(), 1U);
  EXPECT_EQ(failures.all[0].text, "no handshake within the limit");
  EXPECT_EQ(failures.connections, std::vector<std::uint64_t>{1});
  EXPECT_EQ(plain.probes[1].end, End::Fin);
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(TlsInMemoryHost, ProviderExpiredByTheManualClockIsRefused) {
  clock.advance_to(TimePoint{hours(24) * 365 * 125});  // 2149
  dialer->dial(gateway, seconds(5));
  host.run_for(seconds(5));
  constexpr std::uint8_t kCertificateExpired = 45;
  ASSERT_EQ(failures.all.size(), 1U);
  EXPECT_EQ(failures.all[0].alert_received, kCertificateExpired) << "the client refuses ours first";
  EXPECT_EQ(host.num_open(), 0U);
}

TEST_F(TlsInMemoryHost, ResetAtEveryByteOfTheConversationEndsIt) {
  // Grows until the reset comes too late to matter; the handshake takes some thousand bytes.
  std::uint64_t connection = 0;
  for (std::uint64_t after = 0;; after += 37) {
    ++connection;
    host.set_links([after](std::uint64_t /*connection*/) {
      LinkOptions link;
      link.reset_after_to_server = after;
      return link;
    });
    const std::size_t failures_before = failures.all.size();
    caller.probes[connection].out.append(as_bytes("data"));
    dialer->dial(gateway, seconds(5));
    host.run_for(milliseconds(100));
    if (caller.over.count(connection) == 0) {
      EXPECT_EQ(service.probes[connection].received, "data");
      break;
    }
    EXPECT_EQ(host.num_open(), 0U) << after;
    EXPECT_EQ(caller.over.at(connection), Gone::Reset) << after;
    const bool was_up = service.probes[connection].is_built;
    EXPECT_EQ(failures.all.size() - failures_before, was_up ? 0U : 1U) << after;
    ASSERT_LT(after, 100'000U);
  }
  EXPECT_GT(connection, 20U);
}

/// A client of OpenSSL's own, on memory BIOs, since an engine never renegotiates.
class OpensslClient {
 public:
  explicit OpensslClient(int max_version = TLS1_2_VERSION)
      : context_(SSL_CTX_new(TLS_client_method())) {
    const auto& credentials = Credentials::shared();
    test::require(
        SSL_CTX_use_certificate(context_.get(), credentials.provider.certificate.get()) == 1 &&
            SSL_CTX_use_PrivateKey(context_.get(), credentials.provider.key.get()) == 1,
        "the client has a certificate");
    test::require(SSL_CTX_set_max_proto_version(context_.get(), max_version) == 1,
                  "the client has a version");
    ssl_.reset(SSL_new(context_.get()));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in_, out_);  // owns them now
    SSL_set_connect_state(ssl_.get());
  }

  [[nodiscard]] SSL* ssl() { return ssl_.get(); }

  /// What is written and was not taken.
  [[nodiscard]] Bytes take() {
    Bytes all;
    std::array<std::byte, 4'096> part{};
    for (int n = BIO_read(out_, part.data(), part.size()); n > 0;
         n = BIO_read(out_, part.data(), part.size())) {
      all.insert(all.end(), part.begin(), part.begin() + n);
    }
    return all;
  }

  /// Gives the peer what is written and takes its answer, until neither says more.
  void exchange(test::TlsEnd& server) {
    for (Bytes bytes = take(); !bytes.empty(); bytes = take()) {
      test::require(server.engine->feed(bytes, TimePoint{}) == bytes.size(), "the server takes it");
      for (ByteView run = server.engine->pending(); !run.empty(); run = server.engine->pending()) {
        server.wire.insert(server.wire.end(), run.begin(), run.end());
        BIO_write(in_, run.data(), static_cast<int>(run.size()));
        server.engine->sent(run.size(), TimePoint{});
      }
      (void)SSL_do_handshake(ssl_.get());
    }
  }

 private:
  auth::SslCtxPtr context_;
  auth::SslPtr ssl_;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

TEST(TlsAgainstOpenssl, RenegotiationIsRefusedWithAWarning) {
  const Context context(Credentials::shared().server_options());
  const test::FixedClock clock;
  test::TlsEnd server(context, clock, {}, TimePoint{});
  OpensslClient client;
  (void)SSL_do_handshake(client.ssl());
  client.exchange(server);
  ASSERT_TRUE(server.probe.is_built);
  ASSERT_EQ(SSL_is_init_finished(client.ssl()), 1);

  const std::size_t before = server.wire.size();
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  (void)SSL_do_handshake(client.ssl());
  client.exchange(server);
  const auto records = test::parse_records(ByteView(server.wire).subspan(before));
  ASSERT_EQ(records.size(), 1U) << "no ServerHello";
  EXPECT_EQ(records[0].type, test::kAlertRecord);
  ERR_clear_error();

  // OpenSSL's client takes the warning for an error and says so with a fatal alert.
  ASSERT_EQ(server.failures.size(), 1U);
  EXPECT_FALSE(server.failures[0].during_handshake);
  EXPECT_EQ(server.failures[0].alert_sent, std::nullopt) << "no_renegotiation was a warning";
  EXPECT_TRUE(server.failures[0].alert_received);
  EXPECT_EQ(server.probe.end, End::Alert);
}

TEST(TlsAgainstOpenssl, KeyUpdatesWithoutEndAreAnsweredUpToALimit) {
  ServerOptions options = Credentials::shared().server_options();
  options.max_version = Version::Tls13;
  const Context context(options);
  const test::FixedClock clock;
  test::TlsEnd server(context, clock, {}, TimePoint{});
  OpensslClient client(TLS1_3_VERSION);
  (void)SSL_do_handshake(client.ssl());
  client.exchange(server);
  ASSERT_TRUE(server.probe.is_built);

  // A client that asks and never reads.
  std::size_t num_updates = 0;
  while (server.engine->wants_read() && num_updates < 20'000) {
    ++num_updates;
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
    const Bytes update = client.take();
    EXPECT_EQ(server.engine->feed(update, TimePoint{}), update.size());
  }
  EXPECT_LT(num_updates, 20'000U);
  EXPECT_LT(server.engine->pending().size(), 120'000U);
  EXPECT_TRUE(server.failures.empty());
}

}  // namespace

}  // namespace apns::tls
