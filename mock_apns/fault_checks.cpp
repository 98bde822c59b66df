#include "mock_apns/fault_checks.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "apns/model/reason.h"

namespace apns::mock::syntax {

namespace {

const Entry* find_entry(const std::vector<Entry>& entries, Place place, std::string_view key) {
  const auto entry = std::ranges::find_if(entries, [place, key](const Entry& candidate) {
    return candidate.place == place && is_within(candidate.key, key);
  });
  return entry == entries.end() ? nullptr : &*entry;
}

/// What exists in HTTP/2 only, and what the gateway has instead.
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
    Http2Only{Place::Then, "latency",
              "answers to what is accepted exist in HTTP/2 only. For the gateway use delay=200ms."},
};

constexpr std::string_view kReasonsAreHttp2 =
    "reasons exist in HTTP/2 only. For the gateway use a status, as in reject=8.";

const Entry* find_reason_entry(const std::vector<Entry>& entries) {
  const Entry* reason = find_entry(entries, Place::Then, "reject.http2");
  return reason != nullptr ? reason : find_entry(entries, Place::Then, "reject");
}

// What exists in HTTP/2 only is for a rule that HTTP/2 looks at.
void check_http2_keys(const std::vector<Entry>& entries) {
  for (const Http2Only& http2 : kHttp2Only) {
    if (const Entry* entry = find_entry(entries, http2.place, http2.key)) {
      refuse_as_never(entry->head_position, std::string(http2.key), http2.reason);
    }
  }
}

void check_for_binary(const FaultRule& rule, const std::vector<Entry>& entries) {
  check_http2_keys(entries);
  if (!rule.then.reason || rule.then.reject) {
    return;
  }
  const Entry* entry = find_reason_entry(entries);
  if (entry->key == "reject.http2") {
    refuse_as_never(entry->head_position, entry->key, kReasonsAreHttp2);
  }
  refuse_as_never(entry->value.position, fmt::format("reject=\"{}\"", entry->value.text),
                  kReasonsAreHttp2);
}

void check_for_http2(const FaultRule& rule, const std::vector<Entry>& entries) {
  if (const Entry* packet = find_entry(entries, Place::Then, "error_packet")) {
    refuse_as_never(
        packet->head_position, "error_packet",
        "error packets exist on the gateway only. For HTTP/2 use "
        "reject=BadDeviceToken, reset_stream=REFUSED_STREAM or goaway.reason=Shutdown.");
  }
  if (rule.then.reject && !rule.then.reason) {
    const Entry* entry = find_entry(entries, Place::Then, "reject");
    const Reason nearest = nearest_reason(*rule.then.reject).value_or(Reason::BadDeviceToken);
    refuse_as_never(entry->value.position, fmt::format("{}={}", entry->key, *rule.then.reject),
                    fmt::format("this status exists on the gateway only. For HTTP/2 use a reason, "
                                "as in reject={}.",
                                row_of(nearest).name));
  }
}

void check_protocol(const FaultRule& rule, const std::vector<Entry>& entries) {
  if (rule.protocol == FaultProtocol::Binary) {
    return check_for_binary(rule, entries);
  }
  if (rule.protocol == FaultProtocol::Http2) {
    return check_for_http2(rule, entries);
  }
  if (!rule.protocol && rule.then.is_of_binary() && !rule.then.reason) {
    check_http2_keys(entries);
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
    PlacedKey{Place::When, "push_type"},    PlacedKey{Place::Then, "status"},
    PlacedKey{Place::Then, "latency"},      PlacedKey{Place::Then, "reset_stream"},
};
constexpr std::array kNotInHandshake{
    PlacedKey{Place::When, "nth"},          PlacedKey{Place::When, "device_token"},
    PlacedKey{Place::When, "topic"},        PlacedKey{Place::When, "idle"},
    PlacedKey{Place::Then, "reject"},       PlacedKey{Place::Then, "delay"},
    PlacedKey{Place::Then, "error_packet"}, PlacedKey{Place::Then, "no_answer"},
    PlacedKey{Place::Then, "raw"},          PlacedKey{Place::Then, "close"},
    PlacedKey{Place::Then, "stop_reading"}, PlacedKey{Place::Then, "bandwidth"},
    PlacedKey{Place::Then, "tuples"},       PlacedKey{Place::When, "push_type"},
    PlacedKey{Place::Then, "status"},       PlacedKey{Place::Then, "latency"},
    PlacedKey{Place::Then, "reset_stream"}, PlacedKey{Place::Then, "goaway"},
    PlacedKey{Place::Then, "ignore_ping"},  PlacedKey{Place::Then, "withhold_window"},
    PlacedKey{Place::Then, "settings"},
};
constexpr std::array kNotInFeedback{
    PlacedKey{Place::When, "nth"},
    PlacedKey{Place::When, "device_token"},
    PlacedKey{Place::When, "idle"},
    PlacedKey{Place::Then, "reject"},
    PlacedKey{Place::Then, "error_packet"},
    PlacedKey{Place::Then, "no_answer"},
    PlacedKey{Place::Then, "raw"},
    PlacedKey{Place::Then, "stop_reading"},
    PlacedKey{Place::Then, "bandwidth"},
    PlacedKey{Place::When, "push_type"},
    PlacedKey{Place::Then, "timestamp"},
    PlacedKey{Place::Then, "status"},
    PlacedKey{Place::Then, "latency"},
    PlacedKey{Place::Then, "reset_stream"},
    PlacedKey{Place::Then, "goaway"},
    PlacedKey{Place::Then, "ignore_ping"},
    PlacedKey{Place::Then, "withhold_window"},
    PlacedKey{Place::Then, "settings"},
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
    Conflict{
        {Place::When, "idle"},
        "",
        kNotInSilence,
        "in a silence there is no notification. Use close, raw, bandwidth, stop_reading or goaway; "
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
      none != nullptr && (then.is_of_binary() || !then.raw.empty() || then.reason || then.status ||
                          then.reset_stream)) {
    refuse(none->head_position,
           "no_answer loses the notification without a word, and does not go with reject, "
           "status, error_packet, reset_stream and raw. Keep one of them.");
  }
  if (const Entry* raw = find_entry(entries, Place::Then, "raw");
      raw != nullptr && then.error_packet) {
    refuse(raw->head_position, "raw is said instead of the error packet. Keep one of them.");
  }
}

void check_http2_answers(const FaultRule& rule, const std::vector<Entry>& entries) {
  const FaultAction& then = rule.then;
  const bool rejects = then.reason || then.status;
  if (then.timestamp && !rejects) {
    refuse(find_entry(entries, Place::Then, "timestamp")->head_position,
           "timestamp is part of a rejection. Add reject=Unregistered.");
  }
  if (then.reset_stream && rejects) {
    refuse(find_entry(entries, Place::Then, "reset_stream")->head_position,
           "reset_stream ends the stream without an answer, and does not go with reject and "
           "status. Keep one of them.");
  }
  if (then.reset_again && !then.reset_stream) {
    refuse(find_entry(entries, Place::Then, "reset_again")->head_position,
           "reset_again follows a reset. Add reset_stream=REFUSED_STREAM.");
  }
  if (then.latency && then.delay > Duration::zero()) {
    refuse(find_entry(entries, Place::Then, "latency")->head_position,
           "latency is a delay that is drawn for each notification. Keep one of them.");
  }
  if (then.goaway && then.goaway->keep_open && then.close) {
    refuse(find_entry(entries, Place::Then, "close")->head_position,
           "close does not go with goaway.keep_open=true. Keep one of them.");
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

void check_rule(const FaultRule& rule, const std::vector<Entry>& entries,
                std::optional<json::Position> then, json::Position whole) {
  check_conflicts(entries);
  check_protocol(rule, entries);
  check_tuples(rule, entries);
  check_span(rule, entries);
  check_answers(rule, entries);
  check_http2_answers(rule, entries);
  check_error_packet(rule, entries);
  check_has_action(rule, then, whole);
}

}  // namespace apns::mock::syntax
