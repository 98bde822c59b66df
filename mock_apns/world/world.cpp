#include "mock_apns/world/world.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include "apns/base/random.h"

namespace apns::mock {

namespace {

constexpr WorldTime::rep kNothingDue = WorldTime::max().time_since_epoch().count();

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

/// A phone with its lock, and what its apps are registered as.
struct World::Box {
  std::uint32_t number = 0;
  std::uint64_t num_tokens_made = 0;
  mutable std::mutex mutex;  // over all below
  Phone phone;
  std::unordered_map<std::string, DeviceToken> tokens;  // by bundle id, the newest

  Box(std::uint32_t its_number, Phone its_phone)
      : number(its_number), phone(std::move(its_phone)) {}
};

/// Writes what comes of a push into the ledger, and takes note of apps that are gone. Lives for one
/// call, under the phone's lock.
class World::Recorder final : public DeliverySink {
 public:
  Recorder(World& world, unsigned ring) : world_(world), ring_(ring) {}

  void delivered(const Delivery& delivery) override {
    LedgerRecord record;
    record.kind = EventKind::Delivery;
    record.outcome = to_event_outcome(delivery.outcome);
    record.of = delivery.of;
    record.device = delivery.device;
    record.topic = delivery.bundle_id;
    record.shown = delivery.shown ? &*delivery.shown : nullptr;
    record.reasons = delivery.why;
    world_.record(ring_, record);
  }

  void app_is_gone(std::string_view /*bundle_id*/, const DeviceToken& device_token,
                   std::uint64_t of) override {
    world_.app_is_gone(device_token.bytes(), of, ring_);
  }

 private:
  World& world_;
  unsigned ring_;
};

World::World(const WorldOptions& options, const WorldClock& clock, Ledger* ledger)
    : options_(options),
      clock_(clock),
      ledger_(ledger),
      tokens_(options.max_trusted_tokens),
      feedback_(options.max_feedback_tuples),
      readers_(options.threads),
      due_(kNothingDue) {}

World::~World() = default;

// ---- Apps ----

std::uint32_t World::topic_id(std::string_view bundle_id) {
  if (bundle_id.empty()) {
    return 0;
  }
  const std::string name(bundle_id);
  {
    const std::shared_lock lock(topics_mutex_);
    const auto known = topic_ids_.find(name);
    if (known != topic_ids_.end()) {
      return known->second;
    }
  }
  const std::unique_lock lock(topics_mutex_);
  if (topic_names_.size() >= kMaxTopics && !topic_ids_.contains(name)) {
    return 0;
  }
  const auto [entry, is_new] =
      topic_ids_.try_emplace(name, static_cast<std::uint32_t>(topic_names_.size() + 1));
  if (is_new) {
    topic_names_.push_back(name);
  }
  return entry->second;
}

std::string World::topic_name(std::uint32_t topic) const {
  const std::shared_lock lock(topics_mutex_);
  return topic == 0 || topic > topic_names_.size() ? std::string() : topic_names_[topic - 1];
}

// ---- Phones ----

void World::add_phone(Phone phone) {
  const std::unique_lock lock(phones_mutex_);
  if (boxes_by_name_.contains(phone.options().name)) {
    throw WorldError("There is a phone called \"" + phone.options().name +
                     "\" already. Give this one another name.");
  }
  if (boxes_.size() >= kMaxPhones) {
    throw WorldError("There are " + std::to_string(kMaxPhones) +
                     " phones, which is the limit. Register device tokens without phones.");
  }
  const auto number = static_cast<std::uint32_t>(boxes_.size() + 1);
  boxes_.push_back(std::make_unique<Box>(number, std::move(phone)));
  boxes_by_name_.emplace(boxes_.back()->phone.options().name, boxes_.back().get());
}

std::vector<std::string> World::phone_names() const {
  const std::shared_lock lock(phones_mutex_);
  std::vector<std::string> names;
  for (const auto& box : boxes_) {
    names.push_back(box->phone.options().name);
  }
  return names;
}

World::Box& World::box_of(std::string_view phone) const {
  const std::shared_lock lock(phones_mutex_);
  const auto found = boxes_by_name_.find(std::string(phone));
  if (found == boxes_by_name_.end()) {
    throw WorldError("There is no phone called \"" + std::string(phone) + "\".");
  }
  return *found->second;
}

World::Box* World::box_at(std::uint32_t phone) const {
  const std::shared_lock lock(phones_mutex_);
  return phone == 0 || phone > boxes_.size() ? nullptr : boxes_[phone - 1].get();
}

void World::install(std::string_view phone, std::string_view bundle_id,
                    ProvisioningProfile profile) {
  Box& box = box_of(phone);
  const std::lock_guard lock(box.mutex);
  const std::string of_profile = profile.bundle_id;
  const std::optional<InstallError> error = box.phone.install(bundle_id, std::move(profile));
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

DeviceToken World::register_app(std::string_view phone, std::string_view bundle_id, unsigned ring,
                                const std::optional<DeviceToken>& wanted) {
  Box& box = box_of(phone);
  const std::lock_guard lock(box.mutex);
  const std::string name(bundle_id);
  Recorder recorder(*this, ring);
  const auto environment =
      box.phone.register_for_remote_notifications(bundle_id, clock_.now(), recorder);
  if (environment.has_error()) {
    throw WorldError(name + " on " + std::string(phone) + ": " +
                     std::string(to_string(environment.error())) + ".");
  }
  LedgerRecord event;
  event.kind = EventKind::Device;
  event.outcome = EventOutcome::Registered;
  const auto older = box.tokens.find(name);
  if (older != box.tokens.end()) {
    event.outcome = EventOutcome::Reregistered;
    tokens_.update(older->second.bytes(), false, [this](TokenRecord& record) {
      record.state = TokenState::Replaced;
      record.since = now_seconds();
    });
  }
  const DeviceToken token = wanted ? *wanted : make_token(box);
  box.tokens.insert_or_assign(name, token);
  TokenRecord record;
  record.topic = topic_id(bundle_id);
  record.phone = box.number;
  record.environment = *environment;
  tokens_.put(token.bytes(), record);

  event.device = box.phone.options().name;
  event.topic = name;
  event.device_token = token.bytes();
  event.environment = *environment;
  this->record(ring, event);
  return token;
}

void World::uninstall(std::string_view phone, std::string_view bundle_id, unsigned ring) {
  Box& box = box_of(phone);
  const std::lock_guard lock(box.mutex);
  const std::string name(bundle_id);
  Recorder recorder(*this, ring);
  if (!box.phone.uninstall(name, clock_.now(), recorder)) {
    throw WorldError("\"" + name + "\" is not installed on " + std::string(phone) + ".");
  }
  LedgerRecord event;
  event.kind = EventKind::Device;
  event.outcome = EventOutcome::Uninstalled;
  event.device = box.phone.options().name;
  event.topic = name;
  std::optional<DeviceToken> token;  // the event looks at it
  const auto registered = box.tokens.find(name);
  if (registered != box.tokens.end()) {
    token = registered->second;
    event.device_token = token->bytes();
    (void)uninstall_token(token->bytes());
    box.tokens.erase(registered);
  }
  record(ring, event);
}

void World::change(std::string_view phone, unsigned ring,
                   const std::function<void(Phone&, DeliverySink&, WorldTime)>& change) {
  Box& box = box_of(phone);
  const std::lock_guard lock(box.mutex);
  Recorder recorder(*this, ring);
  change(box.phone, recorder, clock_.now());
  due_at(box.phone.deadline());
}

std::optional<DeviceToken> World::device_token(std::string_view phone,
                                               std::string_view bundle_id) const {
  const Box& box = box_of(phone);
  const std::lock_guard lock(box.mutex);
  const auto token = box.tokens.find(std::string(bundle_id));
  return token == box.tokens.end() ? std::nullopt : std::optional(token->second);
}

void World::due_at(WorldTime when) {
  const WorldTime::rep wanted = when.time_since_epoch().count();
  WorldTime::rep seen = due_.load();
  while (wanted < seen && !due_.compare_exchange_weak(seen, wanted)) {
  }
}

void World::on_time(unsigned ring) {
  const WorldTime now = clock_.now();
  if (now.time_since_epoch().count() < due_.load()) {
    return;
  }
  due_.store(kNothingDue);
  const std::uint32_t num_phones = [this] {
    const std::shared_lock lock(phones_mutex_);
    return static_cast<std::uint32_t>(boxes_.size());
  }();
  Recorder recorder(*this, ring);
  for (std::uint32_t number = 1; number <= num_phones; ++number) {
    Box& box = *box_at(number);
    const std::lock_guard lock(box.mutex);
    box.phone.on_time(now, recorder);
    due_at(box.phone.deadline());
  }
}

// ---- Device tokens ----

void World::register_token(ByteView device_token, std::string_view bundle_id,
                           Environment environment) {
  TokenRecord record;
  record.topic = topic_id(bundle_id);
  record.environment = environment;
  tokens_.put(device_token, record);
}

bool World::uninstall_token(ByteView device_token) {
  return tokens_.update(device_token, false, [](TokenRecord& record) {
    if (record.state == TokenState::Registered) {
      record.state = TokenState::AppGone;
    }
  });
}

// ---- Front ends ----

std::optional<MagicToken> World::magic(ByteView device_token,
                                       const std::optional<TokenRecord>& known) const {
  if (!options_.magic) {
    return std::nullopt;
  }
  std::optional<MagicToken> magic = parse_magic_token(device_token);
  const bool is_spent = magic && magic->times > 0 && known && known->num_drawn >= magic->times;
  const bool is_over = magic && magic->fate == MagicToken::Fate::Uninstalled && known &&
                       known->state == TokenState::Inactive;
  return is_spent || is_over ? std::nullopt : magic;
}

void World::drawn(ByteView device_token) {
  tokens_.update(device_token, true, [](TokenRecord& record) {
    if (record.num_drawn < UINT8_MAX) {
      ++record.num_drawn;
    }
  });
}

void World::accepted(const AcceptedPush& push, const std::optional<TokenRecord>& known,
                     const std::optional<MagicToken>& magic, std::uint32_t topic,
                     Environment environment) {
  if (magic && magic->fate == MagicToken::Fate::Offline) {
    const std::array<std::string, 1> why = {"the phone is offline (magic device token)"};
    LedgerRecord stored;
    stored.kind = EventKind::Delivery;
    stored.outcome = EventOutcome::Stored;
    stored.of = push.of;
    stored.reasons = why;
    record(push.thread, stored);
  }
  if (magic && magic->fate == MagicToken::Fate::Uninstalled) {
    tokens_.update(push.device_token, true, [topic, environment](TokenRecord& record) {
      record.topic = topic;
      record.environment = environment;
    });
    app_is_gone(push.device_token, push.of, push.thread);
  } else if (!known) {
    tokens_.update(push.device_token, true, [](TokenRecord& /*record*/) {});
  } else if (known->phone != 0) {
    deliver(push, *known);
  } else if (known->state == TokenState::AppGone) {
    app_is_gone(push.device_token, push.of, push.thread);
  }
}

void World::deliver(const AcceptedPush& accepted, const TokenRecord& known) {
  Box* box = box_at(known.phone);
  if (box == nullptr) {
    return;
  }
  const std::string bundle_id = topic_name(known.topic);
  Push push{.of = accepted.of,
            .device_token = *DeviceToken::from_bytes(accepted.device_token),
            .payload = readers_.at(accepted.thread).read(accepted.payload),
            .expiration = accepted.expiration,
            .priority = accepted.priority,
            .collapse_id = {}};
  const std::lock_guard lock(box->mutex);
  Recorder recorder(*this, accepted.thread);
  const PushResult result = box->phone.push(bundle_id, std::move(push), clock_.now(), recorder);
  if (result == PushResult::AppIsGone) {
    app_is_gone(accepted.device_token, accepted.of, accepted.thread);
  }
  due_at(box->phone.deadline());
}

void World::rejected_as_inactive(ByteView device_token, std::uint64_t of, unsigned ring) {
  app_is_gone(device_token, of, ring);
}

void World::app_is_gone(ByteView device_token, std::uint64_t of, unsigned ring) {
  std::optional<TokenRecord> to_list;
  tokens_.update(device_token, false, [this, &to_list](TokenRecord& record) {
    if (record.state == TokenState::Replaced) {
      return;  // registered anew meanwhile
    }
    if (record.state != TokenState::Inactive) {
      record.state = TokenState::Inactive;
      record.since = now_seconds();
    }
    if (!record.listed) {
      record.listed = true;
      to_list = record;
    }
  });
  if (!to_list) {
    return;
  }
  const auto pushed_out =
      feedback_.add(to_list->environment, to_list->topic,
                    FeedbackTuple{to_list->since, *DeviceToken::from_bytes(device_token)});
  if (pushed_out) {
    set_listed(*pushed_out, false);
  }
  const std::string topic = topic_name(to_list->topic);
  LedgerRecord added;
  added.kind = EventKind::Feedback;
  added.outcome = EventOutcome::Added;
  added.environment = to_list->environment;
  added.topic = topic;
  added.device_token = device_token;
  added.of = of;
  record(ring, added);
}

// ---- Feedback ----

std::vector<FeedbackTuple> World::take_feedback(Environment environment, std::string_view topic,
                                                std::size_t max) {
  std::vector<FeedbackTuple> taken = feedback_.take(environment, topic_id(topic), max);
  for (const FeedbackTuple& tuple : taken) {
    set_listed(tuple, false);
  }
  return taken;
}

void World::put_back_feedback(Environment environment, std::string_view topic,
                              std::span<const FeedbackTuple> tuples) {
  for (const FeedbackTuple& tuple : tuples) {
    set_listed(tuple, true);
  }
  feedback_.put_back(environment, topic_id(topic), tuples);
}

void World::set_listed(const FeedbackTuple& tuple, bool listed) {
  tokens_.update(tuple.device_token.bytes(), false,
                 [listed](TokenRecord& record) { record.listed = listed; });
}

// ---- Helpers ----

void World::record(unsigned ring, LedgerRecord record) {
  if (ledger_ == nullptr) {
    return;
  }
  record.at = clock_.now();
  ledger_->add(ring, record);
}

std::uint32_t World::now_seconds() const {
  return static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count());
}

}  // namespace apns::mock
