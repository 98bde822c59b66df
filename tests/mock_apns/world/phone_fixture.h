#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "apns/base/time.h"
#include "mock_apns/world/phone.h"

namespace apns::mock::test {

constexpr std::string_view kApp = "com.example.app";
constexpr std::string_view kOtherApp = "com.example.other";

/// What is told, one short text each: "stored 1", "delivered 2 lock-screen", "gone 3".
class RecordingSink final : public DeliverySink {
 public:
  void delivered(const Delivery& delivery) override {
    log.push_back(fmt::format("{} {}{}", to_string(delivery.outcome), delivery.of,
                              delivery.shown ? " " + delivery.shown->place : ""));
    deliveries.push_back(delivery);
  }

  void app_is_gone(std::string_view bundle_id, const DeviceToken& device_token,
                   std::uint64_t of) override {
    log.push_back(fmt::format("gone {}", of));
    gone.emplace_back(std::string(bundle_id), device_token);
  }

  void activity_started(std::string_view /*bundle_id*/, std::string_view activity) override {
    log.push_back(fmt::format("started {}", activity));
  }

  void activity_ended(std::string_view /*bundle_id*/, std::string_view activity) override {
    log.push_back(fmt::format("ended {}", activity));
  }

  std::vector<std::string> log;
  std::vector<Delivery> deliveries;
  std::vector<std::pair<std::string, DeviceToken>> gone;
};

/// A phone with one app that is registered and in the background, under a manual time.
class PhoneFixture : public testing::Test {
 protected:
  using Log = std::vector<std::string>;

  PhoneFixture() { add_app(kApp); }

  void add_app(std::string_view bundle_id,
               ApsEnvironment environment = ApsEnvironment::Production) {
    EXPECT_EQ(phone.install(bundle_id,
                            ProvisioningProfile{"profile", std::string(bundle_id), environment}),
              std::nullopt);
    phone.set_state(bundle_id, AppState::Background, now, sink);
    if (environment != ApsEnvironment::None) {
      EXPECT_TRUE(phone.register_for(bundle_id, PushFamily::Alert, now, sink).has_value());
    }
  }

  /// Everything starts anew with other options.
  void restart(PhoneOptions options) {
    phone = Phone(std::move(options));
    add_app(kApp);
  }

  Push make_push(std::uint64_t of, std::string_view json) {
    return Push{.of = of,
                .device_token = *DeviceToken::from_bytes(as_bytes("token")),
                .payload = reader.read(json)};
  }

  Push alert(std::uint64_t of) {
    return make_push(of, fmt::format(R"({{"aps":{{"alert":"text {}"}}}})", of));
  }

  Push background(std::uint64_t of) { return make_push(of, R"({"aps":{"content-available":1}})"); }

  Push patient(std::uint64_t of) {
    Push push = alert(of);
    push.priority = 5;
    return push;
  }

  Push expiring(Push push, std::int64_t seconds_from_now) {
    push.expiration =
        std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() + seconds_from_now;
    return push;
  }

  PushResult send(Push push, std::string_view bundle_id = kApp) {
    return phone.push(bundle_id, std::move(push), now, sink);
  }

  void set_online(bool is_online) { phone.set_online(is_online, now, sink); }

  void set_low_power(bool is_low_power) { phone.set_low_power(is_low_power, now, sink); }

  void set_state(AppState state) { EXPECT_TRUE(phone.set_state(kApp, state, now, sink)); }

  /// To each deadline on the way, as an owner does.
  void advance(std::chrono::microseconds by) {
    const WorldTime end = now + by;
    for (WorldTime due = phone.deadline(); due <= end; due = phone.deadline()) {
      now = std::max(now, due);
      phone.on_time(now, sink);
    }
    now = end;
    phone.on_time(now, sink);
  }

  /// What was told since the last call.
  Log take_log() { return std::exchange(sink.log, {}); }

  std::string last_why() const {
    return sink.deliveries.empty() ? ""
                                   : fmt::format("{}", fmt::join(sink.deliveries.back().why, "; "));
  }

  WorldTime now = kManualStart + std::chrono::hours(12);
  RecordingSink sink;
  PayloadReader reader;
  Phone phone{PhoneOptions{}};
};

}  // namespace apns::mock::test
