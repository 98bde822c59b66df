// The provider for programs, against the whole service on sockets: as docs/provider.md shows it.
#include "provider/net/provider.h"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "certs/whole_file.h"
#include "mock_apns/service.h"
#include "provider/provider_token_key.h"
#include "tests/support/loopback_service.h"

namespace apns::provider {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class ProviderTest : public testing::Test, protected apns::test::LoopbackService {
 protected:
  ProviderTest() : service(options(), credentials(), mock::ServiceEvents{}) {}

  [[nodiscard]] ProviderOptions provider_options() {
    ProviderOptions made;
    made.client.service = Endpoint{"127.0.0.1", service.http2_port(Environment::Production)};
    made.tls = client();
    return made;
  }

  /// `bad`: one that the service rejects by itself.
  [[nodiscard]] static Notification notification(bool bad = false) {
    return Notification{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                        .payload = R"({"aps":{"alert":"Hello"}})",
                        .topic = bad ? "com.example.another" : "com.example.app",
                        .push_type = PushType::Alert};
  }

  mock::Service service;
};

TEST_F(ProviderTest, TellsACallback) {
  Provider provider(provider_options());
  std::promise<PushOutcome> told;
  provider.push(notification(), [&told](const PushOutcome& outcome) { told.set_value(outcome); });
  const PushOutcome outcome = told.get_future().get();
  EXPECT_TRUE(outcome.is_sent()) << outcome.text;
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.apns_id.size(), 36U);
}

TEST_F(ProviderTest, FulfilsAFuture) {
  Provider provider(provider_options());
  const PushOutcome outcome = provider.push(notification(true), asio::use_future).get();
  EXPECT_EQ(outcome.kind, OutcomeKind::Rejected);
  EXPECT_EQ(outcome.taken, SendResult::Queued);
  EXPECT_EQ(outcome.status, 400);
  EXPECT_EQ(outcome.reason, Reason::BadTopic) << outcome.text;
  EXPECT_EQ(service.http2_counters(Environment::Production).rejected, 1U);
}

asio::awaitable<int> push_in_turn(Provider& provider, int n) {
  int sent = 0;
  for (int i = 0; i < n; ++i) {
    Notification next{.device_token = *DeviceToken::parse(std::string(64, 'a')),
                      .payload = R"({"aps":{"alert":"Hello"}})",
                      .topic = "com.example.app"};
    const PushOutcome outcome = co_await provider.push(std::move(next), asio::use_awaitable);
    sent += outcome.is_sent() ? 1 : 0;
  }
  co_return sent;
}

// It goes on where it runs, not on the provider's thread; and the program waits for it.
TEST_F(ProviderTest, ResumesACoroutineWhereItRuns) {
  Provider provider(provider_options());
  asio::io_context context;
  int sent = 0;
  std::thread::id ran_on;
  for (int i = 0; i < 10; ++i) {
    asio::co_spawn(context, push_in_turn(provider, 20),
                   [&](const std::exception_ptr& /*error*/, int n) {
                     sent += n;
                     ran_on = std::this_thread::get_id();
                   });
  }
  context.run();
  EXPECT_EQ(sent, 200);
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST_F(ProviderTest, IsPushedToFromAnyThread) {
  Provider provider(provider_options());
  std::atomic<int> sent = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 500; ++n) {
          provider.push(notification(),
                        [&sent](const PushOutcome& outcome) { sent += outcome.is_sent() ? 1 : 0; });
        }
      });
    }
  }
  provider.drain(10s);
  EXPECT_EQ(sent, 2000);
  EXPECT_EQ(service.http2_counters(Environment::Production).accepted, 2000U);
  EXPECT_EQ(provider.stats().connections, 1U);
}

TEST_F(ProviderTest, SaysWhenAsManyWaitAsMay) {
  ProviderOptions options = provider_options();
  options.queue_len = 10;
  options.retry.max_kept = 5;
  options.client.service.port = 1;  // nobody is there
  options.client.dial.max_attempts = 1;
  options.retry.limits.max_attempts = 1;
  std::atomic<int> full = 0;
  std::atomic<int> unsent = 0;
  {
    Provider provider(std::move(options));
    for (int i = 0; i < 100; ++i) {
      provider.push(notification(), [&](const PushOutcome& outcome) {
        ++(outcome.taken == SendResult::Full ? full : unsent);
      });
    }
  }
  EXPECT_EQ(full + unsent, 100);
  EXPECT_GT(full, 0);
  EXPECT_GE(unsent, 10);
}

TEST_F(ProviderTest, TakesNothingOnceItDrains) {
  Provider provider(provider_options());
  EXPECT_TRUE(provider.push(notification(), asio::use_future).get().is_sent());
  provider.drain(5s);
  const PushOutcome late = provider.push(notification(), asio::use_future).get();
  EXPECT_EQ(late.taken, SendResult::Draining);
  EXPECT_EQ(late.text, "nothing is taken any more");
}

TEST_F(ProviderTest, WhatCannotBeSentIsRefusedWithoutTheService) {
  Provider provider(provider_options());
  Notification empty = notification();
  empty.payload.clear();
  EXPECT_EQ(provider.push(empty, asio::use_future).get().taken, SendResult::PayloadEmpty);
  Notification illegal = notification();
  illegal.topic = "a\nb";
  EXPECT_EQ(provider.push(illegal, asio::use_future).get().taken, SendResult::FieldIllegal);
  EXPECT_EQ(provider.stats().connections, 0U);
}

TEST_F(ProviderTest, ShowsAProviderToken) {
  ProviderOptions options = provider_options();
  options.tls.certificate = nullptr;
  options.tls.key = nullptr;
  const std::string pem = *certs::read_file(credentials().file("AuthKey_KEY0000001.p8"));
  options.provider_token =
      make_token_signer({pem, certs::kDefaultKeyId, certs::kDefaultTeamId, {}});
  Provider provider(std::move(options));
  const PushOutcome outcome = provider.push(notification(), asio::use_future).get();
  EXPECT_TRUE(outcome.is_sent()) << outcome.text << " " << provider.last_error();
}

TEST_F(ProviderTest, EndsWithAnOutcomeForEach) {
  std::atomic<int> outcomes = 0;
  {
    Provider provider(provider_options());
    for (int i = 0; i < 300; ++i) {
      provider.push(notification(), [&outcomes](const PushOutcome& /*outcome*/) { ++outcomes; });
    }
  }
  EXPECT_EQ(outcomes, 300);
}

}  // namespace
}  // namespace apns::provider
