#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "apns/json/document.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/testing/test_service.h"
#include "mock_apns/world/world_file.h"

namespace apns::mock {

/// A GoogleTest fixture for programs that push: TestService::shared(), which is as new at the
/// beginning of each test.
///
///   using apns::mock::PushTest;
///
///   TEST_F(PushTest, TheOrderArrives) {
///     Notifier notifier({info().host, info().gateway_port, file("ca.pem"), ...});
///     notifier.shipped(info().device_token, 4711);
///     EXPECT_TRUE(expect(R"({"event": "delivery", "shown": {"body": "Order 4711 ..."}})"));
///   }
class PushTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(TestService::shared().reset()) << "the service is too busy to be reset";
  }

  [[nodiscard]] static Service& service() { return TestService::shared().service(); }

  [[nodiscard]] static const ServiceInfo& info() { return TestService::shared().info(); }

  /// "ca.pem": whom to trust; "cert.pem", "key.pem": what to show.
  [[nodiscard]] static std::filesystem::path file(std::string_view name) {
    return TestService::shared().file(name);
  }

  /// A fault as `apnslab serve --fault` has it: "nth=1: reject=8 times=1"; docs/faults.md. Throws
  /// FaultError.
  static void arm(std::string_view fault) { service().arm(parse_fault(fault)); }

  /// TestService::missed(), for EXPECT_TRUE: when it is false it says what came nearest.
  [[nodiscard]] static ::testing::AssertionResult expect(std::string_view match,
                                                         const Expected& expected = {}) {
    const auto missed = TestService::shared().missed(match, expected);
    return missed ? ::testing::AssertionFailure() << *missed : ::testing::AssertionSuccess();
  }

  /// What the ledger has of it now, oldest first.
  [[nodiscard]] static std::vector<LedgerEvent> events(std::string_view match) {
    return TestService::shared().events(match);
  }

  [[nodiscard]] static World& world() { return service().world(); }

  /// What a phone's owner does: R"({"device": "phone", "set": {"online": false}})"; DeviceChange
  /// has the others. Throws json::Error or WorldError.
  static void change(std::string_view what) {
    carry_out(read_device_change(json::parse(what, "change")), world(), service().outside_ring());
  }
};

}  // namespace apns::mock
