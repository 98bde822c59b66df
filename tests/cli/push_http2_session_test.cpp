// A push session that speaks HTTP/2, opposite a service on sockets.
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/certificate_factory.h"
#include "cli/push_session.h"
#include "mock_apns/null_service.h"
#include "tests/support/loopback_service.h"

namespace apns::cli {
namespace {

using provider::OutcomeKind;
using testing::HasSubstr;
using namespace std::chrono_literals;

class PushHttp2Session : public testing::Test, protected test::LoopbackService {
 public:
  PushHttp2Session() {
    mock::NullServiceOptions wanted;
    wanted.listen = {"127.0.0.1"};
    wanted.port = 0;
    service = std::make_unique<mock::NullService>(wanted, credentials(), mock::NullServiceEvents{});
    target.at = Endpoint{"127.0.0.1", service->port()};
    target.credential.certificate =
        certs::parse_certificate_pem(certs::to_pem(credentials().provider.certificate.get()));
    target.credential.key = certs::parse_key_pem(certs::to_pem(credentials().provider.key.get()));
    trust(credentials().authority.certificate.get());
    options.service = target.at;
  }

  void trust(const X509* authority) {
    target.authorities.clear();
    target.authorities.push_back(certs::parse_certificate_pem(certs::to_pem(authority)));
  }

  [[nodiscard]] std::unique_ptr<PushSession> start() {
    return std::make_unique<PushSession>(target, options, retry, [this](const PushResult& result) {
      EXPECT_EQ(results.count(result.n), 0U) << "a second result for " << result.n;
      results.emplace(result.n, result);
    });
  }

  [[nodiscard]] static PushItem item(std::uint64_t n, std::string payload = "{}") {
    return PushItem{n, Notification{.device_token = *DeviceToken::parse("a1b2"),
                                    .payload = std::move(payload)}};
  }

  std::unique_ptr<mock::NullService> service;
  Target target;
  provider::Http2ClientOptions options;
  provider::RetryOptions retry;
  std::map<std::uint64_t, PushResult> results;  // read after drain() alone
};

TEST_F(PushHttp2Session, GivesEachNotificationItsResult) {
  const auto session = start();
  for (std::uint64_t n = 1; n <= 5000; ++n) {
    session->send(item(n));
  }
  session->drain(20s);
  EXPECT_EQ(results.size(), 5000U);
  for (const auto& [n, result] : results) {
    EXPECT_EQ(result.kind, OutcomeKind::Sent) << n;
    EXPECT_EQ(result.status, 200) << n;
    ASSERT_TRUE(result.http2) << n;
    EXPECT_EQ(result.http2->apns_id.size(), 36U) << n;
    EXPECT_GT(result.http2->duration, 0s);
  }
  EXPECT_EQ(session->stats().connections, 1U);
  EXPECT_EQ(service->counters().requests, 5000U);
}

TEST_F(PushHttp2Session, RefusesBadPayloadsByThemselves) {
  const auto session = start();
  session->send(item(1, ""));
  session->send(item(2, std::string(4097, 'x')));
  PushItem voip = item(3, std::string(5121, 'x'));
  voip.notification.push_type = PushType::Voip;
  session->send(voip);
  PushItem bad = item(4);
  bad.notification.topic = "a\nb";
  session->send(bad);
  session->send(item(5));
  session->drain(20s);
  EXPECT_EQ(results.at(1).reason, "the payload is empty");
  EXPECT_EQ(results.at(2).reason,
            "the payload has 4097 bytes; HTTP/2 takes 4096 with push type alert");
  EXPECT_EQ(results.at(3).reason,
            "the payload has 5121 bytes; HTTP/2 takes 5120 with push type voip");
  EXPECT_EQ(results.at(4).reason,
            "its topic, apns-id or collapse id cannot stand in a header field");
  EXPECT_EQ(results.at(5).kind, OutcomeKind::Sent);
}

TEST_F(PushHttp2Session, ReportsWhatNobodyTook) {
  service.reset();
  options.dial.max_attempts = 2;
  options.dial.backoff_first = 1ms;
  options.queue_len = 10;
  retry.limits.max_attempts = 2;
  retry.limits.backoff_first = 1ms;
  const auto session = start();
  for (std::uint64_t n = 1; n <= 600; ++n) {
    session->send(item(n));
  }
  session->drain(20s);
  EXPECT_EQ(results.size(), 600U);
  for (const auto& [n, result] : results) {
    EXPECT_EQ(result.reason, "never left") << n;
  }
  EXPECT_THAT(session->last_error(), HasSubstr(target.at.to_string() + " refused"));
  EXPECT_GE(session->stats().retries, 1U);
}

TEST_F(PushHttp2Session, RefusesTheRestOnceItWasStopped) {
  const certs::CertificateFactory stranger;
  trust(stranger.authority().certificate.get());
  options.queue_len = 10;
  const auto session = start();
  for (std::uint64_t n = 1; n <= 3000; ++n) {
    session->send(item(n));
  }
  session->drain(20s);
  EXPECT_EQ(results.size(), 3000U);
  EXPECT_EQ(results.at(3000).reason, "never left");
  EXPECT_THAT(session->last_error(), HasSubstr("we refused the service's certificate"));
}

TEST_F(PushHttp2Session, MayBeDestroyedWithoutADrain) {
  const auto session = start();
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    session->send(item(n));
  }
}

}  // namespace
}  // namespace apns::cli
