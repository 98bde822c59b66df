#include "scenarios/runner/observations.h"

#include <utility>

namespace apns::scenarios {
namespace {

std::string reason_of(const provider::Outcome& outcome) {
  using enum provider::OutcomeReason;
  switch (outcome.reason) {
    case None:
      return "";
    case Status:
      return std::to_string(outcome.status);
    case Unsent:
      return "unsent";
    case ConnectionLost:
      return "connection-lost";
    case UnknownIdentifier:
      return "unknown-identifier";
    case DrainLimit:
      return "drain-limit";
  }
  return "";
}

}  // namespace

Observations::Observations(std::span<const Notification> notifications) {
  std::uint64_t n = 0;
  for (const Notification& notification : notifications) {
    numbers_.emplace(notification.device_token.to_hex(), ++n);
  }
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
      seen.outcomes.push_back(
          NotificationOutcome{outcome.ticket, outcome.kind, reason_of(outcome)});
    }
  });
}

void Observations::writable() {
  change([](Seen& seen) { ++seen.num_writable; });
}

void Observations::drained() {
  change([](Seen& seen) { seen.drained = true; });
}

void Observations::refused(std::uint64_t n, std::string reason) {
  change([n, &reason](Seen& seen) {
    seen.outcomes.push_back(
        NotificationOutcome{n, provider::OutcomeKind::Rejected, std::move(reason)});
  });
}

void Observations::connection_closed() {
  change([](Seen& seen) { ++seen.num_closed; });
}

void Observations::event(const mock::LedgerEvent& event) {
  const auto found = numbers_.find(event.device_token);
  const std::uint64_t n = found == numbers_.end() ? 0 : found->second;
  change([n, &event](Seen& seen) { seen.events.push_back(NumberedEvent{n, event}); });
}

bool Observations::wait(const Predicate& done, std::chrono::nanoseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this, &done] { return done(seen_); });
}

Seen Observations::seen() const {
  return read([](const Seen& seen) { return seen; });
}

}  // namespace apns::scenarios
