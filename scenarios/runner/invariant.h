#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mock_apns/ledger.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// A ledger event of a notification, with the notification's number in the workload.
struct NumberedEvent {
  std::uint64_t n = 0;  // 0: no notification, or none of ours
  mock::LedgerEvent event;
};

/// What one reading of the feedback service brought.
struct FeedbackReading {
  // The newest notification to each device token that came, in their order; 0: none of ours.
  std::vector<std::uint64_t> n;
  std::string end;
};

/// A whole conversation, as seen from both ends.
struct Account {
  std::uint64_t num_notifications = 0;            // handed over, numbered from 1
  std::span<const NotificationOutcome> outcomes;  // in the order of reporting
  std::span<const NumberedEvent> events;          // in the order of the ledger
  /// The provider was told to send again what a lost connection left open, at the risk of doubles.
  bool doubles_allowed = false;
  std::span<const FeedbackReading> feedback = {};  // in the order of reading
};

/// What must hold for every conversation, whatever the service does, as long as its error packets
/// tell the truth:
///
///   * each notification has exactly one outcome
///   * sent: accepted exactly once; rejected: never accepted; unknown: accepted at most once
///   * what was accepted is never offered again
///   * what was discarded is offered again, unless it is reported as unknown or rejected
///
/// Each way in which it is broken, as one sentence with the numbers; empty: it holds.
[[nodiscard]] std::vector<std::string> check_invariant(const Account& account);

}  // namespace apns::scenarios
