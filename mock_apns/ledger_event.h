#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apns/base/time.h"
#include "apns/model/environment.h"
#include "mock_apns/shown.h"

namespace apns::mock {

enum class EventKind : std::uint8_t {
  Connection,
  Notification,
  Delivery,   // what became of an accepted notification on the way to its phone
  Feedback,   // a list of the feedback service
  Device,     // the life of a phone
  Violation,  // the provider broke a rule without being rejected for it
  Fault,
};

enum class EventOutcome : std::uint8_t {
  Opened,  // connection
  Closed,
  Refused,
  Accepted,  // notification
  Rejected,
  Discarded,  // and delivery
  Delivered,  // delivery
  Stored,
  Replaced,
  Expired,
  Read,     // feedback
  Added,    // and device
  Removed,  // device
  Registered,
  Reregistered,
  Uninstalled,
  Online,
  Offline,
  Changed,
  Must,  // violation
  Should,
  Fired,  // fault
};

/// All kinds, and what their outcomes may be.
[[nodiscard]] std::span<const EventKind> event_kinds();
[[nodiscard]] std::span<const EventOutcome> outcomes_of(EventKind kind);

/// What the event is about. A phone's life is of no protocol.
enum class Protocol : std::uint8_t { Binary, Http2, Feedback, None };

/// As the ledger's lines have them: "notification", "accepted", "http2"; "" for None.
[[nodiscard]] const char* to_string(EventKind kind);
[[nodiscard]] const char* to_string(EventOutcome outcome);
[[nodiscard]] const char* to_string(Protocol protocol);

/// Why a verdict fell as it did, and what would have passed. `rule` is an id of the rule catalogue.
struct Why {
  std::string rule;
  std::string found;
  std::string fix;

  [[nodiscard]] bool operator==(const Why&) const = default;
};

/// One thing that happened, as it is read: it owns its texts. Absent, empty or 0 means not known or
/// not sent, and is not printed; neither is what belongs to other kinds. Written as a LedgerRecord.
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
  std::string alpn;                   // http2: "h2", if it was agreed on
  std::string auth;                   // the certificate's default topic, or its common name
  std::string by;                     // "provider", "service"
  std::string close;                  // "fin", "rst", "timeout"
  std::optional<std::uint8_t> alert;  // sent or received
  std::string goaway;                 // http2: "NO_ERROR, last stream 11, {"reason":"Shutdown"}"
  std::string detail;                 // why it was refused, for people; device: what has changed;
                                      // violation: what would be right

  // notification
  std::uint64_t nth = 0;                    // on its connection, from 1
  std::optional<std::uint32_t> identifier;  // binary
  std::optional<std::uint32_t> stream;      // http2, as all that says so below
  std::string apns_id;                      // of the answer: the provider's, or ours
  std::string device_token;                 // hex, whole; delivery, feedback and device too
  std::string topic;                        // the same
  std::string push_type;                    // http2: as sent
  std::optional<std::uint8_t> priority;
  std::optional<std::uint32_t> expiration;
  std::string collapse_id;       // http2: as sent
  std::string payload;           // as sent; "" when it was skipped
  bool payload_is_json = false;  // it is one JSON value: printed as such, else as a text
  std::size_t payload_bytes = 0;
  std::optional<std::uint16_t> status;       // binary: one byte; http2: of the answer
  std::string reason;                        // http2
  std::optional<std::uint64_t> timestamp;    // http2: of the answer, in ms since 1970
  std::optional<std::uint64_t> duration_us;  // http2: from the end of the request to its answer
  std::optional<bool> answered;  // only false is said: rejected, but the provider was not told
  std::string cause;             // "rule", "fault:NAME", "magic"
  std::optional<Why> why;

  // delivery
  std::uint64_t of = 0;  // seq of the notification; of what a fault changed, or what added a tuple
  std::string device;    // name; device too
  std::optional<Shown> shown;
  std::vector<std::string> reasons;  // printed as `why`: texts for people

  // feedback
  std::optional<std::uint64_t> tuples;  // that were read

  // violation
  std::string rule;
  std::string found;
  std::string hex;

  // fault
  std::string name;

  [[nodiscard]] bool operator==(const LedgerEvent&) const = default;
};

}  // namespace apns::mock
