// The whole service on sockets of the loopback.
#include "mock_apns/service.h"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/certificate_factory.h"
#include "mock_apns/fault_syntax.h"
#include "tests/support/binary_frames.h"
#include "tests/support/loopback_service.h"
#include "tests/support/socket_provider.h"

namespace apns::mock {
namespace {

using binary::test::join;
using binary::test::repeat;
using test::framed;
using test::framed_bad;
using test::SocketProvider;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

class ServiceTest : public testing::Test, protected test::LoopbackService {
 protected:
  [[nodiscard]] static std::unique_ptr<Service> start(const ServiceOptions& wanted = options(),
                                                      ServiceEvents events = {}) {
    return std::make_unique<Service>(wanted, credentials(), std::move(events));
  }
};

/// What a service tells its shell, from any thread.
class Watch {
 public:
  [[nodiscard]] ServiceEvents events() {
    ServiceEvents made;
    made.ledger = [this](const LedgerEvent& event) {
      const std::lock_guard lock(mutex_);
      told_.push_back(event);
      changed_.notify_all();
    };
    made.problem = [this](const GatewayProblem& problem) {
      const std::lock_guard lock(mutex_);
      problems_.push_back(std::string(problem.area) + " " + problem.text);
    };
    return made;
  }

  [[nodiscard]] testing::AssertionResult wait_for_events(std::size_t n) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, SocketProvider::kLimit, [&] { return told_.size() >= n; })) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << "waited in vain for " << n << " events of the ledger, got " << told_.size();
  }

  [[nodiscard]] std::vector<LedgerEvent> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  [[nodiscard]] std::vector<std::string> problems() {
    const std::lock_guard lock(mutex_);
    return problems_;
  }

 private:
  std::mutex mutex_;  // over all below
  std::condition_variable changed_;
  std::vector<LedgerEvent> told_;
  std::vector<std::string> problems_;
};

TEST_F(ServiceTest, ServesBothEnvironmentsAtOnce) {
  Watch watch;
  const auto service = start(options(), watch.events());
  const std::uint16_t production = service->gateway_port(Environment::Production);
  const std::uint16_t development = service->gateway_port(Environment::Development);
  EXPECT_NE(production, 0);
  EXPECT_NE(development, 0);
  EXPECT_NE(production, development);

  SocketProvider one(client());
  SocketProvider other(client());
  one.dial(production, join({framed(1), framed(2), framed_bad(3)}));
  other.dial(development, join({framed(1), framed_bad(2)}));
  EXPECT_TRUE(one.wait_until_gone());
  EXPECT_TRUE(other.wait_until_gone());
  EXPECT_EQ(one.received(), "080200000003");
  EXPECT_EQ(other.received(), "080200000002");
  EXPECT_EQ(service->counters(Environment::Production).accepted, 2U);
  EXPECT_EQ(service->counters(Environment::Development).accepted, 1U);

  ASSERT_TRUE(watch.wait_for_events(9));
  std::map<Environment, std::vector<std::string>> stories;
  for (const LedgerEvent& event : service->ledger()->snapshot()) {
    stories[event.environment].emplace_back(to_string(event.outcome));
    EXPECT_TRUE(event.tls.empty() || event.tls == "TLSv1.2") << event.tls;
    EXPECT_TRUE(event.topic.empty() || event.topic == certs::kDefaultTopic) << event.topic;
  }
  EXPECT_THAT(stories[Environment::Production],
              ElementsAre("opened", "accepted", "accepted", "rejected", "closed"));
  EXPECT_THAT(stories[Environment::Development],
              ElementsAre("opened", "accepted", "rejected", "closed"));
}

TEST_F(ServiceTest, BindsThePortsThatItSays) {
  const auto service = start();
  for (const Environment environment : {Environment::Production, Environment::Development}) {
    ServiceOptions again = options();
    again.gateway_port = service->gateway_port(environment);
    try {
      const auto second = start(again);
      FAIL() << "two services share a port";
    } catch (const net::ListenError& error) {
      EXPECT_EQ(std::string(error.what()),
                "port " + std::to_string(again.gateway_port) +
                    " on 127.0.0.1 is in use. Stop what uses it, or use --port 0 for free ports.");
    }
  }
}

TEST_F(ServiceTest, LeavesOutAnAddressThatTheMachineDoesNotHaveUnlessItIsTheFirst) {
  ServiceOptions wanted = options();
  // 2001:db8::/32 is for documentation (RFC 3849): no machine has it.
  wanted.listen = {"127.0.0.1", "2001:db8::1"};
  const auto service = start(wanted);
  EXPECT_NE(service->gateway_port(Environment::Production), 0);

  wanted.listen = {"2001:db8::1", "127.0.0.1"};
  EXPECT_THROW((void)start(wanted), net::ListenError);
  wanted.listen = {"127.0.0.1", "localhost"};
  EXPECT_THROW((void)start(wanted), net::ListenError) << "a name is not an address";
}

TEST_F(ServiceTest, RefusesACertificateOfTheOtherEnvironmentInTheHandshake) {
  Watch watch;
  const auto service = start(options(), watch.events());
  const certs::Credential development = factory().make_provider(certs::ProviderCertificate::legacy(
      "com.example.app", "TEAM000001", Environment::Development));

  SocketProvider wrong(client(development));
  wrong.dial(service->gateway_port(Environment::Production), framed(1));
  EXPECT_TRUE(wrong.wait_until_gone());
  EXPECT_EQ(wrong.alert_received(), 46) << "certificate_unknown";
  SocketProvider right(client(development));
  right.dial(service->gateway_port(Environment::Development), framed_bad(1));
  EXPECT_TRUE(right.wait_until_gone());
  EXPECT_EQ(right.received(), "080200000001");

  ASSERT_TRUE(watch.wait_for_events(4));
  const std::vector<LedgerEvent> events = watch.told();
  EXPECT_EQ(events[0].outcome, EventOutcome::Refused);
  EXPECT_EQ(events[0].environment, Environment::Production);
  EXPECT_EQ(events[0].alert, 46);
  EXPECT_EQ(events[0].by, "service");
  EXPECT_EQ(service->counters(Environment::Production).connections, 0U);
  EXPECT_EQ(service->counters(Environment::Development).connections, 1U);
  EXPECT_THAT(watch.problems(),
              ElementsAre(HasSubstr("tls refused with alert certificate_unknown")));
}

TEST_F(ServiceTest, ShutsDownWithStatusTenAndTakesNobodyAfterwards) {
  Watch watch;
  const auto service = start(options(), watch.events());
  const std::uint16_t port = service->gateway_port(Environment::Production);
  SocketProvider busy(client());
  SocketProvider idle(client());
  busy.dial(port, join({framed(41), framed(42)}));
  idle.dial(service->gateway_port(Environment::Development), {});
  ASSERT_TRUE(watch.wait_for_events(4));

  EXPECT_TRUE(service->shut_down(5s));
  EXPECT_EQ(service->num_open_connections(), 0U);
  EXPECT_TRUE(busy.wait_until_gone());
  EXPECT_TRUE(idle.wait_until_gone());
  EXPECT_EQ(busy.received(), "080a0000002a");
  EXPECT_EQ(idle.received(), "080a00000000");

  SocketProvider late(client());
  late.dial(port, framed(1));
  EXPECT_TRUE(late.wait_until_gone());
  EXPECT_EQ(late.why_gone(), Gone::Refused);
}

TEST_F(ServiceTest, AShutdownEndsAtItsLimitThoughAProviderStays) {
  Watch watch;
  const auto service = start(options(), watch.events());
  SocketProvider stubborn(client(), false);
  stubborn.dial(service->gateway_port(Environment::Production), framed(1));
  ASSERT_TRUE(watch.wait_for_events(2));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(service->shut_down(200ms));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST_F(ServiceTest, CountsTheSameOnTwoThreads) {
  constexpr std::size_t kConnections = 8;
  constexpr std::size_t kEach = 200;
  ServiceOptions wanted = options();
  wanted.threads = 2;
  const auto service = start(wanted);
  std::vector<std::unique_ptr<SocketProvider>> providers;
  for (std::size_t i = 0; i < kConnections; ++i) {
    providers.push_back(std::make_unique<SocketProvider>(client()));
    providers.back()->dial(service->gateway_port(Environment::Production),
                           join({repeat(kEach, framed(7)), framed_bad(8), framed(9)}));
  }
  for (const auto& provider : providers) {
    EXPECT_TRUE(provider->wait_until_gone());
    EXPECT_EQ(provider->received(), "080200000008");
  }
  EXPECT_TRUE(service->shut_down(5s));
  const GatewayCounters counters = service->counters(Environment::Production);
  EXPECT_EQ(counters.connections, kConnections);
  EXPECT_EQ(counters.accepted, kConnections * kEach);
  EXPECT_EQ(counters.rejected, kConnections);

  std::uint64_t last_seq = 0;
  std::map<std::uint64_t, std::uint64_t> last_nth;
  for (const LedgerEvent& event : service->ledger()->snapshot()) {
    EXPECT_EQ(event.seq, ++last_seq);
    if (event.kind == EventKind::Notification) {
      EXPECT_EQ(event.nth, ++last_nth[event.connection]);
    }
  }
  EXPECT_EQ(last_nth.size(), kConnections);
}

TEST_F(ServiceTest, ObeysItsFaultsAndNeedsNoLedger) {
  ServiceOptions wanted = options();
  wanted.faults = {parse_fault("environment=development nth=1: reject=8 error_packet.split=1")};
  wanted.keep_ledger = false;
  const auto service = start(wanted);
  EXPECT_EQ(service->ledger(), nullptr);
  SocketProvider provider(client());
  provider.dial(service->gateway_port(Environment::Development), framed(5));
  EXPECT_TRUE(provider.wait_until_gone());
  EXPECT_EQ(provider.received(), "080800000005");
}

TEST_F(ServiceTest, TellsItsListenerEachEvent) {
  Watch watch;
  const auto service = start(options(), watch.events());
  SocketProvider provider(client());
  provider.dial(service->gateway_port(Environment::Production), framed_bad(1));
  EXPECT_TRUE(provider.wait_until_gone());
  EXPECT_TRUE(service->shut_down(5s));
  std::vector<std::string> outcomes;
  for (const LedgerEvent& event : watch.told()) {
    outcomes.emplace_back(to_string(event.outcome));
  }
  EXPECT_THAT(outcomes, ElementsAre("opened", "rejected", "closed"));
}

TEST_F(ServiceTest, MayBeDestroyedWithOpenConnections) {
  Watch watch;
  SocketProvider provider(client());
  {
    const auto service = start(options(), watch.events());
    provider.dial(service->gateway_port(Environment::Production), framed(1));
    ASSERT_TRUE(watch.wait_for_events(2));
  }
  EXPECT_TRUE(provider.wait_until_gone());
  EXPECT_THAT(provider.received(), IsEmpty());
}

}  // namespace
}  // namespace apns::mock
