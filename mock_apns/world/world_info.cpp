#include "mock_apns/world/world_info.h"

#include <algorithm>

#include "mock_apns/world/world_phone.h"

namespace apns::mock {

std::string_view to_string(TokenState state) {
  switch (state) {
    case TokenState::Registered:
      return "registered";
    case TokenState::AppGone:
      return "app-gone";
    case TokenState::Inactive:
      return "inactive";
    case TokenState::Replaced:
      return "replaced";
    case TokenState::Expired:
      return "expired";
  }
  return {};
}

std::vector<std::string> World::apps() const {
  std::vector<std::string> names;
  {
    const std::shared_lock lock(topics_mutex_);
    // Nor the topics of their families.
    const auto is_of_another = [this](const std::string& topic) {
      return std::ranges::any_of(push_families(), [&](const PushFamilyRow& row) {
        const std::string suffix = topic_of_family({}, row.family);
        return !suffix.empty() && topic.ends_with(suffix) &&
               topic_ids_.contains(topic.substr(0, topic.size() - suffix.size()));
      });
    };
    std::ranges::remove_copy_if(topic_names_, std::back_inserter(names), is_of_another);
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::shared_ptr<World::Box>> World::boxes() const {
  std::vector<std::shared_ptr<Box>> there;
  const std::shared_lock lock(phones_mutex_);
  std::ranges::copy_if(boxes_, std::back_inserter(there),
                       [](const auto& box) { return box != nullptr; });
  return there;
}

std::vector<std::string> World::phone_names() const {
  std::vector<std::string> names;
  for (const std::shared_ptr<Box>& box : boxes()) {
    names.push_back(box->name);
  }
  return names;
}

PhoneInfo World::info_of(const Box& box) const {
  PhoneInfo info{.options = box.phone.options(), .apps = {}};
  for (const auto& [bundle_id, installed] : box.phone.apps()) {
    AppInfo app{.bundle_id = bundle_id,
                .profile = installed.profile,
                .state = installed.state,
                .settings = installed.settings,
                .is_registered = installed.registered.has(main_family(bundle_id)),
                .device_token = std::nullopt};
    const TokenName main{bundle_id, main_family(bundle_id)};
    for (auto token = box.tokens.lower_bound(TokenName{bundle_id});
         token != box.tokens.end() && token->first.bundle_id == bundle_id; ++token) {
      const auto& [name, device_token] = *token;
      const std::optional<TokenRecord> known = tokens_.find(device_token.bytes());
      const Environment environment = known ? known->environment : Environment::Production;
      if (name == main) {
        app.device_token = device_token;
        app.environment = environment;
      } else {
        app.families.push_back(FamilyToken{
            .family = name.family,
            .topic = topic_of_family(bundle_id, name.family),
            .activity = name.activity,
            .channel = name.family == PushFamily::PushToTalk ? installed.channel : std::string(),
            .device_token = device_token,
            .environment = environment});
      }
    }
    info.apps.push_back(std::move(app));
  }
  return info;
}

PhoneInfo World::phone_info(std::string_view phone) const {
  const Locked box = lock_phone(phone);
  return info_of(*box);
}

std::vector<PhoneInfo> World::phones() const {
  std::vector<PhoneInfo> infos;
  for (const std::shared_ptr<Box>& box : boxes()) {
    const std::lock_guard lock(box->mutex);
    if (!box->is_removed) {
      infos.push_back(info_of(*box));
    }
  }
  return infos;
}

std::optional<TokenInfo> World::token_info(ByteView device_token) const {
  const std::optional<TokenRecord> known = tokens_.find(device_token);
  if (!known) {
    return std::nullopt;
  }
  TokenInfo info{.state = known->state,
                 .topic = topic_name(known->topic),
                 .family = known->family,
                 .activity = {},
                 .environment = known->environment,
                 .device = {},
                 .since = std::nullopt,
                 .is_trusted = known->trusted,
                 .is_listed = known->listed};
  if (const std::shared_ptr<Box> box = box_at(known->phone)) {
    info.device = box->name;
    const std::lock_guard lock(box->mutex);
    const TokenName* name = box->name_of(*DeviceToken::from_bytes(device_token));
    info.activity = name == nullptr ? std::string() : name->activity;
  }
  if (known->since != 0) {
    info.since = WorldTime(std::chrono::seconds(known->since));
  }
  return info;
}

// ---- What was counted ----

void World::count(const LedgerRecord& record) {
  const auto counted = [&](DeliveryOutcome outcome) {
    num_deliveries_.at(static_cast<std::size_t>(outcome)).fetch_add(1, std::memory_order_relaxed);
  };
  if (record.kind == EventKind::Delivery) {
    switch (record.outcome) {
      case EventOutcome::Delivered:
        return counted(DeliveryOutcome::Delivered);
      case EventOutcome::Stored:
        return counted(DeliveryOutcome::Stored);
      case EventOutcome::Replaced:
        return counted(DeliveryOutcome::Replaced);
      case EventOutcome::Expired:
        return counted(DeliveryOutcome::Expired);
      default:
        return counted(DeliveryOutcome::Discarded);
    }
  }
  if (record.kind == EventKind::Violation) {
    const std::lock_guard lock(violations_mutex_);
    const auto known = num_violations_.find(record.rule);
    if (known != num_violations_.end()) {
      ++known->second;
    } else {
      num_violations_.emplace(record.rule, 1);
    }
  }
}

std::map<std::string, std::uint64_t, std::less<>> World::num_violations() const {
  const std::lock_guard lock(violations_mutex_);
  return num_violations_;
}

}  // namespace apns::mock
