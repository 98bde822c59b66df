// Through an HTTP proxy. Field reports L163, jchambers/pushy#309; L167, appleboy/gorush#108.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/provider/http2_client_fixture.h"
#include "tests/support/proxy_by_hand.h"

namespace apns::provider {
namespace {

using http2::StreamId;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

class ProxyTunnelTest : public test::Http2ClientTest {
 public:
  ProxyTunnelTest() {
    api.transport = apns::test::behind_proxy(script, std::move(api.transport));
    options.proxy = Proxy{.at = api.at};
    options.service = Endpoint{"api.push.apple.com", 443};
    options.dial.max_attempts = 2;
  }

 protected:
  void expect_sent(std::uint64_t last) {
    for (std::uint64_t ticket = 1; ticket <= last; ++ticket) {
      EXPECT_EQ(sink.by_ticket.at(ticket).kind, OutcomeKind::Sent) << ticket;
    }
  }

  apns::test::ProxyScript script;
};

INSTANTIATE_TEST_SUITE_P(Http2, ProxyTunnelTest, testing::Bool(), test::transport_name);

TEST_P(ProxyTunnelTest, IsAskedForTheNameOfTheService) {
  send(3);
  run_until_settled(3);
  expect_sent(3);
  EXPECT_THAT(script.asked, ElementsAre("CONNECT api.push.apple.com:443 HTTP/1.1\r\n"
                                        "Host: api.push.apple.com:443\r\n\r\n"));
  EXPECT_EQ(api.requests[0].fields[":authority"], "api.push.apple.com");
}

// RFC 7617 section 2: its example.
TEST_P(ProxyTunnelTest, IsToldWhoAsks) {
  options.proxy->user = "Aladdin";
  options.proxy->password = "open sesame";
  send(1);
  run_until_settled(1);
  ASSERT_THAT(script.asked, SizeIs(1));
  EXPECT_THAT(script.asked[0],
              HasSubstr("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"));
}

TEST_P(ProxyTunnelTest, OpensWithAny2xxAndAnyFields) {
  for (const char* answer :
       {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 204 \r\nVia: 1.1 proxy\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 299\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    script.answer = answer;
    test::Http2ClientWorld other(GetParam());
    other.api.transport = apns::test::behind_proxy(script, std::move(other.api.transport));
    other.options.proxy = Proxy{.at = other.api.at};
    other.send(2);
    other.run_until_settled(2);
    EXPECT_EQ(other.sink.by_ticket.at(2).kind, OutcomeKind::Sent) << answer;
  }
}

TEST_P(ProxyTunnelTest, MayAnswerByteByByte) {
  links = [](std::uint64_t /*connection*/) {
    LinkOptions link;
    link.split_min = 1;
    link.split_max = 1;
    return link;
  };
  send(3);
  run_until_settled(3);
  expect_sent(3);
}

TEST_P(ProxyTunnelTest, ThatDoesNotKnowUsIsFinal) {
  script.answer =
      "HTTP/1.1 407 Proxy Authentication Required\r\n"
      "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\nno";
  script.hangs_up = true;
  send(2);
  run_until_settled(2);
  EXPECT_THAT(script.asked, SizeIs(1));
  EXPECT_EQ(sink.by_ticket.at(1).reason, OutcomeReason::Unsent);
  EXPECT_EQ(client().last_error(),
            "api.push.apple.com:443 cannot be reached: the proxy " + api.at.to_string() +
                " answered CONNECT with \"HTTP/1.1 407 Proxy Authentication Required\": it wants a "
                "user and a password that it knows");
  EXPECT_EQ(send_one(), SendResult::Stopped);
}

TEST_P(ProxyTunnelTest, ThatCannotReachTheServiceIsAskedAgain) {
  script.answer = "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno";
  script.hangs_up = true;
  send(1);
  host.run_for(20ms);
  EXPECT_THAT(client().last_error(), HasSubstr("\"HTTP/1.1 503 Service Unavailable\""));
  script = {};
  run_until_settled(1);
  expect_sent(1);
}

TEST_P(ProxyTunnelTest, ThatSaysNothingIsGivenUp) {
  script.answers = false;
  options.request_limit = 5min;
  send(1);
  run_until_settled(1);
  EXPECT_THAT(script.asked, SizeIs(2));
  EXPECT_THAT(client().last_error(), HasSubstr("did not answer CONNECT in time"));
}

TEST_P(ProxyTunnelTest, ThatIsNoneIsNamedSo) {
  script.answer = "220 smtp.example.com ESMTP\r\n\r\n";
  script.hangs_up = true;
  send(1);
  run_until_settled(1);
  EXPECT_THAT(client().last_error(),
              HasSubstr("does not speak HTTP/1.1: \"220 smtp.example.com ESMTP\""));
}

TEST_P(ProxyTunnelTest, ItsAnswerIsBounded) {
  script.answer = "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n";
  send(1);
  run_until_settled(1);
  EXPECT_THAT(client().last_error(), HasSubstr("with more than 16384 bytes of header fields"));
}

TEST_P(ProxyTunnelTest, ThatEndsBeforeItAnswersIsNamedSo) {
  script.answer = "HTTP/1.1 200 OK\r\n";
  script.hangs_up = true;
  send(1);
  run_until_settled(1);
  EXPECT_THAT(client().last_error(),
              HasSubstr("ended the connection before it had answered CONNECT"));
}

TEST_P(ProxyTunnelTest, ThatIsNotThereIsTold) {
  links = [](std::uint64_t /*connection*/) { return test::refused(); };
  send(1);
  run_until_settled(1);
  EXPECT_THAT(client().last_error(), HasSubstr("the proxy " + api.at.to_string() + " "));
}

TEST_P(ProxyTunnelTest, EachConnectionOfAPoolHasOne) {
  options.max_connections = 3;
  options.min_connections = 3;
  client().warm_up();
  host.run_for(100ms);
  EXPECT_THAT(script.asked, SizeIs(3));
  send(30);
  run_until_settled(30);
  expect_sent(30);
}

}  // namespace
}  // namespace apns::provider
