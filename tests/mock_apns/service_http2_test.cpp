// The HTTP/2 provider API of the whole service, on sockets of the loopback; what its connections
// are told lies in tests/mock_apns/provider_api_test.cpp.
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/bytes.h"
#include "apns/http2/frame.h"
#include "certs/certificate_factory.h"
#include "mock_apns/service.h"
#include "tests/support/loopback_service.h"
#include "tests/support/socket_provider.h"

namespace apns::mock {
namespace {

using test::SocketProvider;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::string_view kPayload = R"({"aps":{}})";

std::string text_field(char first, std::string_view name, std::string_view value) {
  std::string made(1, first);
  for (const std::string_view part : {name, value}) {
    if (!part.empty()) {
      made += static_cast<char>(part.size());
      made += part;
    }
  }
  return made;
}

/// A connection's first bytes up to the end of one push, to a device token of that first digit.
Bytes push(char digit) {
  // RFC 7541: ":method: POST" and ":scheme: https" are indexed, the rest is literal.
  std::string block = "\x83\x87";
  block += text_field('\x04', {}, "/3/device/" + std::string(64, digit));
  block += text_field('\0', "apns-topic", "com.example.app");
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  Bytes said(as_bytes(kPreface).begin(), as_bytes(kPreface).end());
  http2::append_frame(said, 4, 0, 0, {});
  http2::append_frame(said, 1, 4, 1, as_bytes(block));
  http2::append_frame(said, 0, 1, 1, as_bytes(kPayload));
  return said;
}

std::string hex_of(std::string_view text) {
  return to_hex(as_bytes(text));
}

class ServiceHttp2Test : public testing::Test, protected test::LoopbackService {
 protected:
  ServiceHttp2Test() : service(options(), credentials(), ServiceEvents{}) {}

  /// Until the service has judged so many, in both environments together.
  [[nodiscard]] bool wait_for(std::uint64_t num_judged) const {
    const auto end = std::chrono::steady_clock::now() + SocketProvider::kLimit;
    while (std::chrono::steady_clock::now() < end) {
      std::uint64_t num = 0;
      for (const Environment environment : {Environment::Production, Environment::Development}) {
        const ProviderApiCounters counters = service.http2_counters(environment);
        num += counters.accepted + counters.rejected;
      }
      if (num >= num_judged) {
        return true;
      }
      std::this_thread::yield();
    }
    return false;
  }

  Service service;
};

TEST_F(ServiceHttp2Test, ServesBothEnvironmentsOverOneWorld) {
  SocketProvider one(client());
  SocketProvider other(client());
  one.dial(service.http2_port(Environment::Production), push('a'));
  ASSERT_TRUE(wait_for(1));
  // What production has seen first is known to be of production.
  other.dial(service.http2_port(Environment::Development), push('a'));
  ASSERT_TRUE(wait_for(2));
  EXPECT_EQ(service.http2_counters(Environment::Production).accepted, 1U);
  EXPECT_EQ(service.http2_counters(Environment::Development).connections, 1U);

  const std::vector<ConnectionInfo> open = service.connections();
  ASSERT_EQ(open.size(), 2U);
  for (const ConnectionInfo& info : open) {
    EXPECT_EQ(info.protocol, Protocol::Http2);
    EXPECT_EQ(info.tls, "TLSv1.3");
    EXPECT_EQ(info.auth, "com.example.app");
    EXPECT_EQ(info.notifications, 1U);
  }
  EXPECT_NE(open[0].environment, open[1].environment);
}

TEST_F(ServiceHttp2Test, SaysShutdownByGoaway) {
  SocketProvider provider(client());
  provider.dial(service.http2_port(Environment::Production), push('a'));
  ASSERT_TRUE(wait_for(1));
  EXPECT_TRUE(service.shut_down(5s));
  EXPECT_TRUE(provider.wait_until_gone());
  EXPECT_THAT(provider.received(), HasSubstr(hex_of(R"({"reason":"Shutdown"})")));
  EXPECT_EQ(service.num_open_connections(), 0U);
}

TEST_F(ServiceHttp2Test, AResetTakesBackWhatAConnectionCarriesOrEndsIt) {
  SocketProvider provider(client());
  provider.dial(service.http2_port(Environment::Production), push('a'));
  ASSERT_TRUE(wait_for(1));
  ASSERT_EQ(service.connections().at(0).accepted, 1U);
  ASSERT_TRUE(service.reset().has_value());
  ASSERT_EQ(service.connections().size(), 1U);
  EXPECT_EQ(service.connections().at(0).accepted, 0U);
  ASSERT_TRUE(service.reset(nullptr, true).has_value());
  EXPECT_TRUE(provider.wait_until_gone());
}

TEST_F(ServiceHttp2Test, AWrongEnvironmentIsToldByGoawayAfterTheHandshake) {
  const certs::Credential development = factory().make_provider(certs::ProviderCertificate::legacy(
      "com.example.app", "TEAM000001", Environment::Development));
  SocketProvider provider(client(development));
  provider.dial(service.http2_port(Environment::Production), push('a'));
  EXPECT_TRUE(provider.wait_until_gone());
  EXPECT_EQ(provider.alert_received(), std::nullopt);
  // The frame as it was captured: sideshow/apns2#93, #117.
  EXPECT_THAT(provider.received(), HasSubstr("00002e0700000000000000000000000000" +
                                             hex_of(R"({"reason":"BadCertificateEnvironment"})")));
  EXPECT_EQ(service.http2_counters(Environment::Production).accepted, 0U);
}

}  // namespace
}  // namespace apns::mock
