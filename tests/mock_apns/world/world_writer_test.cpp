#include "mock_apns/world/world_writer.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "apns/base/random.h"
#include "mock_apns/fault_syntax.h"

namespace apns::mock {
namespace {

/// Draws plans that read_world could have made.
class PlanMaker {
 public:
  explicit PlanMaker(std::uint64_t seed) : random_(seed, 1) {}

  WorldPlan plan() {
    WorldPlan made;
    made.open = maybe(flip());
    for (std::uint64_t i = below(4); i > 0; --i) {
      made.devices.push_back(phone());
    }
    for (std::uint64_t i = below(3); i > 0; --i) {
      TokenPlan& tokens = made.device_tokens.emplace_back();
      tokens.bundle_id = name("com.example.");
      tokens.environment = flip() ? Environment::Production : Environment::Development;
      tokens.family = PushFamily(below(push_families().size()));
      for (std::uint64_t n = below(4); n > 0; --n) {
        tokens.device_tokens.push_back(token());
      }
    }
    for (std::uint64_t i = below(3); i > 0; --i) {
      made.faults.push_back(parse_fault(flip() ? "nth=4 protocol=binary: reject=8 delay=200ms"
                                               : "idle=5s: close=rst"));
    }
    return made;
  }

 private:
  PhonePlan phone() {
    PhonePlan made;
    made.options = PhoneOptions{.name = name("ph\xC3\xB6ne \"\\\n"),
                                .is_online = flip(),
                                .is_low_power = flip(),
                                .background_per_hour = below(100),
                                .complications_per_day = below(100),
                                .reloads_per_day = below(100),
                                .activity_pushes_per_hour = below(100),
                                .disconnects_with_last_app = flip()};
    for (std::uint64_t i = below(4); i > 0; --i) {
      AppPlan& app = made.apps.emplace_back();
      app.bundle_id = name("com.example.");
      app.profile = maybe(ProvisioningProfile{.name = name("any "),
                                              .bundle_id = flip() ? app.bundle_id : "*",
                                              .aps_environment = ApsEnvironment(below(3))});
      app.state = maybe(AppState(below(4)));
      app.alerts = maybe(flip());
      app.badges = maybe(flip());
      app.sounds = maybe(flip());
      app.background_refresh = maybe(flip());
      app.is_registered = flip();
      app.device_token = maybe(token());
      for (const PushFamilyRow& row : push_families()) {
        if (row.family != PushFamily::Alert && row.family != PushFamily::Mdm && flip()) {
          app.families.push_back(family(row.family));
        }
      }
    }
    return made;
  }

  Registration family(PushFamily of) {
    return Registration{.family = of,
                        .activity = of == PushFamily::LiveActivity && flip() ? name("order ") : "",
                        .channel = of == PushFamily::PushToTalk ? name("channel ") : "",
                        .device_token = maybe(token())};
  }

  std::uint64_t below(std::uint64_t end) { return random_.next() % end; }

  bool flip() { return below(2) == 0; }

  template <class T>
  std::optional<T> maybe(T value) {
    return flip() ? std::optional<T>(std::move(value)) : std::nullopt;
  }

  /// Another one each time.
  std::string name(std::string prefix) { return std::move(prefix) + std::to_string(++num_names_); }

  DeviceToken token() {
    Bytes bytes(1 + below(DeviceToken::kMaxLen - 8));
    ByteWriter(bytes).write(static_cast<std::uint32_t>(++num_names_));
    return *DeviceToken::from_bytes(bytes);
  }

  RandomStream random_;
  int num_names_ = 0;
};

TEST(WorldWriter, WhatIsWrittenIsReadAsTheSamePlan) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const WorldPlan plan = PlanMaker(seed).plan();
    const std::string text = write_world(plan);
    ASSERT_EQ(read_world(json::parse(text, "world.json")), plan) << "seed " << seed << "\n" << text;
  }
}

TEST(WorldWriter, WritesTheKeysThatTheReaderKnows) {
  WorldPlan plan;
  plan.open = true;
  AppPlan app;
  app.bundle_id = "a";
  app.profile = ProvisioningProfile{.name = "n", .bundle_id = "a"};
  app.state = AppState::Background;
  app.alerts = app.badges = app.sounds = app.background_refresh = true;
  app.device_token = DeviceToken::parse("b1b2");
  app.families.push_back({.family = PushFamily::Voip,
                          .activity = "x",
                          .channel = "y",
                          .device_token = app.device_token});
  plan.devices.push_back(PhonePlan{.options = {}, .apps = {app}});
  plan.device_tokens.emplace_back().bundle_id = "a";
  const auto world = nlohmann::json::parse(write_world(plan));
  const auto& device = world["devices"][0];
  const std::map<std::string, nlohmann::json> written = {
      {"world", world},
      {"device", device},
      {"app", device["apps"][0]},
      {"profile", device["apps"][0]["profile"]},
      {"family", device["apps"][0]["families"][0]},
      {"device_tokens_entry", world["device_tokens"][0]}};
  std::size_t num_compared = 0;
  for (const json::ObjectKeys& known : world_format()) {
    const auto object = written.find(known.object);
    if (object == written.end()) {
      continue;  // of a device step
    }
    std::vector<std::string> wanted = known.keys;
    std::ranges::sort(wanted);
    std::vector<std::string> keys;
    for (const auto& member : object->second.items()) {
      keys.push_back(member.key());
    }
    EXPECT_EQ(keys, wanted) << known.object;
    ++num_compared;
  }
  EXPECT_EQ(num_compared, written.size());
}

}  // namespace
}  // namespace apns::mock
