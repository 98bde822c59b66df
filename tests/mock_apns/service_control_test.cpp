// The whole service on sockets of the loopback, while people change it.
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/service.h"
#include "tests/support/binary_frames.h"
#include "tests/support/loopback_service.h"
#include "tests/support/socket_provider.h"

namespace apns::mock {
namespace {

using test::big_endian;
using test::copy_of;
using test::SocketProvider;
using testing::Contains;
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

}  // namespace
}  // namespace apns::mock
