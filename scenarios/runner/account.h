#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "apns/base/memory_host.h"
#include "mock_apns/ledger_event.h"
#include "scenarios/runner/http2_witness.h"
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

/// One attempt of the provider to connect to one of the two services, in a memory host.
struct Attempt {
  std::uint64_t number = 0;      // the provider's, from 1 in the order of dialling
  std::uint64_t connection = 0;  // the service's; 0: it never got there
  LinkOptions link;
  std::size_t num_outcomes = 0;  // that had been reported when it began
  std::optional<Gone> end;       // as the provider saw it
  bool of_feedback = false;      // a reading of the feedback service; known once it has ended
};

/// What one connection of the service kept from the provider, or told it wrongly: where no provider
/// can know better. service_lies.h finds it.
struct Lies {
  /// What was written there may have been lost without a word, or the word may come too late.
  bool is_silent = false;
  /// An error packet named another notification, or a status of another kind.
  bool is_false = false;
  /// Bytes that are no error packet were said, and yet the service went on taking.
  bool goes_on = false;
  /// What an error packet said that the ledger does not have as the rejection's status.
  std::optional<std::uint8_t> other_status = {};

  /// An error packet named none that the provider has.
  bool names_nobody = false;

  [[nodiscard]] bool operator==(const Lies&) const = default;
};

using LiesByConnection = std::map<std::uint64_t, Lies>;

/// A whole conversation, as seen from both ends. What is empty, null or absent is not judged.
struct Account {
  std::uint64_t num_notifications = 0;            // handed over, numbered from 1
  std::span<const NotificationOutcome> outcomes;  // in the order of reporting
  std::span<const NumberedEvent> events;          // in the order of the ledger
  /// The provider was told to send again what a lost connection left open, at the risk of doubles.
  bool doubles_allowed = false;
  std::span<const FeedbackReading> feedback = {};    // in the order of reading
  std::span<const Notification> notifications = {};  // as handed over
  std::span<const std::size_t> events_before = {};   // each outcome
  std::span<const Attempt> attempts = {};            // in the order of dialling
  // Of the protocol's client; the other one is null.
  const provider::BinaryClientOptions* client = nullptr;
  const provider::Http2ClientOptions* http2_client = nullptr;
  std::uint64_t late_packets = 0;  // as the provider counts them
  std::size_t most_open = 0;       // that the provider had queued or not settled, at any time
  std::size_t most_open_bytes = 0;
  LiesByConnection lies = {};
  /// Connections of the service on which an error packet must have reached the provider.
  std::set<std::uint64_t> told = {};
  /// Over HTTP/2, by connection of the service; where a connection is not there nothing is known.
  std::map<std::uint64_t, WireFacts> wire = {};
  /// As http2_lies.h finds them.
  std::set<std::uint64_t> taken_in_part = {};
  /// Nothing but attempts that came to nothing makes it give up: no short drain, no certificate
  /// that was refused.
  bool gives_up_late = false;
};

}  // namespace apns::scenarios
