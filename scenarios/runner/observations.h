#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "provider/feedback_reader.h"
#include "provider/outcome.h"
#include "scenarios/runner/invariant.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// What has been seen of a conversation so far.
struct Seen {
  std::vector<NotificationOutcome> outcomes;
  std::vector<NumberedEvent> events;
  std::uint64_t num_writable = 0;         // how often the provider said that it has room again
  std::uint64_t num_closed = 0;           // connections whose end the provider has seen
  std::vector<FeedbackReading> feedback;  // readings that are over
  bool drained = false;
};

/// Gathers what provider and service tell, on whatever threads they run, and wakes who waits for
/// it.
class Observations final : public provider::OutcomeSink, public provider::FeedbackSink {
 public:
  /// Gives a notification its number in the ledger's events, before it is handed over. It is known
  /// by its device token, and by its payload where several go to one.
  void announce(std::uint64_t n, const Notification& notification);

  // OutcomeSink; a ticket is the notification's number
  void outcomes(std::span<const provider::Outcome> batch) override;
  void writable() override;
  void drained() override;

  // FeedbackSink
  void tuple(const binary::FeedbackTuple& tuple) override;
  void finished(const provider::FeedbackResult& result) override;

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

  struct Announced {
    std::uint64_t n = 0;
    std::string payload;
  };

  /// 0: none of ours.
  [[nodiscard]] std::uint64_t number_of(const mock::LedgerEvent& event) const;

  mutable std::mutex mutex_;                                           // over all below
  std::unordered_map<std::string, std::vector<Announced>> announced_;  // by device token in hex
  std::unordered_map<std::uint64_t, std::uint64_t> numbers_by_seq_;    // of notification events
  mutable std::condition_variable changed_;
  FeedbackReading reading_;  // under way
  Seen seen_;
};

}  // namespace apns::scenarios
