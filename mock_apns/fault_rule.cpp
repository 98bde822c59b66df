#include "mock_apns/fault_rule.h"

#include <algorithm>
#include <utility>

#include "apns/base/random.h"

namespace apns::mock {

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
  const bool needs_notification = nth || !device_token_prefix.empty() || then.reject ||
                                  then.error_packet || then.no_answer ||
                                  then.delay > Duration::zero();
  return needs_notification ? Trigger::Notification : Trigger::Open;
}

FaultRules::FaultRules(std::vector<FaultRule> rules, std::uint64_t seed, TimePoint armed_at)
    : rules_(std::move(rules)),
      seed_(seed),
      armed_at_(armed_at),
      fired_(std::make_unique<std::atomic<std::uint64_t>[]>(rules_.size())) {
  std::size_t number = 0;
  for (FaultRule& rule : rules_) {
    ++number;
    has_token_rules_ = has_token_rules_ || !rule.device_token_prefix.empty();
    if (!rule.name.empty()) {
      continue;
    }
    std::size_t free = number;
    std::string name;
    do {
      name = "fault-" + std::to_string(free++);
    } while (std::ranges::find(rules_, name, &FaultRule::name) != rules_.end());
    rule.name = std::move(name);
  }
}

const FaultRule* FaultRules::fire(FaultRule::Trigger trigger, const Subject& subject) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const FaultRule& rule = rules_[i];
    if (rule.trigger() != trigger || (rule.idle && subject.silence < *rule.idle)) {
      continue;
    }
    const Duration age = subject.now - armed_at_;
    if (age < rule.after || age >= rule.until) {
      continue;
    }
    if (matches(i, subject) && take_firing(i)) {
      return &rule;
    }
  }
  return nullptr;
}

TimePoint FaultRules::idle_deadline(const Subject& subject, TimePoint since) const {
  TimePoint first = kNever;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const FaultRule& rule = rules_[i];
    const bool is_spent = rule.times != 0 && num_fired(i) >= rule.times;
    if (!rule.idle || is_spent) {
      continue;
    }
    const TimePoint due = std::max(since + *rule.idle, armed_at_ + rule.after);
    const TimePoint fires = std::max(due, subject.now);  // who is busy then comes later
    if (due < first && fires - armed_at_ < rule.until && matches(i, subject)) {
      first = due;
    }
  }
  return first;
}

bool FaultRules::matches(std::size_t index, const Subject& subject) const {
  const FaultRule& rule = rules_[index];
  if ((rule.protocol && *rule.protocol != subject.protocol) ||
      (rule.environment && *rule.environment != subject.environment) ||
      !rule.connection.matches(subject.connection) ||
      (rule.nth && !rule.nth->matches(subject.nth)) ||
      (!rule.topic.empty() && rule.topic != subject.topic) ||
      !subject.device_token_hex.starts_with(rule.device_token_prefix)) {
    return false;
  }
  return rule.probability >= 1.0 ||
         random_unit(random_u64(seed_, subject.connection, subject.nth, index)) < rule.probability;
}

bool FaultRules::take_firing(std::size_t index) {
  std::atomic<std::uint64_t>& fired = fired_[index];
  const std::uint64_t times = rules_[index].times;
  std::uint64_t seen = fired.load();
  do {
    if (times != 0 && seen >= times) {
      return false;
    }
  } while (!fired.compare_exchange_weak(seen, seen + 1));
  return true;
}

}  // namespace apns::mock
