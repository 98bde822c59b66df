#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apns/base/memory_host.h"
#include "apns/base/time.h"
#include "apns/json/document.h"
#include "apns/model/notification.h"
#include "apns/model/profile.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/ledger.h"
#include "mock_apns/world/world_file.h"
#include "provider/binary_client_options.h"
#include "provider/http2_client_options.h"
#include "provider/outcome.h"
#include "scenarios/runner/number_set.h"
#include "scenarios/runner/service_script.h"

namespace apns::scenarios {

/// Where a scenario runs. The names are those of the command line: "in-memory", "tls", "sockets".
enum class HostKind : std::uint8_t { Memory, MemoryTls, Sockets };

inline constexpr std::array<HostKind, 3> kAllHosts = {HostKind::Memory, HostKind::MemoryTls,
                                                      HostKind::Sockets};

[[nodiscard]] std::string_view to_string(HostKind host);

/// How the provider shows who it is; over HTTP/2 there are both.
enum class Auth : std::uint8_t { Certificate, ProviderToken };

/// A limit that the script does not set: nothing that works takes longer, over sockets either.
inline constexpr Duration kDefaultWithin = std::chrono::seconds(10);

/// What a phone showed; everything that is set must hold, and an empty text means that there is
/// none.
struct ShownMatch {
  std::optional<std::string> place;
  std::optional<std::string> title;
  std::optional<std::string> subtitle;
  std::optional<std::string> body;
  std::optional<std::int64_t> badge;
  std::optional<std::string> sound;
};

/// Which ledger events are meant; everything that is set must hold.
struct EventMatch {
  mock::EventKind event = mock::EventKind::Notification;
  std::optional<mock::EventOutcome> outcome;
  std::optional<NumberSet> connection;

  // notification
  std::optional<NumberSet> n;
  std::optional<NumberSet> nth;
  std::optional<NumberSet> identifier;
  std::optional<std::uint16_t> status;
  std::optional<bool> answered;
  std::optional<std::uint64_t> payload_bytes;
  std::optional<std::uint8_t> priority;
  std::optional<std::uint32_t> expiration;
  std::string topic;
  std::string rule;  // of the event's `why`
  std::string cause;
  // http2
  std::optional<NumberSet> stream;
  std::string push_type;
  std::string collapse_id;
  std::string apns_id;
  std::string reason;
  std::optional<std::uint64_t> timestamp;

  // connection
  std::string by;
  std::string close;
  std::optional<std::uint8_t> alert;
  std::string goaway;  // what was said has this text in it

  // delivery, feedback, device, fault
  std::string device;
  std::optional<ShownMatch> shown;
  std::string why;  // one of a delivery's reasons has this text in it
  std::optional<std::uint64_t> tuples;
  std::string detail;
  std::string name;
};

/// One entry of expect.ledger.
struct LedgerExpectation {
  EventMatch match;
  std::optional<std::uint64_t>
      each;  // exactly so many events for every n; else min_count and max_count count them all
  std::uint64_t min_count = 0;
  std::uint64_t max_count = UINT64_MAX;
  bool in_order = false;              // the events' n ascend
  bool distinct_identifiers = false;  // no two events have the same identifier, and none lacks one
  std::string where;                  // "expect.ledger[2]"
  json::Position position;
};

/// What became of one notification, as scenario files spell it. `reason` is empty for sent, else
///
///   rejected   a binary status in digits; of HTTP/2 what the answer says; "unsent",
///              "not-processed", "payload-too-long", "payload-empty", "field-illegal"
///   unknown    "connection-lost", "drain-limit", "unknown-identifier", "evicted", "reset",
///              "bad-answer", "no-answer"
struct NotificationOutcome {
  std::uint64_t n = 0;
  provider::OutcomeKind kind = provider::OutcomeKind::Sent;
  std::string reason;
  // Of an answer over HTTP/2.
  std::optional<std::uint16_t> status = std::nullopt;
  std::optional<std::uint64_t> timestamp = std::nullopt;  // ms since 1970
  std::string apns_id = {};

  [[nodiscard]] bool operator==(const NotificationOutcome&) const = default;
};

/// One entry of expect.outcomes. A notification that several entries name may end in any of them.
struct OutcomeExpectation {
  NumberSet n;
  provider::OutcomeKind kind = provider::OutcomeKind::Sent;
  std::string reason;  // empty: any
  // Of an answer over HTTP/2; absent: any.
  std::optional<std::uint16_t> status = std::nullopt;
  std::optional<std::uint64_t> timestamp = std::nullopt;
};

/// Hands notifications to the provider, one behind the other.
struct SendStep {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  // Not empty: to the device token that this app on this device has by then.
  std::string device = {};
  std::string app = {};
  std::string activity = {};  // the Live Activity whose device token it is; empty: none
};

/// Something happens to a simulated phone.
struct DeviceStep {
  mock::DeviceChange change;
};

/// The provider reads the feedback service, to the end.
struct FeedbackStep {
  Duration within = kDefaultWithin;
};

/// Waits until the ledger has `count` such events.
struct WaitEventsStep {
  EventMatch match;
  std::uint64_t count = 1;
  Duration within = kDefaultWithin;
};

/// Waits until the provider has seen that many of its connections end.
struct WaitClosedStep {
  std::uint64_t count = 1;
  Duration within = kDefaultWithin;
};

/// Lets time pass: the clock jumps in memory; over sockets it is waited for.
struct AdvanceStep {
  Duration by{};
};

/// Asks the provider to settle everything and to close; always the last step.
struct DrainStep {
  Duration within{};
};

struct Step {
  std::variant<SendStep, WaitEventsStep, WaitClosedStep, AdvanceStep, DeviceStep, FeedbackStep,
               DrainStep>
      action;
  std::string where;  // "workload[2]"
  std::string text;   // as written: {"send":47}
  json::Position position;
};

/// One entry of expect.feedback: what one reading brought, in the order of readings.
struct FeedbackExpectation {
  std::vector<std::uint64_t> n;  // the newest to each device token that came, in their order
  std::string end = "complete";  // of the reading, as provider::to_string(FeedbackEnd) has it
  std::string where;             // "expect.feedback[1]"
  json::Position position;
};

struct Deviation;

/// What the network does to some of the provider's connections.
struct LinkPlan {
  NumberSet connections;  // the provider's, from 1 in the order of dialling
  LinkOptions link;

  [[nodiscard]] bool operator==(const LinkPlan&) const = default;
};

/// A scenario file, loaded and checked. docs/scenarios.md describes the format.
struct Scenario {
  std::string id;       // "binary/error_packet_resend"
  std::string area;     // "binary"
  std::string file;     // for messages
  std::string pattern;  // names it on the command line: the id, or the path of a file on disk
  std::string title;
  std::vector<std::string> rules;  // not empty; ids, not yet looked up
  std::vector<std::string> source;
  std::string protocol;
  Auth auth = Auth::Certificate;
  const Profile* profile = &default_profile();
  std::optional<std::uint64_t> seed;
  std::string certificate;  // of the provider: one of shown_certificate_names(); empty: a sound one
  std::string provider_token;            // one of shown_provider_token_names(); empty: good ones
  std::optional<mock::WorldPlan> world;  // absent: strict, and the workload's tokens are registered
  std::vector<mock::FaultRule> faults;
  // http2
  mock::SettingsFault settings;  // instead of the profile's
  std::vector<ConnectionScript>
      connections;  // the service's, from 1 on; others are served as usual
  std::uint64_t refuse_connections =
      0;  // the first so many are reset before anything is said on them
  // Of those that match, the first counts; none: LinkOptions(). Absent: as the seed has it.
  std::optional<std::vector<LinkPlan>> network;
  provider::BinaryClientOptions client;       // gateway and seed are the runner's
  provider::Http2ClientOptions http2_client;  // service, authority and seed are
  const Deviation* deviation = nullptr;       // of the provider, by the runner; null: none
  std::vector<Notification> notifications;    // number n is at n - 1
  std::vector<Step> workload;
  std::vector<OutcomeExpectation> outcomes;  // together they name every n
  std::vector<LedgerExpectation> ledger;
  std::vector<FeedbackExpectation> feedback;  // one for each FeedbackStep, or none at all
  std::map<HostKind, std::string> not_in;     // why
  bool needs_clock = false;                   // the provider's clock jumps: impossible over sockets

  [[nodiscard]] bool is_http2() const { return protocol == "http2"; }
};

/// The device token of number `n` where the script gives none: a1, zeros, `n` in the last four
/// bytes; 32 bytes.
[[nodiscard]] DeviceToken device_token_of(std::uint32_t n);

}  // namespace apns::scenarios
