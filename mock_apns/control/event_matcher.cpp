#include "mock_apns/control/event_matcher.h"

#include <algorithm>
#include <array>

#include "apns/json/field_table.h"
#include "mock_apns/control/problem.h"
#include "mock_apns/ledger_text.h"

namespace apns::mock::control {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const LedgerEvent& event) {
  return Json::parse(to_json_line(event));
}

std::string step(std::string_view key) {
  return (nlohmann::json::json_pointer() / std::string(key)).to_string();
}

bool is_part(const Json& expected, const Json& actual) {
  if (expected.is_object() && actual.is_object()) {
    return std::ranges::all_of(expected.items(), [&actual](const auto& member) {
      const auto found = actual.find(member.key());
      return found != actual.end() && is_part(member.value(), *found);
    });
  }
  if (expected.is_array() && actual.is_array()) {
    return std::ranges::equal(expected, actual, is_part);
  }
  return expected == actual;
}

void compare(const Json& expected, const Json& actual, const std::string& pointer,
             std::vector<Difference>& out) {
  if (!expected.is_object() || !actual.is_object()) {
    if (!is_part(expected, actual)) {
      out.push_back(Difference{pointer, expected, actual});
    }
    return;
  }
  for (const auto& [key, value] : expected.items()) {
    const std::string inner = pointer + step(key);
    const auto found = actual.find(key);
    if (found == actual.end()) {
      out.push_back(Difference{inner, value, std::nullopt});
    } else {
      compare(value, *found, inner, out);
    }
  }
}

/// As the ledger prints a value, and a query has it.
std::string printed(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What the event has at a key that needs no JSON; nullopt: it takes the line to tell.
std::optional<std::string> quick_value(const LedgerEvent& event, std::string_view key) {
  if (key == "event") {
    return to_string(event.kind);
  }
  if (key == "outcome") {
    return to_string(event.outcome);
  }
  if (key == "device_token") {
    return event.device_token;
  }
  if (key == "topic") {
    return event.topic;
  }
  if (key == "device") {
    return event.device;
  }
  if (key == "reason") {
    return event.reason;
  }
  if (key == "push_type") {
    return event.push_type;
  }
  if (key == "apns_id") {
    return event.apns_id;
  }
  if (key == "connection") {
    return event.connection == 0 ? std::string() : std::to_string(event.connection);
  }
  return std::nullopt;
}

bool could_match(const LedgerEvent& event, std::string_view key, const std::string& text) {
  const std::optional<std::string> value = quick_value(event, key);
  return !value || *value == text;
}

std::vector<std::string> names_of_kinds() {
  std::vector<std::string> names;
  for (const EventKind kind : event_kinds()) {
    names.emplace_back(to_string(kind));
  }
  return names;
}

std::vector<std::string> names_of_outcomes(std::optional<EventKind> wanted) {
  std::vector<std::string> names;
  for (const EventKind kind : event_kinds()) {
    if (wanted && kind != *wanted) {
      continue;
    }
    for (const EventOutcome outcome : outcomes_of(kind)) {
      const std::string name = to_string(outcome);
      if (std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

std::optional<EventKind> parse_kind(std::string_view name) {
  for (const EventKind kind : event_kinds()) {
    if (name == to_string(kind)) {
      return kind;
    }
  }
  return std::nullopt;
}

}  // namespace

std::span<const std::string> ledger_keys() {
  static const std::array<std::string, 43> kKeys = {
      "seq",         "at",           "event",       "outcome",       "connection", "protocol",
      "environment", "tls",          "alpn",        "auth",          "by",         "close",
      "alert",       "goaway",       "detail",      "nth",           "identifier", "stream",
      "apns_id",     "device_token", "topic",       "push_type",     "priority",   "expiration",
      "collapse_id", "payload",      "payload_hex", "payload_bytes", "status",     "reason",
      "timestamp",   "duration_us",  "answered",    "cause",         "why",        "of",
      "device",      "shown",        "tuples",      "rule",          "found",      "hex",
      "name"};
  return kKeys;
}

EventMatcher::EventMatcher(const json::Value& match) {
  for (const json::Value::Member& member : match.object("match")) {
    if (std::ranges::find(ledger_keys(), member.key) == ledger_keys().end()) {
      json::fail_unknown_key(match, member, "match", ledger_keys());
    }
    if (member.key == "event") {
      const std::string& name = member.value.text("event");
      json::require_word(member.value, "event", name, names_of_kinds());
      kind_ = parse_kind(name);
    }
  }
  for (const json::Value::Member& member : match.object("match")) {
    if (member.key == "outcome") {
      const std::string what = "outcome" + (kind_ ? " of a " + std::string(to_string(*kind_)) : "");
      json::require_word(member.value, what, member.value.text("outcome"),
                         names_of_outcomes(kind_));
    }
  }
  match_ = Json::parse(match.dump());
}

void EventMatcher::require(const std::string& key, const std::string& text) {
  if (std::ranges::find(ledger_keys(), key) == ledger_keys().end()) {
    throw Problem(400, "bad-query", json::unknown_key(key, "the ledger", ledger_keys()));
  }
  if (key == "event") {
    kind_ = parse_kind(text);
    if (!kind_) {
      const std::vector<std::string> names = names_of_kinds();
      const std::string_view near = json::nearest(text, names);
      throw Problem(400, "bad-query",
                    "\"" + text + "\" is no event" +
                        (near.empty() ? "." : "; did you mean \"" + std::string(near) + "\"?") +
                        " There are: " + json::join(names) + ".");
    }
  }
  texts_.emplace_back(key, text);
}

bool EventMatcher::is_near(const LedgerEvent& event) const {
  return !kind_ || event.kind == *kind_;
}

bool EventMatcher::matches(const LedgerEvent& event) const {
  if (!is_near(event)) {
    return false;
  }
  for (const auto& [key, text] : texts_) {
    if (!could_match(event, key, text)) {
      return false;
    }
  }
  for (const auto& [key, value] : match_.items()) {
    if (!value.is_structured() && !could_match(event, key, printed(value))) {
      return false;
    }
  }
  if (texts_.empty() && match_.empty()) {
    return true;
  }
  const Json line = to_json(event);
  return is_part(match_, line) && std::ranges::all_of(texts_, [&line](const auto& wanted) {
           const auto found = line.find(wanted.first);
           return found != line.end() && printed(*found) == wanted.second;
         });
}

std::vector<Difference> EventMatcher::differences(const LedgerEvent& event) const {
  std::vector<Difference> out;
  compare(match_, to_json(event), "", out);
  return out;
}

}  // namespace apns::mock::control
