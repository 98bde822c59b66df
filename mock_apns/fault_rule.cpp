#include "mock_apns/fault_rule.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "apns/base/random.h"

namespace apns::mock {

namespace {

template <class IsTaken>
std::string free_name(std::uint64_t number, const IsTaken& is_taken) {
  std::string name;
  do {
    name = "fault-" + std::to_string(number++);
  } while (is_taken(name));
  return name;
}

}  // namespace

FaultRule::Trigger FaultRule::trigger() const {
  if (then.tls_alert) {
    return Trigger::Handshake;
  }
  if (idle) {
    return Trigger::Idle;
  }
  if (protocol == FaultProtocol::Feedback) {
    return Trigger::Open;
  }
  const bool is_about_one = nth || !device_token_prefix.empty() || !push_type.empty() ||
                            (then.goaway && then.goaway->last_nth);
  const bool answers_one = then.reject || then.error_packet || then.no_answer ||
                           then.delay > Duration::zero() || then.reason || then.status ||
                           then.latency || then.reset_stream;
  return is_about_one || answers_one ? Trigger::Notification : Trigger::Open;
}

bool FaultRule::is_for(FaultProtocol service) const {
  if (protocol) {
    return *protocol == service;
  }
  switch (service) {
    case FaultProtocol::Binary:
      return push_type.empty() && (then.is_of_binary() || !then.is_of_http2());
    case FaultProtocol::Http2:
      return then.reason || !then.is_of_binary();
    case FaultProtocol::Feedback:
      return push_type.empty() && !then.is_of_http2();
  }
  return false;
}

FaultRules::FaultRules(std::vector<FaultRule> rules, std::uint64_t seed, TimePoint armed_at)
    : seed_(seed) {
  fill(std::move(rules), armed_at);
}

// Names that were given are taken before any is made up.
void FaultRules::fill(std::vector<FaultRule> rules, TimePoint now) {
  std::size_t number = 0;
  for (FaultRule& rule : rules) {
    ++number;
    if (rule.name.empty()) {
      rule.name = free_name(number, [&rules](const std::string& name) {
        return std::ranges::find(rules, name, &FaultRule::name) != rules.end();
      });
    }
  }
  for (FaultRule& rule : rules) {
    rules_.push_back(make(std::move(rule), now));
  }
  note_what_there_is();
}

std::shared_ptr<FaultRules::Armed> FaultRules::make(FaultRule rule, TimePoint now) {
  if (rule.name.empty()) {
    rule.name = free_name(num_made_ + 1, [this](const std::string& name) {
      return std::ranges::any_of(rules_,
                                 [&name](const auto& armed) { return armed->rule.name == name; });
    });
  }
  auto armed = std::make_shared<Armed>();
  armed->rule = std::move(rule);
  armed->number = num_made_++;
  armed->since = now;
  return armed;
}

void FaultRules::note_what_there_is() {
  unsigned triggers = 0;
  bool has_token_rules = false;
  for (const auto& armed : rules_) {
    triggers |= bit(armed->rule.trigger());
    has_token_rules = has_token_rules || !armed->rule.device_token_prefix.empty();
  }
  has_token_rules_.store(has_token_rules, std::memory_order_release);
  triggers_.store(triggers, std::memory_order_release);
}

std::shared_ptr<const FaultRule> FaultRules::arm(FaultRule rule, TimePoint now) {
  const std::unique_lock lock(mutex_);
  const auto older = std::ranges::find_if(
      rules_, [&rule](const auto& armed) { return armed->rule.name == rule.name; });
  if (older == rules_.end() && rules_.size() >= kMaxRules) {
    return nullptr;
  }
  std::shared_ptr<Armed> armed = make(std::move(rule), now);
  if (older != rules_.end()) {
    *older = armed;
  } else {
    rules_.push_back(armed);
  }
  note_what_there_is();
  return {armed, &armed->rule};
}

bool FaultRules::disarm(std::string_view name) {
  const std::unique_lock lock(mutex_);
  const bool was_there =
      std::erase_if(rules_, [name](const auto& armed) { return armed->rule.name == name; }) > 0;
  note_what_there_is();
  return was_there;
}

void FaultRules::reset(std::vector<FaultRule> rules, TimePoint now) {
  const std::unique_lock lock(mutex_);
  rules_.clear();
  num_made_ = 0;
  fill(std::move(rules), now);
}

FaultRules::Firing FaultRules::fire_drawing(FaultRule::Trigger trigger, const Subject& subject) {
  if (!has(trigger)) {
    return Firing{};
  }
  const std::shared_lock lock(mutex_);
  for (const auto& armed : rules_) {
    const FaultRule& rule = armed->rule;
    if (rule.trigger() != trigger || (rule.idle && subject.silence < *rule.idle)) {
      continue;
    }
    const Duration age = subject.now - armed->since;
    if (age < rule.after || age >= rule.until) {
      continue;
    }
    if (matches(*armed, subject) && take_firing(*armed)) {
      return Firing{{armed, &rule}, random_u64(draw(*armed, subject), 1)};
    }
  }
  return Firing{};
}

TimePoint FaultRules::idle_deadline(const Subject& subject, TimePoint since) const {
  TimePoint first = kNever;
  if (!has(FaultRule::Trigger::Idle)) {
    return first;
  }
  const std::shared_lock lock(mutex_);
  for (const auto& armed : rules_) {
    const FaultRule& rule = armed->rule;
    const bool is_spent = rule.times != 0 && armed->fired.load() >= rule.times;
    if (!rule.idle || is_spent) {
      continue;
    }
    const TimePoint due = std::max(since + *rule.idle, armed->since + rule.after);
    const TimePoint fires = std::max(due, subject.now);  // who is busy then comes later
    if (due < first && fires - armed->since < rule.until && matches(*armed, subject)) {
      first = due;
    }
  }
  return first;
}

std::vector<ArmedFault> FaultRules::armed() const {
  const std::shared_lock lock(mutex_);
  std::vector<ArmedFault> all;
  for (const auto& armed : rules_) {
    all.push_back(ArmedFault{{armed, &armed->rule}, armed->fired.load()});
  }
  return all;
}

bool FaultRules::matches(const Armed& armed, const Subject& subject) const {
  const FaultRule& rule = armed.rule;
  if (!rule.is_for(subject.protocol) ||
      (rule.environment && *rule.environment != subject.environment) ||
      !rule.connection.matches(subject.connection) ||
      (rule.nth && !rule.nth->matches(subject.nth)) ||
      (!rule.topic.empty() && rule.topic != subject.topic) ||
      (!rule.push_type.empty() && rule.push_type != subject.push_type) ||
      !subject.device_token_hex.starts_with(rule.device_token_prefix)) {
    return false;
  }
  return rule.probability >= 1.0 || random_unit(draw(armed, subject)) < rule.probability;
}

std::uint64_t FaultRules::draw(const Armed& armed, const Subject& subject) const {
  return random_u64(seed_, subject.connection, subject.nth, armed.number);
}

bool FaultRules::take_firing(Armed& armed) {
  std::atomic<std::uint64_t>& fired = armed.fired;
  const std::uint64_t times = armed.rule.times;
  std::uint64_t seen = fired.load();
  do {
    if (times != 0 && seen >= times) {
      return false;
    }
  } while (!fired.compare_exchange_weak(seen, seen + 1));
  return true;
}

}  // namespace apns::mock
