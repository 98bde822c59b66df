#include "mock_apns/world/snapshot.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace apns::mock {

namespace {

AppPlan plan_of(const AppInfo& app) {
  AppPlan plan;
  plan.bundle_id = app.bundle_id;
  plan.profile = app.profile;
  plan.state = app.state;
  plan.alerts = app.settings.alerts;
  plan.badges = app.settings.badges;
  plan.sounds = app.settings.sounds;
  plan.background_refresh = app.settings.background_refresh;
  plan.is_registered = app.is_registered;
  if (app.is_registered) {
    plan.device_token = app.device_token;
  }
  for (const FamilyToken& family : app.families) {
    plan.families.push_back(Registration{.family = family.family,
                                         .activity = family.activity,
                                         .channel = family.channel,
                                         .device_token = family.device_token});
  }
  return plan;
}

void require_few(std::size_t num_tokens) {
  if (num_tokens > kMaxPlannedTokens) {
    throw WorldError("The world has more than " + std::to_string(kMaxPlannedTokens) +
                     " registered device tokens, too many to take down. Keep the file that they "
                     "came from.");
  }
}

}  // namespace

WorldPlan make_plan(const World& world) {
  WorldPlan plan;
  plan.open = world.is_open();
  std::size_t num_tokens = 0;
  for (const PhoneInfo& phone : world.phones()) {
    PhonePlan& made = plan.devices.emplace_back();
    made.options = phone.options;
    for (const AppInfo& app : phone.apps) {
      made.apps.push_back(plan_of(app));
      num_tokens += 1 + app.families.size();
      require_few(num_tokens);
    }
  }

  using ListKey = std::tuple<std::uint32_t, Environment, PushFamily>;
  std::map<ListKey, std::vector<DeviceToken>> lists;
  world.tokens().visit([&](const DeviceToken& token, const TokenRecord& record) {
    const bool belongs_to_nobody = !record.trusted && record.phone == 0 && record.topic != 0;
    if (belongs_to_nobody && record.state == TokenState::Registered) {
      lists[{record.topic, record.environment, record.family}].push_back(token);
      require_few(++num_tokens);
    }
  });
  for (auto& [key, tokens] : lists) {
    std::ranges::sort(tokens, [](const DeviceToken& one, const DeviceToken& other) {
      return std::ranges::lexicographical_compare(one.bytes(), other.bytes());
    });
    const auto& [topic, environment, family] = key;
    const std::string name = world.topic_name(topic);
    plan.device_tokens.push_back(TokenPlan{
        .bundle_id = name.substr(0, name.size() - topic_of_family({}, family).size()),
        .environment = environment,
        .family = family,
        .device_tokens = std::move(tokens),
    });
  }
  // Not by the world's numbers of apps, which depend on who came first.
  std::ranges::sort(plan.device_tokens, [](const TokenPlan& one, const TokenPlan& other) {
    return std::tie(one.bundle_id, one.environment, one.family) <
           std::tie(other.bundle_id, other.environment, other.family);
  });
  return plan;
}

void rehearse(const World& world, const WorldPlan& plan) {
  const ManualClock clock;
  World rehearsal(world.options(), clock, nullptr);
  carry_out(plan, rehearsal, 0);
}

void reset(World& world, const WorldPlan& plan, unsigned ring) {
  rehearse(world, plan);
  world.clear();
  carry_out(plan, world, ring);
}

}  // namespace apns::mock
