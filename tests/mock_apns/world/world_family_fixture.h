#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/time.h"
#include "mock_apns/ledger.h"
#include "mock_apns/push_verdict.h"
#include "mock_apns/world/world.h"

namespace apns::mock::test {

inline constexpr std::string_view kApp = "com.example.app";
inline constexpr std::string_view kEnrolment = "com.apple.mgmt.External.7e1c";
inline constexpr std::string_view kHello = R"({"aps":{"alert":"Hello"}})";
inline constexpr std::string_view kUpdate =
    R"({"aps":{"event":"update","timestamp":1,"content-state":{"eta":5}}})";
inline constexpr std::string_view kStart =
    R"({"aps":{"event":"start","timestamp":1,"content-state":{"eta":9},"attributes-type":"Order",
        "attributes":{},"alert":"On its way"}})";

/// A world with the provider API of an environment before it that judges and carries out, without
/// bytes.
class WorldFamilyFixture : public testing::Test {
 protected:
  WorldFamilyFixture() {
    world.add_phone(Phone(PhoneOptions{.name = "phone"}));
    install(kApp);
  }

  void install(std::string_view bundle_id,
               ApsEnvironment environment = ApsEnvironment::Production) {
    world.install(
        "phone", bundle_id,
        ProvisioningProfile{
            .name = "any", .bundle_id = std::string(bundle_id), .aps_environment = environment});
  }

  DeviceToken launch(const Registration& registration = {}, std::string_view bundle_id = kApp) {
    return world.register_app("phone", bundle_id, 0, registration);
  }

  /// "" for accepted, else the reason.
  std::string push(const DeviceToken& to, std::string_view topic, std::string_view payload = kHello,
                   std::optional<PushType> push_type = std::nullopt,
                   Environment environment = Environment::Production) {
    const PushBody body{.device_token = to,
                        .topic = topic,
                        .topic_id = world.topic_id(topic),
                        .push_type = push_type.value_or(PushType::Alert),
                        .payload_len = payload.size()};
    const PushContext context{.profile = default_profile(),
                              .environment = environment,
                              .certificate = nullptr,
                              .world = &world};
    const PushVerdict verdict = judge_body(body, context, &why);
    since_ms = verdict.timestamp_ms;
    if (!verdict.accepted()) {
      if (verdict.token && verdict.token->state == TokenState::Inactive) {
        world.rejected_as_inactive(to.bytes(), 0, 0);
      }
      return std::string(row_of(*verdict.reason).name);
    }
    if (verdict.magic && verdict.magic->times > 0) {
      world.drawn(to.bytes());
    }
    world.accepted(
        AcceptedPush{.device_token = to.bytes(), .payload = payload, .push_type = push_type},
        verdict.token, verdict.magic, body.topic_id, environment);
    return {};
  }

  std::string push_to(PushFamily family, const DeviceToken& to, std::string_view payload = kHello) {
    return push(to, topic_of_family(kApp, family), payload);
  }

  std::string refusal_of(const Registration& registration, std::string_view bundle_id = kApp) {
    try {
      (void)launch(registration, bundle_id);
    } catch (const WorldError& error) {
      return error.what();
    }
    return "none";
  }

  /// Of the last one: "delivered com.example.app.voip call-screen".
  std::string last_delivery() {
    std::string last;
    for (const LedgerEvent& event : ledger.snapshot()) {
      if (event.kind == EventKind::Delivery) {
        last = std::string(to_string(event.outcome)) + " " + event.topic +
               (event.shown ? " " + event.shown->place : "");
      }
    }
    return last;
  }

  std::vector<FeedbackTuple> read_feedback(std::string_view topic = kApp) {
    return world.take_feedback(Environment::Production, topic, 100);
  }

  [[nodiscard]] std::uint64_t now_ms() const {
    return static_cast<std::uint64_t>(
               std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count()) *
           1000;
  }

  ManualClock clock;
  Ledger ledger{Ledger::Options{}};
  World world{WorldOptions{.open = false, .seed = 5}, clock, &ledger};
  Why why;
  std::optional<std::uint64_t> since_ms;
};

}  // namespace apns::mock::test
