#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "provider/outcome.h"
#include "scenarios/runner/invariant.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// What has been seen of a conversation so far.
struct Seen {
  std::vector<NotificationOutcome> outcomes;
  std::vector<NumberedEvent> events;
  std::uint64_t num_writable = 0;  // how often the provider said that it has room again
  std::uint64_t num_closed = 0;    // connections whose end the provider has seen
  bool drained = false;
};

/// Gathers what provider and service tell, on whatever threads they run, and wakes who waits for
/// it.
class Observations final : public provider::OutcomeSink {
 public:
  /// `notifications` give the ledger's device tokens their numbers.
  explicit Observations(std::span<const Notification> notifications);

  // OutcomeSink; a ticket is the notification's number
  void outcomes(std::span<const provider::Outcome> batch) override;
  void writable() override;
  void drained() override;

  /// A notification that try_send refused.
  void refused(std::uint64_t n, std::string reason);
  void connection_closed();
  void event(const mock::LedgerEvent& event);

  /// A predicate of what was seen; called under the lock.
  using Predicate = std::function<bool(const Seen&)>;

  /// What `get` takes from what was seen; called under the lock.
  template <class Get>
  [[nodiscard]] auto read(const Get& get) const {
    const std::lock_guard lock(mutex_);
    return get(seen_);
  }

  [[nodiscard]] bool holds(const Predicate& done) const { return read(done); }

  /// Waits until `done` holds, at most `limit`. False: it did not.
  [[nodiscard]] bool wait(const Predicate& done, std::chrono::nanoseconds limit) const;
  /// A copy.
  [[nodiscard]] Seen seen() const;

 private:
  template <class Change>
  void change(const Change& change);

  std::unordered_map<std::string, std::uint64_t> numbers_;  // by device token in hex
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Seen seen_;
};

}  // namespace apns::scenarios
