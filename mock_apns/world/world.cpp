#include "mock_apns/world/world.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include "mock_apns/world/world_phone.h"

namespace apns::mock {

namespace {

/// When a push expires by a clock that is `offset` ahead of the provider's. To the next whole
/// second, so that nothing expires before its time; 0 stays what it is, and what is not 0 does not
/// become it.
std::optional<std::int64_t> expiration_of(const AcceptedPush& push, WorldTime::duration offset) {
  if (!push.expiration || *push.expiration == 0) {
    return push.expiration;
  }
  const auto ahead = std::chrono::ceil<std::chrono::seconds>(offset);
  return std::max<std::int64_t>(std::int64_t{*push.expiration} + ahead.count(), 1);
}

/// The same of the times in a payload. Its timestamp is compared with others of the provider only.
void shift(Payload& payload, WorldTime::duration offset) {
  if (!payload.activity) {
    return;
  }
  const auto ahead = std::chrono::ceil<std::chrono::seconds>(offset).count();
  for (std::optional<std::int64_t>* time :
       {&payload.activity->stale_date, &payload.activity->dismissal_date}) {
    *time = *time ? std::optional(**time + ahead) : std::nullopt;
  }
}

/// Does the feedback service tell of its device tokens? Its topic is that of a certificate of the
/// binary interface.
bool has_feedback(PushFamily family) {
  return family == PushFamily::Alert || family == PushFamily::Mdm;
}

}  // namespace

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

// ---- Device tokens ----

void World::register_token(ByteView device_token, std::string_view bundle_id,
                           Environment environment, PushFamily family) {
  TokenRecord record;
  record.topic = topic_id(topic_of_family(bundle_id, family));
  record.environment = environment;
  record.family = family;
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
    const std::string name = topic_name(topic);
    LedgerRecord stored;
    stored.kind = EventKind::Delivery;
    stored.protocol = Protocol::None;
    stored.outcome = EventOutcome::Stored;
    stored.environment = environment;
    stored.of = push.of;
    stored.topic = name;
    stored.device_token = push.device_token;
    stored.reasons = why;
    record(push.thread, stored);
  }
  if (magic && magic->fate == MagicToken::Fate::Uninstalled) {
    tokens_.update(push.device_token, true, [&push, topic, environment](TokenRecord& record) {
      record.topic = topic;
      record.environment = environment;
      record.family = push.push_type ? family_of(*push.push_type) : PushFamily::Alert;
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
  const std::shared_ptr<Box> box = box_at(known.phone);
  const std::string bundle_id = bundle_id_of(known);
  if (box == nullptr) {
    discard_for_removed(accepted, known, bundle_id);
    return;
  }
  record_findings(accepted, known);
  const WorldTime::duration offset = clock_.offset();
  Push push{.of = accepted.of,
            .device_token = *DeviceToken::from_bytes(accepted.device_token),
            .environment = known.environment,
            .family = known.family,
            .push_type = accepted.push_type,
            .payload = readers_.at(accepted.thread).read(accepted.payload),
            .expiration = expiration_of(accepted, offset),
            .priority = accepted.priority,
            .collapse_id = std::string(accepted.collapse_id)};
  shift(push.payload, offset);
  const std::lock_guard lock(box->mutex);
  if (box->is_removed) {
    discard_for_removed(accepted, known, bundle_id);
    return;
  }
  if (known.family == PushFamily::LiveActivity) {
    // One that is not found has ended, or has a newer device token.
    const TokenName* name = box->name_of(push.device_token);
    const std::string activity = name == nullptr ? "?" : name->activity;
    push.activity = activity.empty() ? std::nullopt : std::optional(activity);
  }
  Recorder recorder(*this, *box, accepted.thread);
  const PushResult result = box->phone.push(bundle_id, std::move(push), clock_.now(), recorder);
  if (result == PushResult::AppIsGone) {
    app_is_gone(accepted.device_token, accepted.of, accepted.thread);
  }
  due_at(box->phone.deadline());
}

/// What is wrong with a payload, and does not fit its request.
void World::record_findings(const AcceptedPush& push, const TokenRecord& known) {
  // Of a request without a push type it is inferred from the device token, where that leaves no
  // choice.
  const std::optional<PushType> inferred =
      known.family == PushFamily::Alert ? std::nullopt : std::optional(row_of(known.family).type);
  const PayloadRequest request{.push_type = push.push_type ? push.push_type : inferred,
                               .topic = topic_name(known.topic),
                               .priority = push.priority,
                               .expiration = push.expiration};
  for (const PayloadFinding& wrong : readers_.at(push.thread).lint(push.payload, request)) {
    LedgerRecord violation;
    violation.kind = EventKind::Violation;
    violation.protocol = Protocol::None;
    violation.outcome = wrong.is_must ? EventOutcome::Must : EventOutcome::Should;
    violation.environment = known.environment;
    violation.of = push.of;
    violation.rule = wrong.why.rule;
    violation.found = wrong.why.found;
    violation.detail = wrong.why.fix;
    record(push.thread, violation);
  }
}

std::string World::bundle_id_of(const TokenRecord& token) const {
  std::string topic = topic_name(token.topic);
  const std::size_t suffix = topic_of_family({}, token.family).size();
  topic.resize(topic.size() - std::min(topic.size(), suffix));
  return topic;
}

void World::discard_for_removed(const AcceptedPush& push, const TokenRecord& known,
                                const std::string& bundle_id) {
  const std::array<std::string, 1> why = {"the phone was removed"};
  const std::string topic = topic_of_family(bundle_id, known.family);
  LedgerRecord discarded;
  discarded.kind = EventKind::Delivery;
  discarded.protocol = Protocol::None;
  discarded.outcome = EventOutcome::Discarded;
  discarded.environment = known.environment;
  discarded.of = push.of;
  discarded.topic = topic;
  discarded.device_token = push.device_token;
  discarded.reasons = why;
  record(push.thread, discarded);
  const std::optional<TokenRecord> still = tokens_.find(push.device_token);
  if (still && (still->phone == 0 || still->phone == known.phone)) {
    app_is_gone(push.device_token, push.of, push.thread);
  }
}

void World::rejected_as_inactive(ByteView device_token, std::uint64_t of, unsigned ring) {
  app_is_gone(device_token, of, ring);
}

void World::app_is_gone(ByteView device_token, std::uint64_t of, unsigned ring) {
  std::optional<TokenRecord> to_list;
  std::optional<std::uint32_t> news;
  tokens_.update(device_token, false, [this, &to_list, &news](TokenRecord& record) {
    if (record.state == TokenState::Replaced || record.state == TokenState::Expired) {
      return;  // registered anew meanwhile, or over
    }
    if (record.state != TokenState::Inactive) {
      record.state = TokenState::Inactive;
      record.since = now_seconds();
      news = record.since;
    }
    if (!record.listed && has_feedback(record.family)) {
      record.listed = true;
      to_list = record;
    }
  });
  if (news) {
    all_are_gone(*DeviceToken::from_bytes(device_token), *news);
  }
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
  added.protocol = Protocol::Feedback;
  added.outcome = EventOutcome::Added;
  added.environment = to_list->environment;
  added.topic = topic;
  added.device_token = device_token;
  added.of = of;
  record(ring, added);
}

/// What was found out of one of an app's device tokens holds for the others since the same time.
void World::all_are_gone(const DeviceToken& one, std::uint32_t since) {
  for (const DeviceToken& token : gone_apps_.take(one)) {
    tokens_.update(token.bytes(), false, [since](TokenRecord& record) {
      if (record.state == TokenState::AppGone) {
        record.state = TokenState::Inactive;
        record.since = since;
      }
    });
  }
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

// What was registered anew meanwhile, or is of the time before a reset, goes nowhere.
void World::put_back_feedback(Environment environment, std::string_view topic,
                              std::span<const FeedbackTuple> tuples) {
  std::vector<FeedbackTuple> due;
  for (const FeedbackTuple& tuple : tuples) {
    bool is_gone = false;
    tokens_.update(tuple.device_token.bytes(), false, [&is_gone](TokenRecord& record) {
      is_gone = record.state == TokenState::Inactive;
      record.listed = is_gone;
    });
    if (is_gone) {
      due.push_back(tuple);
    }
  }
  feedback_.put_back(environment, topic_id(topic), due);
}

void World::set_listed(const FeedbackTuple& tuple, bool listed) {
  tokens_.update(tuple.device_token.bytes(), false,
                 [listed](TokenRecord& record) { record.listed = listed; });
}

// ---- Helpers ----

void World::record(unsigned ring, LedgerRecord record) {
  count(record);
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
