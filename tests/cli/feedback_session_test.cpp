// A feedback session opposite a service on sockets.
#include "cli/feedback_session.h"

#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/certificate_factory.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/service.h"
#include "tests/support/feedback_recorder.h"
#include "tests/support/loopback_service.h"

namespace apns::cli {
namespace {

using provider::FeedbackResult;
using test::FeedbackWorld;
using test::to_text;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using namespace std::chrono_literals;

class FeedbackSessionTest : public testing::Test, protected test::LoopbackService {
 public:
  void serve(const std::string& fault = {}) {
    mock::ServiceOptions wanted = LoopbackService::options();
    if (!fault.empty()) {
      wanted.faults = {mock::parse_fault(fault)};
    }
    wanted.feedback = &world;
    service = std::make_unique<mock::Service>(wanted, credentials(), mock::ServiceEvents{});
    port = service->feedback_port(Environment::Production);
  }

  [[nodiscard]] std::unique_ptr<FeedbackSession> start(
      const X509* authority = credentials().authority.certificate.get()) {
    target.at = Endpoint{"127.0.0.1", port};
    target.credential.certificate =
        certs::parse_certificate_pem(certs::to_pem(credentials().provider.certificate.get()));
    target.credential.key = certs::parse_key_pem(certs::to_pem(credentials().provider.key.get()));
    target.authorities.clear();
    target.authorities.push_back(certs::parse_certificate_pem(certs::to_pem(authority)));
    return std::make_unique<FeedbackSession>(target, options, max_tokens);
  }

  /// One poll; what it brought is in `parts`, and how many in all in `num_tokens`.
  std::string poll(FeedbackSession& session) {
    parts.clear();
    num_tokens = 0;
    const auto ended = session.poll([this](GoneSince part) {
      num_tokens += part.size();
      parts.push_back(std::move(part));
    });
    result = ended.value_or(FeedbackResult{});
    return ended ? to_text(*ended) : "none";
  }

  FeedbackWorld world;
  std::unique_ptr<mock::Service> service;
  std::uint16_t port = 0;
  Target target;
  provider::FeedbackReaderOptions options;
  std::size_t max_tokens = FeedbackSession::kMaxTokens;
  std::vector<GoneSince> parts;
  std::size_t num_tokens = 0;
  FeedbackResult result;
};

TEST_F(FeedbackSessionTest, BringsWhatThereIsOnce) {
  world.fill(1, 3);
  serve();
  const auto session = start();
  EXPECT_EQ(poll(*session), "complete 3 at 114");
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].at(test::feedback_tuple(2).device_token), test::feedback_tuple(2).since);
  EXPECT_EQ(poll(*session), "complete 0 at 0");
  EXPECT_THAT(parts, IsEmpty());
  EXPECT_EQ(service->feedback_counters(Environment::Production).polls, 2U);
}

TEST_F(FeedbackSessionTest, HandsALongListOverInParts) {
  world.fill(1, 5000);
  serve();
  max_tokens = 2000;
  const auto session = start();
  EXPECT_EQ(poll(*session), "complete 5000 at 190000");
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].size(), 2000U);
  EXPECT_EQ(parts[2].size(), 1000U);
  EXPECT_EQ(num_tokens, 5000U);
}

TEST_F(FeedbackSessionTest, WhatCameBeforeATruncationIsHandedOver) {
  world.fill(1, 3);
  serve("protocol=feedback: tuples.truncate=18 times=1");
  const auto session = start();
  EXPECT_EQ(poll(*session), "truncated 2 at 76, rest 20");
  EXPECT_EQ(num_tokens, 2U);
  EXPECT_EQ(poll(*session), "complete 1 at 38");
}

TEST_F(FeedbackSessionTest, ASilentServiceIsLeftInTime) {
  world.fill(1, 3);
  serve("protocol=feedback: close=half-open");
  options.idle_limit = 200ms;
  const auto session = start();
  EXPECT_EQ(poll(*session), "timed out 3 at 114");
  EXPECT_TRUE(result.is_silent);
  EXPECT_EQ(num_tokens, 3U);
}

TEST_F(FeedbackSessionTest, SaysWhyThereWasNoConnection) {
  serve();
  service.reset();
  const auto session = start();
  EXPECT_EQ(poll(*session), "lost 0 at 0");
  EXPECT_THAT(result.detail, HasSubstr("refused"));
}

TEST_F(FeedbackSessionTest, SaysThatItDoesNotTrustTheService) {
  world.fill(1, 3);
  serve();
  const certs::CertificateFactory stranger;
  const auto session = start(stranger.authority().certificate.get());
  EXPECT_EQ(poll(*session), "lost 0 at 0");
  EXPECT_THAT(result.detail, StartsWith("we refused the service's certificate: "));
  EXPECT_EQ(world.size(), 3U) << "nothing was taken off the list";
}

TEST_F(FeedbackSessionTest, StopEndsAPollWithWhatCame) {
  world.fill(1, 3);
  serve("protocol=feedback: close=half-open");
  const auto session = start();
  const auto before = std::chrono::steady_clock::now();
  std::thread stopper([&session, this] {
    while (world.size() > 0) {
      std::this_thread::yield();
    }
    session->stop(300ms);
  });
  EXPECT_EQ(poll(*session), "timed out 3 at 114");
  stopper.join();
  EXPECT_FALSE(result.is_silent);
  EXPECT_EQ(num_tokens, 3U);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s) << "not the limits of silence";
  EXPECT_EQ(poll(*session), "none");
}

TEST_F(FeedbackSessionTest, StopLetsAPollFinish) {
  world.fill(1, 3);
  serve("protocol=feedback: delay=300ms");
  const auto session = start();
  std::thread stopper([&session] { session->stop(8s); });
  const std::string text = poll(*session);
  stopper.join();
  EXPECT_THAT(text, testing::AnyOf("complete 3 at 114", "none"));  // none: stopped before it began
}

TEST_F(FeedbackSessionTest, StopEndsAWait) {
  serve();
  const auto session = start();
  EXPECT_TRUE(session->wait_until(net::io_now() + 1ms));
  std::thread stopper([&session] { session->stop(1s); });
  EXPECT_FALSE(session->wait_until(net::io_now() + 1h));
  stopper.join();
  EXPECT_FALSE(session->wait_until(net::io_now() + 1h));
}

TEST_F(FeedbackSessionTest, MayBeDestroyedWithoutAPoll) {
  serve();
  (void)start();
}

// field reports C51, flinc/pling#1.
TEST_F(FeedbackSessionTest, AHundredPollsLeaveNoDescriptor) {
  const auto num_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  serve();
  const auto session = start();
  ASSERT_EQ(poll(*session), "complete 0 at 0");
  const std::ptrdiff_t before = num_descriptors();
  for (int i = 0; i < 100; ++i) {
    world.fill(1, 2);
    ASSERT_EQ(poll(*session), "complete 2 at 76");
  }
  EXPECT_TRUE(service->shut_down(5s));
  EXPECT_LE(num_descriptors(), before);
}

}  // namespace
}  // namespace apns::cli
