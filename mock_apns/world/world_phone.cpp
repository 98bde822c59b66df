#include "mock_apns/world/world_phone.h"

#include <array>

#include "apns/base/random.h"

namespace apns::mock {

namespace {

EventOutcome to_event_outcome(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::Delivered:
      return EventOutcome::Delivered;
    case DeliveryOutcome::Stored:
      return EventOutcome::Stored;
    case DeliveryOutcome::Replaced:
      return EventOutcome::Replaced;
    case DeliveryOutcome::Expired:
      return EventOutcome::Expired;
    case DeliveryOutcome::Discarded:
      return EventOutcome::Discarded;
  }
  return EventOutcome::Discarded;
}

}  // namespace

void World::Recorder::delivered(const Delivery& delivery) {
  LedgerRecord record;
  record.kind = EventKind::Delivery;
  record.protocol = Protocol::None;
  record.outcome = to_event_outcome(delivery.outcome);
  record.of = delivery.of;
  record.device_token = delivery.device_token.bytes();
  record.environment = delivery.environment;
  record.device = delivery.device;
  record.topic = delivery.bundle_id;
  record.shown = delivery.shown ? &*delivery.shown : nullptr;
  record.reasons = delivery.why;
  world_.record(ring_, record);
}

void World::Recorder::app_is_gone(std::string_view /*bundle_id*/, const DeviceToken& device_token,
                                  std::uint64_t of) {
  world_.app_is_gone(device_token.bytes(), of, ring_);
}

void World::add_phone(Phone phone) {
  const std::unique_lock lock(phones_mutex_);
  if (boxes_by_name_.contains(phone.options().name)) {
    throw WorldError("There is a phone called \"" + phone.options().name +
                     "\" already. Give this one another name.");
  }
  if (boxes_.size() >= kMaxPhones) {
    throw WorldError("There have been " + std::to_string(kMaxPhones) +
                     " phones, which is the limit. Register device tokens without phones.");
  }
  const auto number = static_cast<std::uint32_t>(boxes_.size() + 1);
  boxes_.push_back(std::make_shared<Box>(number, std::move(phone)));
  boxes_by_name_.emplace(boxes_.back()->name, boxes_.back());
}

void World::add_phone(Phone phone, unsigned ring) {
  const std::string name = phone.options().name;
  add_phone(std::move(phone));
  record_change(name, {}, EventOutcome::Added, {}, ring);
}

void World::remove_phone(std::string_view phone, unsigned ring) {
  const Locked box = lock_phone(phone);
  {
    const std::unique_lock lock(phones_mutex_);
    boxes_by_name_.erase(box->name);
    boxes_[box->number - 1].reset();
  }
  box->is_removed = true;
  record_change(box->name, {}, EventOutcome::Removed, {}, ring);
  Recorder recorder(*this, ring);
  box->phone.give_up("the phone was removed", recorder);
  for (const auto& [bundle_id, token] : box->tokens) {
    (void)uninstall_token(token.bytes());
    tokens_.update(token.bytes(), false, [](TokenRecord& record) { record.phone = 0; });
  }
}

void World::clear() {
  std::deque<std::shared_ptr<Box>> gone;
  {
    const std::unique_lock lock(phones_mutex_);
    gone.swap(boxes_);
    boxes_by_name_.clear();
  }
  for (const std::shared_ptr<Box>& box : gone) {
    if (box != nullptr) {
      const std::lock_guard lock(box->mutex);
      box->is_removed = true;
    }
  }
  tokens_.clear();
  feedback_.clear();
}

World::Locked World::lock_phone(std::string_view phone) const {
  std::shared_ptr<Box> found;
  {
    const std::shared_lock lock(phones_mutex_);
    const auto box = boxes_by_name_.find(std::string(phone));
    if (box != boxes_by_name_.end()) {
      found = box->second;
    }
  }
  if (found) {
    Locked locked(std::move(found));
    if (!locked->is_removed) {
      return locked;
    }
  }
  throw WorldError("There is no phone called \"" + std::string(phone) + "\".");
}

std::shared_ptr<World::Box> World::box_at(std::uint32_t phone) const {
  const std::shared_lock lock(phones_mutex_);
  return phone == 0 || phone > boxes_.size() ? nullptr : boxes_[phone - 1];
}

void World::install(std::string_view phone, std::string_view bundle_id,
                    ProvisioningProfile profile) {
  const Locked box = lock_phone(phone);
  const std::string of_profile = profile.bundle_id;
  (void)topic_id(bundle_id);
  const std::optional<InstallError> error = box->phone.install(bundle_id, std::move(profile));
  if (error == InstallError::ProfileOfOtherApp) {
    throw WorldError("The provisioning profile is for " + of_profile + " and does not fit " +
                     std::string(bundle_id) + ". Take one of this app.");
  }
  if (error == InstallError::PhoneIsFull) {
    throw WorldError(std::string(phone) + " has " + std::to_string(Phone::kMaxInstallations) +
                     " apps, which is the limit. Uninstall one.");
  }
}

// Drawn from the seed, so that one seed gives one run; the first bytes are never those of a magic
// token.
DeviceToken World::make_token(Box& box) const {
  std::array<std::uint64_t, 4> words{};
  do {
    ++box.num_tokens_made;
    for (std::uint64_t i = 0; i < words.size(); ++i) {
      words.at(i) = random_u64(options_.seed, box.number, box.num_tokens_made, i);
    }
  } while (looks_magic(std::as_bytes(std::span(words))));
  return *DeviceToken::from_bytes(std::as_bytes(std::span(words)));
}

void World::require_free(const DeviceToken& wanted, const Box& box, std::uint32_t topic) const {
  const std::optional<TokenRecord> known = tokens_.find(wanted.bytes());
  if (known && !known->trusted && known->state == TokenState::Registered &&
      (known->phone != box.number || known->topic != topic)) {
    throw WorldError("The device token " + wanted.to_short_text() +
                     " is another app's. Give this one another, or none to have one drawn.");
  }
}

DeviceToken World::register_app(std::string_view phone, std::string_view bundle_id, unsigned ring,
                                const std::optional<DeviceToken>& wanted) {
  const Locked box = lock_phone(phone);
  const std::string name(bundle_id);
  if (wanted) {
    require_free(*wanted, *box, topic_id(bundle_id));
  }
  Recorder recorder(*this, ring);
  const auto environment =
      box->phone.register_for_remote_notifications(bundle_id, clock_.now(), recorder);
  if (environment.has_error()) {
    throw WorldError(name + " on " + std::string(phone) + ": " +
                     std::string(to_string(environment.error())) + ".");
  }
  LedgerRecord event;
  event.kind = EventKind::Device;
  event.protocol = Protocol::None;
  event.outcome = EventOutcome::Registered;
  const auto older = box->tokens.find(name);
  if (older != box->tokens.end()) {
    event.outcome = EventOutcome::Reregistered;
    tokens_.update(older->second.bytes(), false, [this](TokenRecord& record) {
      record.state = TokenState::Replaced;
      record.since = now_seconds();
    });
  }
  const DeviceToken token = wanted ? *wanted : make_token(*box);
  box->tokens.insert_or_assign(name, token);
  TokenRecord record;
  record.topic = topic_id(bundle_id);
  record.phone = box->number;
  record.environment = *environment;
  tokens_.put(token.bytes(), record);

  event.device = box->name;
  event.topic = name;
  event.device_token = token.bytes();
  event.environment = *environment;
  this->record(ring, event);
  return token;
}

void World::uninstall(std::string_view phone, std::string_view bundle_id, unsigned ring) {
  const Locked box = lock_phone(phone);
  const std::string name(bundle_id);
  Recorder recorder(*this, ring);
  require_app(*box, bundle_id);
  (void)box->phone.uninstall(name, clock_.now(), recorder);
  LedgerRecord event;
  event.kind = EventKind::Device;
  event.protocol = Protocol::None;
  event.outcome = EventOutcome::Uninstalled;
  event.device = box->name;
  event.topic = name;
  std::optional<DeviceToken> token;  // the event looks at it
  const auto registered = box->tokens.find(name);
  if (registered != box->tokens.end()) {
    token = registered->second;
    event.device_token = token->bytes();
    if (const auto known = tokens_.find(token->bytes())) {
      event.environment = known->environment;
    }
    (void)uninstall_token(token->bytes());
    box->tokens.erase(registered);
  }
  record(ring, event);
}

void World::record_change(std::string_view phone, std::string_view bundle_id, EventOutcome outcome,
                          std::string_view detail, unsigned ring) {
  LedgerRecord event;
  event.kind = EventKind::Device;
  event.protocol = Protocol::None;
  event.outcome = outcome;
  event.device = phone;
  event.topic = bundle_id;
  event.detail = detail;
  record(ring, event);
}

void World::set_online(std::string_view phone, bool is_online, unsigned ring) {
  const Locked box = lock_phone(phone);
  record_change(box->name, {}, is_online ? EventOutcome::Online : EventOutcome::Offline, {}, ring);
  Recorder recorder(*this, ring);
  box->phone.set_online(is_online, clock_.now(), recorder);
  due_at(box->phone.deadline());
}

void World::set_low_power(std::string_view phone, bool is_low_power, unsigned ring) {
  const Locked box = lock_phone(phone);
  record_change(box->name, {}, EventOutcome::Changed,
                is_low_power ? "low power on" : "low power off", ring);
  Recorder recorder(*this, ring);
  box->phone.set_low_power(is_low_power, clock_.now(), recorder);
  due_at(box->phone.deadline());
}

void World::set_state(std::string_view phone, std::string_view bundle_id, AppState state,
                      unsigned ring) {
  const Locked box = lock_phone(phone);
  require_app(*box, bundle_id);
  record_change(box->name, bundle_id, EventOutcome::Changed, to_string(state), ring);
  Recorder recorder(*this, ring);
  (void)box->phone.set_state(bundle_id, state, clock_.now(), recorder);
  due_at(box->phone.deadline());
}

void World::set_settings(std::string_view phone, std::string_view bundle_id,
                         const AppSettings& settings, unsigned ring) {
  const Locked box = lock_phone(phone);
  require_app(*box, bundle_id);
  (void)box->phone.set_settings(bundle_id, settings);
  const auto on_off = [](bool is_on) { return is_on ? " on" : " off"; };
  const std::string detail = std::string("alerts") + on_off(settings.alerts) + ", badges" +
                             on_off(settings.badges) + ", sounds" + on_off(settings.sounds) +
                             ", background refresh" + on_off(settings.background_refresh);
  record_change(box->name, bundle_id, EventOutcome::Changed, detail, ring);
}

AppSettings World::settings(std::string_view phone, std::string_view bundle_id) const {
  const Locked box = lock_phone(phone);
  require_app(*box, bundle_id);
  return box->phone.find(bundle_id)->settings;
}

Screen World::screen(std::string_view phone) const {
  const Locked box = lock_phone(phone);
  return box->phone.screen();
}

void World::require_app(const Box& box, std::string_view bundle_id) {
  if (box.phone.find(bundle_id) == nullptr) {
    throw WorldError("\"" + std::string(bundle_id) + "\" is not installed on " + box.name + ".");
  }
}

std::optional<DeviceToken> World::device_token(std::string_view phone,
                                               std::string_view bundle_id) const {
  const Locked box = lock_phone(phone);
  const auto token = box->tokens.find(std::string(bundle_id));
  return token == box->tokens.end() ? std::nullopt : std::optional(token->second);
}

void World::due_at(WorldTime when) {
  const WorldTime::rep wanted = when.time_since_epoch().count();
  WorldTime::rep seen = due_.load();
  while (wanted < seen && !due_.compare_exchange_weak(seen, wanted)) {
  }
}

void World::on_time(unsigned ring) {
  const std::lock_guard one_at_a_time(on_time_mutex_);
  const WorldTime now = clock_.now();
  if (now.time_since_epoch().count() < due_.load()) {
    return;
  }
  due_.store(kNothingDue);
  Recorder recorder(*this, ring);
  for (const std::shared_ptr<Box>& box : boxes()) {
    const std::lock_guard lock(box->mutex);
    if (!box->is_removed) {
      box->phone.on_time(now, recorder);
      due_at(box->phone.deadline());
    }
  }
}

}  // namespace apns::mock
