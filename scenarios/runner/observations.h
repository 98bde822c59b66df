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
#include "scenarios/runner/account.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// What has been seen of a conversation so far.
struct Seen {
  std::vector<NotificationOutcome> outcomes;
  std::vector<std::size_t> events_before;  // each outcome
  std::vector<NumberedEvent> events;
  std::vector<Attempt> attempts;          // memory hosts only
  std::uint64_t num_writable = 0;         // how often the provider said that it has room again
  std::uint64_t num_closed = 0;           // connections whose end the provider has seen
  std::vector<FeedbackReading> feedback;  // readings that are over
  bool drained = false;
  std::size_t most_open = 0;  // as Account has it; memory hosts only
  std::size_t most_open_bytes = 0;
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
  /// The provider's attempts, by its own numbers; `connection` is the service's.
  void dialled(std::uint64_t number, const LinkOptions& link);
  void accepted(std::uint64_t number, std::uint64_t connection);
  void connection_closed(std::uint64_t number, Gone why);
  void reading_closed(std::uint64_t number, Gone why);
  /// What the provider has queued or not settled just now.
  void open(std::size_t notifications, std::size_t bytes);
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
