#include "mock_apns/fault_keys.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "apns/binary/wire.h"
#include "apns/model/device_token.h"

namespace apns::mock::syntax {

namespace {

// ---- The table ----

struct Field {
  Place place;
  std::string_view key;
  ValueType type;
  void (*set)(FaultRule& rule, const Parsed& value);
};

// In the order of their enumerators.
constexpr std::array<std::string_view, 3> kProtocols{"binary", "http2", "feedback"};
constexpr std::array<std::string_view, 2> kEnvironments{"production", "development"};
constexpr std::array<std::string_view, 4> kCloses{"fin", "fin-without-close-notify", "rst",
                                                  "half-open"};
static_assert(static_cast<int>(Environment::Development) == 1);
static_assert(static_cast<int>(FaultClose::HalfOpen) == 3);

constexpr std::uint64_t kMaxErrorPackets = 100;         // enough to see who reads behind the first
constexpr std::uint64_t kMaxBandwidth = 1'000'000'000;  // bytes a second
constexpr std::uint64_t kMaxTupleLen = 6 + DeviceToken::kMaxLen;
constexpr std::uint64_t kMaxTimes = std::numeric_limits<std::uint32_t>::max();

void store_nothing(FaultRule& /*rule*/, const Parsed& /*value*/) {}

template <auto kMember, class T>
void store(FaultRule& rule, const Parsed& value) {
  rule.*kMember = std::get<T>(value);
}

// A whole number, or the index of a choice, which is its enumerator.
template <auto kMember, class T>
void store_whole(FaultRule& rule, const Parsed& value) {
  rule.*kMember = static_cast<T>(std::get<std::uint64_t>(value));
}

template <auto kMember, class T>
void store_action(FaultRule& rule, const Parsed& value) {
  rule.then.*kMember = std::get<T>(value);
}

template <auto kMember, class T>
void store_whole_action(FaultRule& rule, const Parsed& value) {
  rule.then.*kMember = static_cast<T>(std::get<std::uint64_t>(value));
}

ErrorPacketFault& error_packet(FaultRule& rule) {
  return rule.then.error_packet ? *rule.then.error_packet : rule.then.error_packet.emplace();
}

template <auto kMember, class T>
void store_in_packet(FaultRule& rule, const Parsed& value) {
  error_packet(rule).*kMember = static_cast<T>(std::get<std::uint64_t>(value));
}

void store_identifier(FaultRule& rule, const Parsed& value) {
  const auto& identifier = std::get<IdentifierValue>(value);
  error_packet(rule).identifier = identifier.kind;
  error_packet(rule).number = identifier.number;
}

template <auto kMember>
void store_in_tuples(FaultRule& rule, const Parsed& value) {
  rule.then.tuples.*kMember = static_cast<std::uint32_t>(std::get<std::uint64_t>(value));
}

void store_protocol(FaultRule& rule, const Parsed& value) {
  constexpr std::array<std::optional<FaultProtocol>, kProtocols.size()> kValues{
      FaultProtocol::Binary, std::nullopt, FaultProtocol::Feedback};
  rule.protocol = kValues.at(std::get<std::uint64_t>(value));
}

using Packet = ErrorPacketFault;

// Every key there is, in the order of docs/faults.md. "reject.http2" is for a service that speaks
// HTTP/2 as well: here only its form counts.
constexpr std::array kFields{
    Field{Place::When, "protocol", one_of(kProtocols), store_protocol},
    Field{Place::When, "environment", one_of(kEnvironments),
          store_whole<&FaultRule::environment, Environment>},
    Field{Place::When, "connection", kNumbers, store<&FaultRule::connection, NumberMatch>},
    Field{Place::When, "nth", kNumbers, store<&FaultRule::nth, NumberMatch>},
    Field{Place::When, "topic", kText, store<&FaultRule::topic, std::string>},
    Field{Place::When, "device_token", kHexPrefix,
          store<&FaultRule::device_token_prefix, std::string>},
    Field{Place::When, "probability", kProbability, store<&FaultRule::probability, double>},
    Field{Place::When, "idle", kTime, store<&FaultRule::idle, Duration>},
    Field{Place::When, "after", kTime, store<&FaultRule::after, Duration>},
    Field{Place::When, "until", kTime, store<&FaultRule::until, Duration>},

    Field{Place::Then, "reject", kStatus, store_whole_action<&FaultAction::reject, std::uint8_t>},
    Field{Place::Then, "reject.binary", kStatus,
          store_whole_action<&FaultAction::reject, std::uint8_t>},
    Field{Place::Then, "reject.http2", kText, store_nothing},
    Field{Place::Then, "delay", kTime, store_action<&FaultAction::delay, Duration>},
    Field{Place::Then, "error_packet.status", whole_from(0, 255),
          store_in_packet<&Packet::status, std::uint8_t>},
    Field{Place::Then, "error_packet.identifier", kIdentifier, store_identifier},
    Field{Place::Then, "error_packet.split", whole_from(0, binary::kErrorPacketLen),
          store_in_packet<&Packet::split, std::uint32_t>},
    Field{Place::Then, "error_packet.count", whole_from(0, kMaxErrorPackets),
          store_in_packet<&Packet::count, std::uint32_t>},
    Field{Place::Then, "no_answer", kFlag, store_action<&FaultAction::no_answer, bool>},
    Field{Place::Then, "raw", kHexBytes, store_action<&FaultAction::raw, Bytes>},
    Field{Place::Then, "close", one_of(kCloses),
          store_whole_action<&FaultAction::close, FaultClose>},
    Field{Place::Then, "stop_reading", kFlag, store_action<&FaultAction::stop_reading, bool>},
    Field{Place::Then, "bandwidth", whole_from(1, kMaxBandwidth),
          store_whole_action<&FaultAction::bandwidth, std::uint32_t>},
    Field{Place::Then, "tls_alert", whole_from(0, 255),
          store_whole_action<&FaultAction::tls_alert, std::uint8_t>},
    Field{Place::Then, "tuples.split", whole_from(1, kMaxTupleLen),
          store_in_tuples<&TuplesFault::split>},
    Field{Place::Then, "tuples.truncate", whole_from(1, kMaxTupleLen),
          store_in_tuples<&TuplesFault::truncate>},

    Field{Place::Top, "times", whole_from(1, kMaxTimes),
          store_whole<&FaultRule::times, std::uint64_t>},
    Field{Place::Top, "name", kName, store<&FaultRule::name, std::string>},
};

// ---- What exists in HTTP/2 only ----

struct Http2Only {
  Place place;
  std::string_view key;  // and all below it
  std::string_view reason;
};

constexpr std::array kHttp2Only{
    Http2Only{Place::When, "push_type",
              "push types exist in HTTP/2 only. For the gateway use topic, device_token or nth."},
    Http2Only{Place::Then, "goaway",
              "GOAWAY exists in HTTP/2 only. For the gateway use close=fin or reject=10."},
    Http2Only{Place::Then, "reset_stream",
              "streams exist in HTTP/2 only. For the gateway use close=rst."},
    Http2Only{Place::Then, "settings",
              "SETTINGS exist in HTTP/2 only. For the gateway use stop_reading=true."},
    Http2Only{Place::Then, "ignore_ping",
              "PING exists in HTTP/2 only. For the gateway use stop_reading=true."},
    Http2Only{Place::Then, "withhold_window",
              "windows exist in HTTP/2 only. For the gateway use stop_reading=true."},
    Http2Only{Place::Then, "status",
              "this status exists in HTTP/2 only. For the gateway use reject=8 or "
              "error_packet.status=8."},
    Http2Only{Place::Then, "timestamp",
              "the timestamp of a reason exists in HTTP/2 only. For the gateway use reject=8 "
              "without one."},
};
constexpr std::string_view kNoHttp2Here =
    "this service has no HTTP/2. Use protocol=binary, or leave protocol out.";

// ---- Finding the key ----

std::string_view to_string(Place place) {
  switch (place) {
    case Place::Top:
      return "a fault rule";
    case Place::When:
      return "when";
    case Place::Then:
      return "then";
  }
  return {};
}

// "split" of "error_packet.split".
std::string_view last_name(std::string_view key) {
  return key.substr(key.rfind('.') + 1);  // npos + 1 is 0
}

// Is `key` `parent` itself, or below it?
bool is_within(std::string_view key, std::string_view parent) {
  return key.starts_with(parent) && (key.size() == parent.size() || key[parent.size()] == '.');
}

// The names that may follow `group` ("" or "error_packet.").
std::vector<std::string> names_in(Place place, std::string_view group) {
  std::vector<std::string> names;
  for (const Field& field : kFields) {
    if (field.place != place || !field.key.starts_with(group)) {
      continue;
    }
    const std::string_view rest = field.key.substr(group.size());
    std::string name(rest.substr(0, rest.find('.')));
    if (std::ranges::find(names, name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

std::string_view where_it_belongs(std::string_view key, Place not_here) {
  for (const Field& field : kFields) {
    if (field.place != not_here && is_within(field.key, key)) {
      return field.place == Place::Top ? "the rule itself: in JSON beside when and then, on the "
                                         "command line behind the colon"
                                       : to_string(field.place);
    }
  }
  return {};
}

[[noreturn]] void refuse_key(const Entry& entry) {
  const std::size_t dot = entry.key.find('.');
  const std::string_view head = std::string_view(entry.key).substr(0, dot);
  const std::string group = std::string(head) + '.';
  if (const auto below = names_in(entry.place, group); !below.empty()) {
    if (dot == std::string::npos) {
      refuse(entry.head_position,
             fmt::format("{} has keys of its own, and needs at least one. Keys: {}.", head,
                         fmt::join(below, ", ")));
    }
    refuse_unknown_key(entry.position,
                       json::unknown_key(entry.key.substr(group.size()), head, below));
  }
  for (const Field& field : kFields) {
    if (field.place == entry.place && field.key == head) {
      refuse(entry.head_position,
             fmt::format("{} must be {}, not an object.", head, describe(field.type)));
    }
  }
  if (const std::string_view place = where_it_belongs(head, entry.place); !place.empty()) {
    refuse(entry.head_position, fmt::format("\"{}\" is not a key of {}. It belongs to {}.", head,
                                            to_string(entry.place), place));
  }
  std::vector<std::string> known = names_in(entry.place, "");
  if (entry.place == Place::Top) {
    known.insert(known.begin(), {"when", "then"});
  }
  refuse_unknown_key(entry.head_position, json::unknown_key(head, to_string(entry.place), known));
}

const Field& find_field(const Entry& entry) {
  for (const Http2Only& http2 : kHttp2Only) {
    if (http2.place == entry.place && is_within(entry.key, http2.key)) {
      refuse_as_never(entry.head_position, std::string(http2.key), http2.reason);
    }
  }
  const auto* const field = std::ranges::find_if(kFields, [&entry](const Field& candidate) {
    return candidate.place == entry.place && candidate.key == entry.key;
  });
  if (field == kFields.end()) {
    refuse_key(entry);
  }
  return *field;
}

// ---- What keys mean together ----

const Entry* find_entry(const std::vector<Entry>& entries, Place place, std::string_view key) {
  const auto entry = std::ranges::find_if(entries, [place, key](const Entry& candidate) {
    return candidate.place == place && is_within(candidate.key, key);
  });
  return entry == entries.end() ? nullptr : &*entry;
}

void check_protocol(const std::vector<Entry>& entries) {
  const Entry* protocol = find_entry(entries, Place::When, "protocol");
  if (protocol != nullptr && protocol->value.text == "http2") {
    refuse_as_never(protocol->value.position, "protocol=http2", kNoHttp2Here);
  }
  const Entry* reason = find_entry(entries, Place::Then, "reject.http2");
  if (reason != nullptr && find_entry(entries, Place::Then, "reject.binary") == nullptr) {
    refuse_as_never(reason->head_position, "reject.http2", kReasonsAreHttp2);
  }
}

struct PlacedKey {
  Place place;
  std::string_view key;
};

/// Keys that make no sense beside one that decides when a rule is looked at.
struct Conflict {
  PlacedKey with;
  std::string_view value;  // of `with`; empty: any
  std::span<const PlacedKey> keys;
  std::string_view reason;  // behind "KEY does not go with WITH: "
};

// All that needs a notification.
constexpr std::array kNotInSilence{
    PlacedKey{Place::When, "nth"},          PlacedKey{Place::When, "device_token"},
    PlacedKey{Place::Then, "reject"},       PlacedKey{Place::Then, "delay"},
    PlacedKey{Place::Then, "error_packet"}, PlacedKey{Place::Then, "no_answer"},
};
constexpr std::array kNotInHandshake{
    PlacedKey{Place::When, "nth"},          PlacedKey{Place::When, "device_token"},
    PlacedKey{Place::When, "topic"},        PlacedKey{Place::When, "idle"},
    PlacedKey{Place::Then, "reject"},       PlacedKey{Place::Then, "delay"},
    PlacedKey{Place::Then, "error_packet"}, PlacedKey{Place::Then, "no_answer"},
    PlacedKey{Place::Then, "raw"},          PlacedKey{Place::Then, "close"},
    PlacedKey{Place::Then, "stop_reading"}, PlacedKey{Place::Then, "bandwidth"},
    PlacedKey{Place::Then, "tuples"},
};
constexpr std::array kNotInFeedback{
    PlacedKey{Place::When, "nth"},          PlacedKey{Place::When, "device_token"},
    PlacedKey{Place::When, "idle"},         PlacedKey{Place::Then, "reject"},
    PlacedKey{Place::Then, "error_packet"}, PlacedKey{Place::Then, "no_answer"},
    PlacedKey{Place::Then, "raw"},          PlacedKey{Place::Then, "stop_reading"},
    PlacedKey{Place::Then, "bandwidth"},
};

constexpr std::array kConflicts{
    Conflict{{Place::When, "protocol"},
             "feedback",
             kNotInFeedback,
             "the feedback service takes no notifications and reads nothing. Use close, delay, "
             "tuples or tls_alert."},
    Conflict{{Place::Then, "tls_alert"},
             "",
             kNotInHandshake,
             "a handshake that is refused comes to nothing else. tls_alert stands alone, and goes "
             "with protocol, environment, connection, probability, after and until."},
    Conflict{{Place::When, "idle"},
             "",
             kNotInSilence,
             "in a silence there is no notification. Use close, raw, bandwidth or stop_reading; "
             "idle goes with protocol, environment, connection, topic, probability, after and "
             "until."},
};

void check_conflicts(const std::vector<Entry>& entries) {
  for (const Conflict& conflict : kConflicts) {
    const Entry* with = find_entry(entries, conflict.with.place, conflict.with.key);
    if (with == nullptr || (!conflict.value.empty() && with->value.text != conflict.value)) {
      continue;
    }
    for (const PlacedKey& key : conflict.keys) {
      if (const Entry* entry = find_entry(entries, key.place, key.key)) {
        refuse(entry->head_position,
               fmt::format("{} does not go with {}{}{}: {}", key.key, conflict.with.key,
                           conflict.value.empty() ? "" : "=", conflict.value, conflict.reason));
      }
    }
  }
}

void check_tuples(const FaultRule& rule, const std::vector<Entry>& entries) {
  const Entry* tuples = find_entry(entries, Place::Then, "tuples");
  if (tuples != nullptr && rule.protocol != FaultProtocol::Feedback) {
    refuse(tuples->head_position,
           "tuples are what the feedback service sends. Add protocol=feedback.");
  }
}

void check_span(const FaultRule& rule, const std::vector<Entry>& entries) {
  if (rule.after >= rule.until) {
    refuse(find_entry(entries, Place::When, "until")->head_position,
           "until is not behind after, so the rule would never hold. Make it longer: both count "
           "from when the rules were armed.");
  }
}

void check_answers(const FaultRule& rule, const std::vector<Entry>& entries) {
  const FaultAction& then = rule.then;
  if (const Entry* none = find_entry(entries, Place::Then, "no_answer");
      none != nullptr && (then.reject || then.error_packet || !then.raw.empty())) {
    refuse(none->head_position,
           "no_answer loses the notification without a word, and does not go with reject, "
           "error_packet and raw. Keep one of them.");
  }
  if (const Entry* raw = find_entry(entries, Place::Then, "raw");
      raw != nullptr && then.error_packet) {
    refuse(raw->head_position, "raw is said instead of the error packet. Keep one of them.");
  }
}

void check_error_packet(const FaultRule& rule, const std::vector<Entry>& entries) {
  const Entry* packet = find_entry(entries, Place::Then, "error_packet");
  if (packet == nullptr || rule.then.reject) {
    return;
  }
  if (!rule.then.error_packet->status) {
    refuse(packet->head_position,
           "error_packet has no status. Give it one, as in error_packet.status=8, or add "
           "reject=8.");
  }
  if (rule.then.error_packet->status == 0) {
    refuse(packet->head_position,
           "error_packet.status=0 alone rejects nothing, so no packet is sent. Add reject=8, or "
           "use 1 to 255.");
  }
}

void check_has_action(const FaultRule& rule, std::optional<json::Position> then,
                      json::Position whole) {
  if (!then) {
    refuse(whole,
           "a fault rule has no \"then\". Say what it does, as in \"then\": {\"reject\": 8}.");
  }
  if (rule.then == FaultAction{}) {
    refuse(*then, fmt::format("then has no action. Give it at least one of: {}.",
                              fmt::join(names_in(Place::Then, ""), ", ")));
  }
}

}  // namespace

FaultRule compile(const std::vector<Entry>& entries, std::optional<json::Position> then,
                  json::Position whole) {
  FaultRule rule;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const Field& field = find_field(entry);
    for (const Entry& earlier : std::span(entries).first(i)) {
      // "reject" and "reject.binary" say the same thing.
      if (earlier.place == entry.place &&
          (is_within(earlier.key, entry.key) || is_within(entry.key, earlier.key))) {
        refuse(entry.position, fmt::format("{} is given twice. Keep one of them.", entry.key));
      }
    }
    field.set(rule, parse_value(field.type, last_name(field.key), entry.value));
  }
  check_protocol(entries);
  check_conflicts(entries);
  check_tuples(rule, entries);
  check_span(rule, entries);
  check_answers(rule, entries);
  check_error_packet(rule, entries);
  check_has_action(rule, then, whole);
  return rule;
}

}  // namespace apns::mock::syntax
