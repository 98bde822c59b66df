// A push session opposite a service on sockets.
#include "cli/push_session.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/certificate_factory.h"
#include "certs/state_folder.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/service.h"
#include "tests/support/loopback_service.h"

namespace apns::cli {
namespace {

using provider::OutcomeKind;
using testing::HasSubstr;
using namespace std::chrono_literals;

class PushSessionTest : public testing::Test, protected test::LoopbackService {
 public:
  void serve(std::vector<mock::FaultRule> faults = {}) {
    mock::ServiceOptions wanted = LoopbackService::options();
    wanted.faults = std::move(faults);
    service = std::make_unique<mock::Service>(wanted, credentials(), mock::ServiceEvents{});
    port = service->gateway_port(Environment::Production);
  }

  [[nodiscard]] std::unique_ptr<PushSession> start() {
    target.at = Endpoint{"127.0.0.1", port};
    target.credential.certificate =
        certs::parse_certificate_pem(certs::to_pem(credentials().provider.certificate.get()));
    target.credential.key = certs::parse_key_pem(certs::to_pem(credentials().provider.key.get()));
    target.authorities.clear();
    target.authorities.push_back(
        certs::parse_certificate_pem(certs::to_pem(credentials().authority.certificate.get())));
    options.gateway = target.at;
    return std::make_unique<PushSession>(target, options, [this](const PushResult& result) {
      EXPECT_EQ(results.count(result.n), 0U) << "a second result for " << result.n;
      results.emplace(result.n, result);
    });
  }

  [[nodiscard]] static PushItem item(std::uint64_t n, std::string payload = "{}") {
    return PushItem{n, Notification{.device_token = *DeviceToken::parse("a1b2"),
                                    .payload = std::move(payload)}};
  }

  std::unique_ptr<mock::Service> service;
  std::uint16_t port = 0;
  Target target;
  provider::BinaryClientOptions options;
  std::map<std::uint64_t, PushResult> results;  // read after drain() alone
};

TEST_F(PushSessionTest, GivesEachNotificationItsResult) {
  serve({mock::parse_fault("nth=700: reject=8 times=1")});
  const auto session = start();
  for (std::uint64_t n = 1; n <= 3000; ++n) {
    session->send(item(n));
  }
  session->drain(20s);
  EXPECT_EQ(results.size(), 3000U);
  for (const auto& [n, result] : results) {
    EXPECT_EQ(result.kind, n == 700 ? OutcomeKind::Rejected : OutcomeKind::Sent) << n;
  }
  EXPECT_EQ(results.at(700).status, 8);
  EXPECT_EQ(results.at(700).reason, "8 (invalid token)");
  EXPECT_EQ(results.at(700).device_token, "a1b2");
  EXPECT_EQ(session->stats().connections, 2U);
  EXPECT_GT(session->stats().resent, 0U);
  EXPECT_EQ(service->counters(Environment::Production).accepted, 2999U);
}

TEST_F(PushSessionTest, KeepsASenderWaitingRatherThanGrow) {
  serve();
  options.window_len = 200;
  options.settle_after = 20ms;
  const auto session = start();
  for (std::uint64_t n = 1; n <= 5000; ++n) {
    session->send(item(n));
  }
  session->drain(20s);
  EXPECT_EQ(results.size(), 5000U);
  EXPECT_EQ(service->counters(Environment::Production).accepted, 5000U);
}

TEST_F(PushSessionTest, RefusesBadPayloadsByThemselves) {
  serve();
  const auto session = start();
  session->send(item(1));
  session->send(item(2, ""));
  session->send(item(3, std::string(2049, 'x')));
  session->send(item(4));
  session->drain(20s);
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results.at(1).kind, OutcomeKind::Sent);
  EXPECT_EQ(results.at(2).kind, OutcomeKind::Rejected);
  EXPECT_EQ(results.at(2).reason, "the payload is empty");
  EXPECT_EQ(results.at(3).kind, OutcomeKind::Rejected);
  EXPECT_EQ(results.at(3).reason, "the payload has 2049 bytes; the binary protocol takes 2048");
  EXPECT_EQ(results.at(4).kind, OutcomeKind::Sent);
}

TEST_F(PushSessionTest, SaysItsLimitWhenARefusalIsAboutAnother) {
  serve();
  options.payload_limit = 256;
  const auto session = start();
  session->send(item(1, std::string(257, 'x')));
  session->drain(20s);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results.at(1).reason, "the payload has 257 bytes; the binary protocol takes 256");
}

TEST_F(PushSessionTest, ReportsWhatNobodyTook) {
  serve();
  service.reset();
  options.max_attempts = 2;
  options.backoff_first = 1ms;
  options.window_len = 10;
  const auto session = start();
  for (std::uint64_t n = 1; n <= 600; ++n) {
    session->send(item(n));
  }
  session->drain(20s);
  EXPECT_EQ(results.size(), 600U);
  for (const auto& [n, result] : results) {
    EXPECT_EQ(result.reason, "never left") << n;
  }
  EXPECT_THAT(session->last_error(), HasSubstr("127.0.0.1:" + std::to_string(port) + " refused"));
  EXPECT_EQ(session->stats().connections, 0U);
}

TEST_F(PushSessionTest, RefusesTheRestOnceItWasStopped) {
  serve();
  options.window_len = 10;
  (void)start();  // fills target
  const certs::CertificateFactory stranger;
  target.authorities.clear();
  target.authorities.push_back(
      certs::parse_certificate_pem(certs::to_pem(stranger.authority().certificate.get())));
  PushSession distrusting(target, options,
                          [this](const PushResult& result) { results.emplace(result.n, result); });
  for (std::uint64_t n = 1; n <= 3000; ++n) {
    distrusting.send(item(n));
  }
  distrusting.drain(20s);
  EXPECT_EQ(results.size(), 3000U);
  EXPECT_EQ(results.at(3000).reason, "never left");
  EXPECT_THAT(distrusting.last_error(), HasSubstr("we refused the gateway's certificate"));
}

TEST_F(PushSessionTest, DrainWithNothingReturns) {
  serve();
  const auto session = start();
  session->drain(5s);
  EXPECT_TRUE(results.empty());
  EXPECT_EQ(session->stats().connections, 0U);
}

TEST_F(PushSessionTest, MayBeDestroyedWithoutADrain) {
  serve();
  const auto session = start();
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    session->send(item(n));
  }
}

}  // namespace
}  // namespace apns::cli
