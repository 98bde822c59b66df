#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apns/base/random.h"
#include "mock_apns/world/world_phone.h"

// Device tokens of apps on phones: how they come and go.
namespace apns::mock {

namespace {

TokenName name_of(std::string_view bundle_id, const Registration& registration) {
  return TokenName{.bundle_id = std::string(bundle_id),
                   .family = registration.family.value_or(main_family(bundle_id)),
                   .activity = registration.activity};
}

/// For people: what the app has it for.
std::string describe(const TokenName& name) {
  return name.activity.empty() ? std::string(to_string(name.family))
                               : "the Live Activity " + name.activity;
}

}  // namespace

// Drawn from the seed, so that one seed gives one run; the first bytes are never those of a magic
// token.
DeviceToken World::make_token(Box& box, PushFamily family) const {
  std::array<std::uint64_t, DeviceToken::kMaxLen / sizeof(std::uint64_t)> words{};
  const ByteView bytes = std::as_bytes(std::span(words)).first(row_of(family).device_token_len);
  do {
    ++box.num_tokens_made;
    for (std::uint64_t i = 0; i < words.size(); ++i) {
      words.at(i) = random_u64(options_.seed, box.number, box.num_tokens_made, i);
    }
  } while (looks_magic(bytes));
  return *DeviceToken::from_bytes(bytes);
}

void World::require_free(const DeviceToken& wanted, const Box& box, const TokenName& name) {
  const std::optional<TokenRecord> known = tokens_.find(wanted.bytes());
  const bool is_anothers = known && !known->trusted && known->state == TokenState::Registered &&
                           (known->phone != box.number ||
                            known->topic != topic_id(topic_of_family(name.bundle_id, name.family)));
  const TokenName* has_it = box.name_of(wanted);
  if (is_anothers || (has_it != nullptr && *has_it != name)) {
    throw WorldError("The device token " + wanted.to_short_text() +
                     " is another app's. Give this one another, or none to have one drawn.");
  }
}

void World::require_room(const Box& box, const TokenName& name, const Registration& registration) {
  if (name.family == PushFamily::PushToTalk) {
    const std::string_view in_channel = box.phone.app_in_channel();
    if (registration.channel.empty()) {
      throw WorldError(
          "A device token of pushtotalk comes with a channel. Say which one is joined.");
    }
    if (!in_channel.empty() && in_channel != name.bundle_id) {
      throw WorldError(
          fmt::format("{} has joined a Push to Talk channel on {} already. A phone is in one at a "
                      "time: let it leave first.",
                      in_channel, box.name));
    }
  }
  if (!name.activity.empty() &&
      !box.phone.activities().has_room_for(name.bundle_id, name.activity)) {
    throw WorldError(fmt::format("{} on {} has {} Live Activities, which is the limit. End one.",
                                 name.bundle_id, box.name, LiveActivities::kMaxPerApp));
  }
}

DeviceToken World::register_app(std::string_view phone, std::string_view bundle_id, unsigned ring,
                                const Registration& registration) {
  const Locked box = lock_phone(phone);
  const TokenName name = name_of(bundle_id, registration);
  if (const std::string why = why_impossible(bundle_id, registration); !why.empty()) {
    throw WorldError(why);
  }
  if (registration.device_token) {
    require_free(*registration.device_token, *box, name);
  }
  require_room(*box, name, registration);
  const WorldTime now = clock_.now();
  Recorder recorder(*this, *box, ring);
  const auto environment = name.activity.empty()
                               ? box->phone.register_for(bundle_id, name.family, now, recorder)
                               : box->phone.may_register(bundle_id);
  if (environment.has_error()) {
    throw WorldError(name.bundle_id + " on " + std::string(phone) + ": " +
                     std::string(to_string(environment.error())) + ".");
  }
  if (!name.activity.empty()) {
    (void)box->phone.start_activity(bundle_id, name.activity, now, recorder);
  }
  if (!registration.channel.empty()) {
    (void)box->phone.join_channel(bundle_id, registration.channel);
  }
  const DeviceToken token = issue_token(*box, name, *environment, registration.device_token, ring);
  due_at(box->phone.deadline());
  return token;
}

DeviceToken World::issue_token(Box& box, const TokenName& name, Environment environment,
                               const std::optional<DeviceToken>& wanted, unsigned ring) {
  const DeviceToken* older = box.find(name);
  if (older != nullptr) {
    tokens_.update(older->bytes(), false, [this](TokenRecord& record) {
      record.state = TokenState::Replaced;
      record.since = now_seconds();
    });
  }
  const EventOutcome outcome =
      older != nullptr ? EventOutcome::Reregistered : EventOutcome::Registered;
  const DeviceToken token = wanted ? *wanted : make_token(box, name.family);
  box.tokens.insert_or_assign(name, token);
  TokenRecord record;
  record.topic = topic_id(topic_of_family(name.bundle_id, name.family));
  record.phone = box.number;
  record.environment = environment;
  record.family = name.family;
  tokens_.put(token.bytes(), record);
  record_token(box, name, outcome,
               name.activity.empty() ? std::string() : "Live Activity " + name.activity, ring);
  return token;
}

void World::unregister_app(std::string_view phone, std::string_view bundle_id, unsigned ring,
                           const Registration& registration) {
  const Locked box = lock_phone(phone);
  require_app(*box, bundle_id);
  const TokenName name = name_of(bundle_id, registration);
  Recorder recorder(*this, *box, ring);
  const bool was_there = name.activity.empty() ? box->phone.unregister_from(bundle_id, name.family)
                                               : box->phone.end_activity(bundle_id, name.activity,
                                                                         clock_.now(), recorder);
  if (!was_there) {
    throw WorldError(
        fmt::format("{} on {} is not registered for {}.", bundle_id, phone, describe(name)));
  }
  if (name.activity.empty()) {
    end_token(*box, name, TokenState::Inactive, "unregistered", ring);
  } else {
    end_token(*box, name, TokenState::Expired, "the Live Activity has ended", ring);
  }
}

void World::end_token(Box& box, const TokenName& name, TokenState state, std::string_view detail,
                      unsigned ring) {
  const auto ended = box.tokens.find(name);
  if (ended == box.tokens.end()) {
    return;
  }
  tokens_.update(ended->second.bytes(), false, [this, state](TokenRecord& record) {
    record.state = state;
    record.since = now_seconds();
  });
  record_token(box, name, EventOutcome::Changed, detail, ring);
  box.tokens.erase(ended);
}

void World::abandon_tokens(Box& box, std::string_view bundle_id) {
  std::vector<DeviceToken> abandoned;
  std::erase_if(box.tokens, [&](const auto& entry) {
    const bool is_its = entry.first.bundle_id == bundle_id;
    if (is_its) {
      (void)uninstall_token(entry.second.bytes());
      abandoned.push_back(entry.second);
    }
    return is_its;
  });
  gone_apps_.add(std::move(abandoned));
}

void World::uninstall(std::string_view phone, std::string_view bundle_id, unsigned ring) {
  const Locked box = lock_phone(phone);
  Recorder recorder(*this, *box, ring);
  require_app(*box, bundle_id);
  (void)box->phone.uninstall(bundle_id, clock_.now(), recorder);
  record_token(*box, TokenName{std::string(bundle_id), main_family(bundle_id)},
               EventOutcome::Uninstalled, {}, ring);
  abandon_tokens(*box, bundle_id);
}

void World::record_token(const Box& box, const TokenName& name, EventOutcome outcome,
                         std::string_view detail, unsigned ring) {
  const std::string topic = topic_of_family(name.bundle_id, name.family);
  LedgerRecord event;
  event.kind = EventKind::Device;
  event.protocol = Protocol::None;
  event.outcome = outcome;
  event.device = box.name;
  event.topic = topic;
  event.detail = detail;
  if (const DeviceToken* token = box.find(name)) {
    event.device_token = token->bytes();
    if (const auto known = tokens_.find(token->bytes())) {
      event.environment = known->environment;
    }
  }
  record(ring, event);
}

std::optional<DeviceToken> World::device_token(std::string_view phone, std::string_view bundle_id,
                                               const Registration& registration) const {
  const Locked box = lock_phone(phone);
  const DeviceToken* token = box->find(name_of(bundle_id, registration));
  return token == nullptr ? std::nullopt : std::optional(*token);
}

}  // namespace apns::mock
