// The whole service on sockets of the loopback, while people change it.
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"
#include "mock_apns/service.h"
#include "tests/support/binary_frames.h"
#include "tests/support/loopback_service.h"
#include "tests/support/socket_provider.h"

namespace apns::mock {
namespace {

using test::big_endian;
using test::copy_of;
using test::framed;
using test::SocketProvider;
using namespace std::chrono_literals;

constexpr std::string_view kApp = certs::kDefaultTopic;

class ServiceControlTest : public testing::Test, protected test::LoopbackService {
 protected:
  explicit ServiceControlTest(ServiceOptions wanted = with_phone())
      : service(wanted, credentials(), ServiceEvents{}) {}

  /// Its phone is offline.
  static ServiceOptions with_phone() {
    ServiceOptions wanted = options();
    PhonePlan phone;
    phone.options.is_online = false;
    phone.apps.emplace_back().bundle_id = kApp;
    phone.apps.back().device_token = DeviceToken::from_bytes(test::device_token());
    wanted.world.devices.push_back(phone);
    return wanted;
  }

  /// Waits until the ledger has so many events of this kind and outcome.
  [[nodiscard]] testing::AssertionResult wait_for(EventKind kind, EventOutcome outcome,
                                                  std::size_t n = 1) {
    const auto limit = std::chrono::steady_clock::now() + SocketProvider::kLimit;
    while (num_events(kind, outcome) < n) {
      if (std::chrono::steady_clock::now() > limit) {
        return testing::AssertionFailure()
               << "waited in vain for " << n << " " << to_string(kind) << " " << to_string(outcome);
      }
      std::this_thread::yield();
    }
    return testing::AssertionSuccess();
  }

  [[nodiscard]] std::size_t num_events(EventKind kind, EventOutcome outcome) const {
    std::size_t n = 0;
    for (const LedgerEvent& event : service.ledger()->snapshot()) {
      n += event.kind == kind && event.outcome == outcome ? 1 : 0;
    }
    return n;
  }

  /// Command 2 to the phone, for so long by the machine's clock.
  static Bytes framed_for(std::chrono::seconds time) {
    using namespace binary::test;
    const auto expires = std::chrono::floor<std::chrono::seconds>(net::SystemClock{}.now()) + time;
    return frame(
        {item(1, test::device_token()), item(2, copy_of(as_bytes(R"({"aps":{}})"))),
         item(3, big_endian(1)),
         item(4, big_endian(static_cast<std::uint32_t>(expires.time_since_epoch().count())))});
  }

  Service service;
};

TEST_F(ServiceControlTest, WhatIsStoredExpiresAtOnceWhenTheClockIsAdvanced) {
  const std::uint16_t port = service.gateway_port(Environment::Production);
  SocketProvider first(client());
  first.dial(port, framed_for(10min));
  ASSERT_TRUE(wait_for(EventKind::Delivery, EventOutcome::Stored));
  service.clock().advance(11min);
  EXPECT_EQ(num_events(EventKind::Delivery, EventOutcome::Expired), 1U);

  SocketProvider second(client());
  second.dial(port, framed_for(10min));
  ASSERT_TRUE(wait_for(EventKind::Delivery, EventOutcome::Stored, 2));
  service.clock().advance(1s);
  EXPECT_EQ(num_events(EventKind::Delivery, EventOutcome::Expired), 1U);
}

TEST_F(ServiceControlTest, AnActionIsAppliedToAnIdleConnection) {
  SocketProvider idle(client());
  SocketProvider other(client());
  idle.dial(service.gateway_port(Environment::Production), framed(41));
  other.dial(service.gateway_port(Environment::Development), {});
  ASSERT_TRUE(wait_for(EventKind::Connection, EventOutcome::Opened, 2));
  ASSERT_TRUE(wait_for(EventKind::Notification, EventOutcome::Accepted));
  const std::vector<ConnectionInfo> open = service.connections();
  ASSERT_EQ(open.size(), 2U);
  const ConnectionInfo& its = open[open[0].environment == Environment::Production ? 0 : 1];
  EXPECT_EQ(its.accepted, 1U);
  EXPECT_EQ(its.tls, "TLSv1.2");
  EXPECT_THAT(its.peer, testing::StartsWith("127.0.0.1:"));

  FaultAction action;
  action.reject = 10;
  EXPECT_EQ(service.apply(99, action), Applied{});
  EXPECT_EQ(service.apply(its.connection, action), (Applied{.found = 1, .done = 1}));
  EXPECT_TRUE(idle.wait_until_gone());
  EXPECT_EQ(idle.received(), "080a00000029");
  EXPECT_EQ(other.why_gone(), std::nullopt);
}

TEST_F(ServiceControlTest, AnIdleConnectionObeysARuleThatIsArmedNow) {
  SocketProvider idle(client());
  idle.dial(service.gateway_port(Environment::Production), {});
  ASSERT_TRUE(wait_for(EventKind::Connection, EventOutcome::Opened));
  (void)service.arm(parse_fault("idle=1ms: close=fin"));
  EXPECT_TRUE(idle.wait_until_gone());
}

TEST_F(ServiceControlTest, AResetStartsCleanOnAnOpenConnection) {
  const DeviceToken token = *DeviceToken::from_bytes(test::device_token());
  (void)service.arm(parse_fault("nth=1: stop_reading=true"));
  service.clock().advance(1h);
  service.clock().freeze();
  service.world().uninstall("phone", kApp, service.ledger()->outside_ring());
  // More than one read's worth: what was read stays with the host, the rest in the kernel.
  Bytes said;
  for (std::uint32_t i = 1; i <= 2'000; ++i) {
    const Bytes one = framed(i);
    said.insert(said.end(), one.begin(), one.end());
  }
  SocketProvider provider(client());
  provider.dial(service.gateway_port(Environment::Production), said);
  ASSERT_TRUE(wait_for(EventKind::Notification, EventOutcome::Accepted));
  EXPECT_EQ(service.connections().at(0).state, ConnectionState::StoppedReading);

  ASSERT_TRUE(service.reset());
  EXPECT_THAT(service.faults(), testing::IsEmpty());
  EXPECT_FALSE(service.clock().state().is_frozen);
  EXPECT_EQ(service.clock().offset(), 0s);
  EXPECT_EQ(service.world().token_info(token.bytes())->state, TokenState::Registered);
  // What was written before and not read belongs to what was before.
  EXPECT_EQ(service.connections().at(0).state, ConnectionState::Reading);
  EXPECT_EQ(service.connections().at(0).notifications, 0U);
  EXPECT_EQ(service.counters(Environment::Production).discarded, 1'999U);
  EXPECT_THAT(service.ledger()->snapshot(), testing::IsEmpty());
}

TEST_F(ServiceControlTest, AResetEndsConnectionsIfItIsToldTo) {
  SocketProvider provider(client());
  provider.dial(service.gateway_port(Environment::Production), framed(1));
  ASSERT_TRUE(wait_for(EventKind::Notification, EventOutcome::Accepted));
  ASSERT_TRUE(service.reset(nullptr, true));
  EXPECT_TRUE(provider.wait_until_gone());
  EXPECT_EQ(provider.received(), "");
}

TEST_F(ServiceControlTest, AResetToAnotherWorldChangesNothingIfThatCannotBe) {
  WorldPlan plan;
  plan.devices.resize(2);  // both are called "phone"
  (void)service.arm(parse_fault("nth=1: stop_reading=true"));
  EXPECT_THROW((void)service.reset(&plan), WorldError);
  EXPECT_EQ(service.faults().size(), 1U);
  EXPECT_THAT(service.world().phone_names(), testing::ElementsAre("phone"));
  plan.devices[1].options.name = "tablet";
  plan.faults = {parse_fault("nth=7: reject=8")};
  EXPECT_TRUE(service.reset(&plan));
  EXPECT_THAT(service.world().phone_names(), testing::ElementsAre("phone", "tablet"));
  EXPECT_EQ(service.faults().size(), 1U);
}

TEST_F(ServiceControlTest, AnotherProfileHoldsUntilTheReset) {
  EXPECT_TRUE(service.set_profile(*find_profile("2013")));
  SocketProvider provider(client());
  provider.dial(service.gateway_port(Environment::Production), framed(1, std::string(300, 'x')));
  EXPECT_TRUE(provider.wait_until_gone());
  EXPECT_EQ(provider.received(), "080700000001");
  EXPECT_EQ(service.counters(Environment::Production).rejected_with.at(7), 1U);
  EXPECT_EQ(service.profile().name, "2013");
  EXPECT_TRUE(service.reset());
  EXPECT_EQ(&service.profile(), &default_profile());
}

class BusyServiceControlTest : public ServiceControlTest {
 protected:
  static ServiceOptions with_threads() {
    ServiceOptions wanted = with_phone();
    wanted.threads = 2;
    wanted.keep = 100;
    return wanted;
  }

  BusyServiceControlTest() : ServiceControlTest(with_threads()) {}
};

TEST_F(BusyServiceControlTest, ResetsWhilePushesArrive) {
  constexpr std::uint32_t kEach = 3'000;
  std::vector<std::unique_ptr<SocketProvider>> providers;
  for (int i = 0; i < 4; ++i) {
    Bytes said;
    for (std::uint32_t n = 1; n <= kEach; ++n) {
      const Bytes one = framed(n, R"({"aps":{"alert":"Hello"}})");
      said.insert(said.end(), one.begin(), one.end());
    }
    providers.push_back(std::make_unique<SocketProvider>(client()));
    providers.back()->dial(service.gateway_port(Environment::Production), said);
  }
  int num_resets = 0;
  const auto limit = std::chrono::steady_clock::now() + SocketProvider::kLimit;
  while (service.counters(Environment::Production).accepted < kEach * providers.size() &&
         std::chrono::steady_clock::now() < limit) {
    EXPECT_TRUE(service.reset());
    (void)service.connections();
    ++num_resets;
  }
  EXPECT_GT(num_resets, 0);
  EXPECT_EQ(service.counters(Environment::Production).accepted, kEach * providers.size());
  EXPECT_EQ(service.counters(Environment::Production).rejected, 0U);
}

}  // namespace
}  // namespace apns::mock
