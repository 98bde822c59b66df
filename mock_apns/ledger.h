#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/environment.h"

/// What the service did, as events with stable keys: docs/ledger.md.
///
///   a run        connection opened, notification accepted, connection closed
///   a rejection  ... notification rejected, notification discarded, connection closed
///   a fault      ... notification rejected, fault fired, connection closed
///   a poll       connection opened, feedback read, connection closed
///   no TLS       connection refused
namespace apns::mock {

enum class EventKind : std::uint8_t { Connection, Notification, Feedback, Fault };

enum class EventOutcome : std::uint8_t {
  Opened,  // connection
  Closed,
  Refused,
  Accepted,  // notification
  Rejected,
  Discarded,
  Read,   // feedback
  Fired,  // fault
};

/// What is spoken on a connection.
enum class Protocol : std::uint8_t { Binary, Feedback };

/// As the ledger's lines have them: "notification", "accepted", "binary".
[[nodiscard]] const char* to_string(EventKind kind);
[[nodiscard]] const char* to_string(EventOutcome outcome);
[[nodiscard]] const char* to_string(Protocol protocol);

/// Why a verdict fell as it did, and what would have passed. `rule` is an id of the rule catalogue.
struct Why {
  std::string rule;
  std::string found;
  std::string fix;
};

/// One thing that happened. Absent, empty or 0 means not known or not sent, and is not printed.
struct LedgerEvent {
  std::uint64_t seq = 0;  // given by Ledger::add, from 1
  WorldTime at{};
  EventKind kind = EventKind::Connection;
  EventOutcome outcome = EventOutcome::Opened;
  std::uint64_t connection = 0;
  Protocol protocol = Protocol::Binary;
  Environment environment = Environment::Production;

  // connection
  std::string tls;                    // "TLSv1.2"
  std::string auth;                   // the certificate's default topic, or its common name
  std::string by;                     // "provider", "service"
  std::string close;                  // "fin", "rst", "timeout"
  std::optional<std::uint8_t> alert;  // sent or received
  std::string detail;                 // why it was refused, for people

  // notification
  std::uint64_t nth = 0;  // on its connection, from 1
  std::optional<std::uint32_t> identifier;
  std::string device_token;  // hex, whole
  std::string topic;
  std::optional<std::uint8_t> priority;
  std::optional<std::uint32_t> expiration;
  std::string payload;           // as sent; "" when it was skipped
  bool payload_is_json = false;  // it is one JSON value: printed as such, else as a text
  std::size_t payload_bytes = 0;
  std::optional<std::uint8_t> status;  // binary
  std::optional<bool> answered;        // only false is said: rejected, but no error packet went out
  std::string cause;                   // "rule", "fault:NAME"
  std::optional<Why> why;

  // feedback
  std::optional<std::uint64_t> tuples;  // whole ones that this poll was handed

  // fault
  std::string name;
  std::uint64_t of = 0;  // seq of the event that it changed

  /// Roughly what it costs to keep.
  [[nodiscard]] std::size_t size_bytes() const;
};

/// One line of JSON without the newline; keys in the order of docs/ledger.md. Valid whatever the
/// provider sent: bytes that are not UTF-8 become U+FFFD, and such a payload is there as
/// "payload_hex" too.
[[nodiscard]] std::string to_json_line(const LedgerEvent& event);

/// One line for people, in UTC; device tokens are shortened, control characters become "?". Empty:
/// not worth a line (a connection that opens or ends as it should, a fault that the line of its
/// notification names).
///
///   10:14:09.774  accepted  binary #2  com.example.app  a1a1…a1a1  id 7
///   10:14:09.790  rejected  binary #2  com.example.app  fa11…0000  id 8     8 (invalid token)
[[nodiscard]] std::string to_text_line(const LedgerEvent& event);

/// What happened, in order, bounded by count and bytes: the oldest fall out and are counted. Thread
/// safe.
class Ledger {
 public:
  struct Limits {
    std::size_t keep = 100'000;  // events
    std::size_t keep_bytes = std::size_t{128} * 1024 * 1024;
  };

  using Listener = std::function<void(const LedgerEvent&)>;

  explicit Ledger(Limits limits) : limits_(limits) {}

  /// Gives the event its seq, tells the listener and keeps the event, all in the order of seq.
  /// Returns the seq. An event larger than the limit is told, not kept.
  std::uint64_t add(LedgerEvent event);

  /// Called under the ledger's lock for each event from now on: be quick, do not throw, do not call
  /// the ledger. An empty function: nobody listens any more.
  void set_listener(Listener listener);

  /// Copies of what is kept, oldest first.
  [[nodiscard]] std::vector<LedgerEvent> snapshot() const;

  /// Events that are no longer kept.
  [[nodiscard]] std::uint64_t num_dropped() const;

 private:
  const Limits limits_;
  mutable std::mutex mutex_;  // over all below
  // At most limits_.keep events of at most limits_.keep_bytes together.
  std::deque<LedgerEvent> events_;
  std::size_t bytes_ = 0;  // sum of size_bytes() over events_
  std::uint64_t next_seq_ = 1;
  std::uint64_t num_dropped_ = 0;
  Listener listener_;
};

}  // namespace apns::mock
