#include "scenarios/runner/observations.h"

#include <algorithm>
#include <utility>

namespace apns::scenarios {
namespace {

std::string reason_of(const provider::Outcome& outcome) {
  using enum provider::OutcomeReason;
  switch (outcome.reason) {
    case None:
      return "";
    case Status:
      return outcome.answer == nullptr ? std::to_string(outcome.status)
                                       : std::string(outcome.answer->reason_text);
    case Unsent:
      return "unsent";
    case ConnectionLost:
      return "connection-lost";
    case UnknownIdentifier:
      return "unknown-identifier";
    case DrainLimit:
      return "drain-limit";
    case Evicted:
      return "evicted";
    case NotProcessed:
      return "not-processed";
    case Reset:
      return "reset";
    case BadAnswer:
      return "bad-answer";
    case NoAnswer:
      return "no-answer";
  }
  return "";
}

NotificationOutcome read_outcome(const provider::Outcome& outcome) {
  NotificationOutcome read{outcome.ticket, outcome.kind, reason_of(outcome)};
  if (outcome.answer != nullptr && outcome.status != 0) {
    read.status = outcome.status;
    read.timestamp = outcome.answer->timestamp_ms;
    read.apns_id = outcome.answer->apns_id;
  }
  return read;
}

void add_outcome(NotificationOutcome outcome, Seen& seen) {
  seen.outcomes.push_back(std::move(outcome));
  seen.events_before.push_back(seen.events.size());
}

Attempt* find_attempt(Seen& seen, std::uint64_t number) {
  const auto found = std::ranges::find(seen.attempts, number, &Attempt::number);
  return found == seen.attempts.end() ? nullptr : &*found;
}

}  // namespace

void Observations::announce(std::uint64_t n, const Notification& notification) {
  const std::lock_guard lock(mutex_);
  announced_[notification.device_token.to_hex()].push_back(Announced{n, notification.payload});
}

template <class Change>
void Observations::change(const Change& change) {
  {
    const std::lock_guard lock(mutex_);
    change(seen_);
  }
  changed_.notify_all();
}

void Observations::outcomes(std::span<const provider::Outcome> batch) {
  change([batch](Seen& seen) {
    for (const provider::Outcome& outcome : batch) {
      add_outcome(read_outcome(outcome), seen);
    }
  });
}

void Observations::writable() {
  change([](Seen& seen) { ++seen.num_writable; });
}

void Observations::drained() {
  change([](Seen& seen) { seen.drained = true; });
}

void Observations::tuple(const binary::FeedbackTuple& tuple) {
  const std::lock_guard lock(mutex_);
  const auto found = announced_.find(tuple.device_token.to_hex());
  reading_.n.push_back(found == announced_.end() ? 0 : found->second.back().n);
}

void Observations::finished(const provider::FeedbackResult& result) {
  change([this, &result](Seen& seen) {
    reading_.end = to_string(result.end);
    seen.feedback.push_back(std::exchange(reading_, {}));
  });
}

void Observations::refused(std::uint64_t n, std::string reason) {
  change([n, &reason](Seen& seen) {
    add_outcome(NotificationOutcome{n, provider::OutcomeKind::Rejected, std::move(reason)}, seen);
  });
}

void Observations::dialled(std::uint64_t number, const LinkOptions& link) {
  change([number, &link](Seen& seen) {
    Attempt attempt;
    attempt.number = number;
    attempt.link = link;
    attempt.num_outcomes = seen.outcomes.size();
    seen.attempts.push_back(attempt);
  });
}

void Observations::accepted(std::uint64_t number, std::uint64_t connection) {
  change([number, connection](Seen& seen) {
    if (Attempt* attempt = find_attempt(seen, number)) {
      attempt->connection = connection;
    }
  });
}

void Observations::connection_closed(std::uint64_t number, Gone why) {
  change([number, why](Seen& seen) {
    ++seen.num_closed;
    if (Attempt* attempt = find_attempt(seen, number)) {
      attempt->end = why;
    }
  });
}

void Observations::reading_closed(std::uint64_t number, Gone why) {
  change([number, why](Seen& seen) {
    if (Attempt* attempt = find_attempt(seen, number)) {
      attempt->end = why;
      attempt->of_feedback = true;
    }
  });
}

void Observations::open(std::size_t notifications, std::size_t bytes) {
  change([notifications, bytes](Seen& seen) {
    seen.most_open = std::max(seen.most_open, notifications);
    seen.most_open_bytes = std::max(seen.most_open_bytes, bytes);
  });
}

std::uint64_t Observations::number_of(const mock::LedgerEvent& event) const {
  if (event.of != 0) {
    const auto found = numbers_by_seq_.find(event.of);
    return found == numbers_by_seq_.end() ? 0 : found->second;
  }
  const auto found = announced_.find(event.device_token);
  if (found == announced_.end()) {
    return 0;
  }
  for (const Announced& one : found->second) {
    if (found->second.size() == 1 || one.payload == event.payload) {
      return one.n;
    }
  }
  return 0;
}

void Observations::event(const mock::LedgerEvent& event) {
  change([this, &event](Seen& seen) {
    const std::uint64_t n = number_of(event);
    if (event.kind == mock::EventKind::Notification) {
      numbers_by_seq_[event.seq] = n;
    }
    seen.events.push_back(NumberedEvent{n, event});
  });
}

bool Observations::wait(const Predicate& done, std::chrono::nanoseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this, &done] { return done(seen_); });
}

Seen Observations::seen() const {
  return read([](const Seen& seen) { return seen; });
}

}  // namespace apns::scenarios
