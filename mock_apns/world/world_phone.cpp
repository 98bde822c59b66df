#include "mock_apns/world/world_phone.h"

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
  const std::string topic = topic_of_family(delivery.bundle_id, delivery.family);
  record.topic = topic;
  record.shown = delivery.shown ? &*delivery.shown : nullptr;
  record.reasons = delivery.why;
  world_.record(ring_, record);
}

void World::Recorder::app_is_gone(std::string_view /*bundle_id*/, const DeviceToken& device_token,
                                  std::uint64_t of) {
  world_.app_is_gone(device_token.bytes(), of, ring_);
}

void World::Recorder::activity_started(std::string_view bundle_id, std::string_view activity) {
  const Installation* app = box_.phone.find(bundle_id);
  world_.issue_token(
      box_, TokenName{std::string(bundle_id), PushFamily::LiveActivity, std::string(activity)},
      environment_of(app->profile), std::nullopt, ring_);
}

void World::Recorder::activity_ended(std::string_view bundle_id, std::string_view activity) {
  world_.end_token(
      box_, TokenName{std::string(bundle_id), PushFamily::LiveActivity, std::string(activity)},
      TokenState::Expired, "the Live Activity has ended", ring_);
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
  Recorder recorder(*this, *box, ring);
  box->phone.give_up("the phone was removed", recorder);
  for (const auto& [name, token] : box->tokens) {
    tokens_.update(token.bytes(), false, [](TokenRecord& record) { record.phone = 0; });
  }
  while (!box->tokens.empty()) {
    abandon_tokens(*box, std::string(box->tokens.begin()->first.bundle_id));
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
  gone_apps_.clear();
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
  Recorder recorder(*this, *box, ring);
  box->phone.set_online(is_online, clock_.now(), recorder);
  due_at(box->phone.deadline());
}

void World::set_low_power(std::string_view phone, bool is_low_power, unsigned ring) {
  const Locked box = lock_phone(phone);
  record_change(box->name, {}, EventOutcome::Changed,
                is_low_power ? "low power on" : "low power off", ring);
  Recorder recorder(*this, *box, ring);
  box->phone.set_low_power(is_low_power, clock_.now(), recorder);
  due_at(box->phone.deadline());
}

void World::set_state(std::string_view phone, std::string_view bundle_id, AppState state,
                      unsigned ring) {
  const Locked box = lock_phone(phone);
  require_app(*box, bundle_id);
  record_change(box->name, bundle_id, EventOutcome::Changed, to_string(state), ring);
  Recorder recorder(*this, *box, ring);
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
  for (const std::shared_ptr<Box>& box : boxes()) {
    const std::lock_guard lock(box->mutex);
    if (!box->is_removed) {
      Recorder recorder(*this, *box, ring);
      box->phone.on_time(now, recorder);
      due_at(box->phone.deadline());
    }
  }
}

}  // namespace apns::mock
