// Handshakes that do not come to an end, strangers, and bytes that were changed on their way.
#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apns/tls/tls_engine_fixture.h"

namespace apns::tls {

namespace {

using std::chrono::seconds;

class TlsFailures : public test::TlsEngineTest {};

INSTANTIATE_TEST_SUITE_P(All, TlsFailures, testing::Values(Version::Tls12, Version::Tls13),
                         [](const auto& row) {
                           return row.param == Version::Tls12 ? "Tls12" : "Tls13";
                         });

TEST_P(TlsFailures, HandshakeHasALimit) {
  TlsEngine::Options options;
  options.handshake_limit = seconds(3);
  test::TlsEnd server(server_context, clock, options, TimePoint{});
  EXPECT_EQ(server.engine->deadline(), TimePoint{seconds(3)});
  server.engine->on_time(TimePoint{seconds(2)});
  EXPECT_TRUE(server.failures.empty());
  server.engine->on_time(TimePoint{seconds(3)});
  ASSERT_EQ(server.failures.size(), 1U);
  EXPECT_EQ(server.failures[0].text, "no handshake within the limit");
  EXPECT_TRUE(server.failures[0].during_handshake);
  EXPECT_EQ(server.engine->deadline(), kNever);
  EXPECT_NE(server.engine->close(), Close::None);
}

TEST_P(TlsFailures, LimitIsForTheHandshakeOnly) {
  const auto pair = make_open_pair();
  EXPECT_EQ(pair->server.engine->deadline(), kNever);
  pair->server.probe.deadline = TimePoint{seconds(60)};
  EXPECT_EQ(pair->server.engine->deadline(), TimePoint{seconds(60)})
      << "then the inner engine's counts";
}

TEST_P(TlsFailures, PeerThatEndsInTheHandshakeIsAFailure) {
  for (const std::size_t len : {0U, 1U, 5U, 100U}) {
    for (const End end : {End::Fin, End::Reset}) {
      const test::TlsEnd client(client_context, clock, {}, TimePoint{});
      test::TlsEnd server(server_context, clock, {}, TimePoint{});
      const ByteView hello = client.engine->pending().first(len);
      if (!hello.empty()) {
        EXPECT_EQ(server.engine->feed(hello, TimePoint{}), len);
      }
      server.engine->ended(end, TimePoint{});
      ASSERT_EQ(server.failures.size(), 1U);
      EXPECT_EQ(server.failures[0].text,
                end == End::Fin ? "the peer closed the connection during the handshake"
                                : "the peer reset the connection during the handshake");
      EXPECT_NE(server.engine->close(), Close::None);
    }
  }
}

struct StrangerCase {
  const char* name;
  std::string bytes;
  const char* text;  // a regular expression
};

TEST_P(TlsFailures, StrangersGetOneFailureWithAHelpfulText) {
  const StrangerCase cases[] = {
      {"HTTP/1", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "plain HTTP on the TLS port"},
      {"HTTP/1 post", "POST /3/device/00 HTTP/1.1\r\n\r\n", "plain HTTP on the TLS port"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "these bytes are not TLS"},
      {"binary protocol", std::string("\x02\0\0\0\x1c\x01\0\x20", 8) + std::string(32, 'x'),
       "these bytes are not TLS"},
      {"letters", "hello, is this the gateway?", "these bytes are not TLS"},
      {"zeros", std::string(100, '\0'), "these bytes are not TLS"},
      {"a record that is no ClientHello", std::string("\x16\x03\x01\0\x05hello", 10), ".+"},
      {"application data", std::string("\x17\x03\x03\0\x05hello", 10), ".+"},
      {"a record too long", std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'x'),
       ".+"},
  };
  for (const StrangerCase& row : cases) {
    for (const std::size_t piece : {std::size_t{1}, row.bytes.size()}) {
      SCOPED_TRACE(row.name);
      test::TlsEnd server(server_context, clock, {}, TimePoint{});
      ByteView rest = as_bytes(row.bytes);
      while (!rest.empty() && server.engine->close() == Close::None) {
        const std::size_t n = std::min(piece, rest.size());
        EXPECT_EQ(server.engine->feed(rest.first(n), TimePoint{}), n);
        rest = rest.subspan(n);
      }
      ASSERT_EQ(server.failures.size(), 1U);
      EXPECT_THAT(server.failures[0].text, testing::MatchesRegex(row.text));
      EXPECT_TRUE(server.failures[0].during_handshake);
      EXPECT_EQ(server.engine->close(), Close::FinOnly);
      EXPECT_LE(server.engine->pending().size(), 7U) << "an alert at most";
    }
  }
}

TEST_P(TlsFailures, GarbageInAnOpenConnectionIsAFatalAlert) {
  const auto pair = make_open_pair();
  pair->server.inbox = Bytes(3'000, std::byte{0x17});
  pair->run();
  ASSERT_EQ(pair->server.failures.size(), 1U);
  EXPECT_FALSE(pair->server.failures[0].during_handshake);
  EXPECT_TRUE(pair->server.failures[0].alert_sent);
  EXPECT_EQ(pair->server.probe.end, End::Alert);
  EXPECT_EQ(pair->client.probe.end, End::Alert);
  ASSERT_EQ(pair->client.failures.size(), 1U);
  EXPECT_EQ(pair->client.failures[0].alert_received, pair->server.failures[0].alert_sent);
}

TEST_P(TlsFailures, ChangedCiphertextIsAFatalAlert) {
  const auto pair = make_open_pair();
  pair->client.probe.say("data");
  pair->client.engine->on_time(pair->now);
  const ByteView record = pair->client.engine->pending();
  Bytes changed(record.begin(), record.end());
  changed.back() ^= std::byte{1};
  EXPECT_EQ(pair->server.engine->feed(changed, pair->now), changed.size());
  constexpr std::uint8_t kBadRecordMac = 20;
  ASSERT_EQ(pair->server.failures.size(), 1U);
  EXPECT_EQ(pair->server.failures[0].alert_sent, kBadRecordMac);
  EXPECT_EQ(pair->server.probe.received, "");
}

}  // namespace

}  // namespace apns::tls
