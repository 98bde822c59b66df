#include "mock_apns/fault_keys.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "apns/binary/wire.h"
#include "apns/http2/wire.h"
#include "apns/model/device_token.h"
#include "mock_apns/fault_checks.h"

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
static_assert(static_cast<int>(FaultProtocol::Http2) == 1);
static_assert(static_cast<int>(FaultProtocol::Feedback) == 2);

constexpr std::uint64_t kMaxErrorPackets = 100;         // enough to see who reads behind the first
constexpr std::uint64_t kMaxBandwidth = 1'000'000'000;  // bytes a second
constexpr std::uint64_t kMaxTupleLen = 6 + DeviceToken::kMaxLen;
constexpr std::uint64_t kMaxTimestamp = 253'402'300'799'999;  // the year 9999, in ms
constexpr std::uint64_t kMaxSetting = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMaxTimes = std::numeric_limits<std::uint32_t>::max();

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

GoawayFault& goaway(FaultRule& rule) {
  return rule.then.goaway ? *rule.then.goaway : rule.then.goaway.emplace();
}

template <auto kMember, class T>
void store_in_goaway(FaultRule& rule, const Parsed& value) {
  goaway(rule).*kMember = static_cast<T>(std::get<std::uint64_t>(value));
}

void store_goaway_reason(FaultRule& rule, const Parsed& value) {
  goaway(rule).reason = std::get<Reason>(value);
}

void store_keep_open(FaultRule& rule, const Parsed& value) {
  goaway(rule).keep_open = std::get<bool>(value);
}

template <auto kMember>
void store_in_settings(FaultRule& rule, const Parsed& value) {
  SettingsFault& settings = rule.then.settings ? *rule.then.settings : rule.then.settings.emplace();
  settings.*kMember = static_cast<std::uint32_t>(std::get<std::uint64_t>(value));
}

void store_reject(FaultRule& rule, const Parsed& value) {
  if (const auto* reason = std::get_if<Reason>(&value)) {
    rule.then.reason = *reason;
  } else {
    rule.then.reject = static_cast<std::uint8_t>(std::get<std::uint64_t>(value));
  }
}

using Packet = ErrorPacketFault;
using Settings = SettingsFault;

// Every key there is, in the order of docs/faults.md.
constexpr std::array kFields{
    Field{Place::When, "protocol", one_of(kProtocols),
          store_whole<&FaultRule::protocol, FaultProtocol>},
    Field{Place::When, "environment", one_of(kEnvironments),
          store_whole<&FaultRule::environment, Environment>},
    Field{Place::When, "connection", kNumbers, store<&FaultRule::connection, NumberMatch>},
    Field{Place::When, "nth", kNumbers, store<&FaultRule::nth, NumberMatch>},
    Field{Place::When, "topic", kText, store<&FaultRule::topic, std::string>},
    Field{Place::When, "device_token", kHexPrefix,
          store<&FaultRule::device_token_prefix, std::string>},
    Field{Place::When, "push_type", kPushType, store<&FaultRule::push_type, std::string>},
    Field{Place::When, "probability", kProbability, store<&FaultRule::probability, double>},
    Field{Place::When, "idle", kTime, store<&FaultRule::idle, Duration>},
    Field{Place::When, "after", kTime, store<&FaultRule::after, Duration>},
    Field{Place::When, "until", kTime, store<&FaultRule::until, Duration>},

    Field{Place::Then, "reject", kReject, store_reject},
    Field{Place::Then, "reject.binary", kStatus,
          store_whole_action<&FaultAction::reject, std::uint8_t>},
    Field{Place::Then, "reject.http2", kReason, store_reject},
    Field{Place::Then, "status", whole_from(200, 599),
          store_whole_action<&FaultAction::status, std::uint16_t>},
    Field{Place::Then, "timestamp", whole_from(0, kMaxTimestamp),
          store_whole_action<&FaultAction::timestamp, std::uint64_t>},
    Field{Place::Then, "delay", kTime, store_action<&FaultAction::delay, Duration>},
    Field{Place::Then, "latency", kLatency, store_action<&FaultAction::latency, Latency>},
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
    Field{Place::Then, "reset_stream", kErrorCode,
          store_whole_action<&FaultAction::reset_stream, std::uint32_t>},
    Field{Place::Then, "reset_again", kFlag, store_action<&FaultAction::reset_again, bool>},
    Field{Place::Then, "goaway.last_nth", whole_from(0, kMaxTimes),
          store_in_goaway<&GoawayFault::last_nth, std::uint64_t>},
    Field{Place::Then, "goaway.code", kErrorCode,
          store_in_goaway<&GoawayFault::code, std::uint32_t>},
    Field{Place::Then, "goaway.reason", kReason, store_goaway_reason},
    Field{Place::Then, "goaway.count", whole_from(1, kMaxErrorPackets),
          store_in_goaway<&GoawayFault::count, std::uint32_t>},
    Field{Place::Then, "goaway.keep_open", kFlag, store_keep_open},
    Field{Place::Then, "ignore_ping", kFlag, store_action<&FaultAction::ignore_ping, bool>},
    Field{Place::Then, "withhold_window", kFlag, store_action<&FaultAction::withhold_window, bool>},
    Field{Place::Then, "settings.header_table_size", whole_from(0, kMaxSetting),
          store_in_settings<&Settings::header_table_size>},
    Field{Place::Then, "settings.max_concurrent_streams", whole_from(0, kMaxSetting),
          store_in_settings<&Settings::max_concurrent_streams>},
    Field{Place::Then, "settings.initial_window_size", whole_from(0, http2::kMaxWindow),
          store_in_settings<&Settings::initial_window_size>},
    Field{Place::Then, "settings.max_frame_size",
          whole_from(http2::kMinMaxFrameSize, http2::kMaxMaxFrameSize),
          store_in_settings<&Settings::max_frame_size>},
    Field{Place::Then, "settings.max_header_list_size", whole_from(0, kMaxSetting),
          store_in_settings<&Settings::max_header_list_size>},
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
  const auto* const field = std::ranges::find_if(kFields, [&entry](const Field& candidate) {
    return candidate.place == entry.place && candidate.key == entry.key;
  });
  if (field == kFields.end()) {
    refuse_key(entry);
  }
  return *field;
}

}  // namespace

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
  check_rule(rule, entries, then, whole);
  return rule;
}

}  // namespace apns::mock::syntax
