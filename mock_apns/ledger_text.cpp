#include "mock_apns/ledger_text.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "apns/base/bytes.h"
#include "apns/model/binary_status.h"
#include "apns/model/device_token.h"
#include "mock_apns/ledger_escape.h"

namespace apns::mock {

namespace {

using Out = fmt::memory_buffer;

void append(Out& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

// Line breaks between the tokens of a JSON text become blanks; inside its strings there are none.
void append_in_one_line(Out& out, std::string_view json) {
  for (const char c : json) {
    out.push_back(c == '\n' || c == '\r' ? ' ' : c);
  }
}

// ---- A line of JSON ----

/// Writes "key":value pairs, and leaves out what is absent.
class ObjectWriter {
 public:
  explicit ObjectWriter(Out& out) : out_(out) { out_.push_back('{'); }

  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) {
      this->key(key);
      append_quoted(out_, value);
    }
  }

  void number(std::string_view key, std::uint64_t value) {
    if (value != 0) {
      number(key, std::optional(value));
    }
  }

  template <class T>
  void number(std::string_view key, std::optional<T> value) {
    if (value) {
      this->key(key);
      fmt::format_to(std::back_inserter(out_), "{}", *value);
    }
  }

  /// The caller writes the value.
  Out& key(std::string_view key) {
    if (!is_first_) {
      out_.push_back(',');
    }
    is_first_ = false;
    out_.push_back('"');
    append(out_, key);
    append(out_, "\":");
    return out_;
  }

  void end() { out_.push_back('}'); }

 private:
  Out& out_;
  bool is_first_ = true;
};

// Date and time of day; both count from the floor, so times before 1970 are right too.
struct BrokenDown {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::microseconds> time;
};

BrokenDown break_down(WorldTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  return {.date = day, .time = std::chrono::hh_mm_ss(at - day)};
}

// RFC 3339, UTC, microseconds.
void append_time(Out& out, WorldTime at) {
  const BrokenDown t = break_down(at);
  fmt::format_to(std::back_inserter(out), "\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z\"",
                 static_cast<int>(t.date.year()), static_cast<unsigned>(t.date.month()),
                 static_cast<unsigned>(t.date.day()), t.time.hours().count(),
                 t.time.minutes().count(), t.time.seconds().count(), t.time.subseconds().count());
}

void write_payload(ObjectWriter& line, const LedgerEvent& event) {
  if (!event.payload.empty()) {
    const bool is_text = is_utf8(event.payload);
    Out& out = line.key("payload");
    if (event.payload_is_json && is_text) {
      append_in_one_line(out, event.payload);
    } else {
      append_quoted(out, event.payload);
    }
    if (!is_text) {
      line.text("payload_hex", to_hex(as_bytes(event.payload)));
    }
  }
  line.number("payload_bytes", event.payload_bytes);
}

void write_why(ObjectWriter& line, const Why& why) {
  ObjectWriter object(line.key("why"));
  object.text("rule", why.rule);
  object.text("found", why.found);
  object.text("fix", why.fix);
  object.end();
}

void write_shown(ObjectWriter& line, const Shown& shown) {
  ObjectWriter object(line.key("shown"));
  object.text("place", shown.place);
  object.text("title", shown.title);
  object.text("subtitle", shown.subtitle);
  object.text("body", shown.body);
  object.number("badge", shown.badge);
  object.text("sound", shown.sound);
  object.text("activity", shown.activity);
  if (!shown.content_state.empty()) {
    append_in_one_line(object.key("content_state"), shown.content_state);
  }
  object.end();
}

void write_connection(ObjectWriter& line, const LedgerEvent& event) {
  line.text("tls", event.tls);
  line.text("alpn", event.alpn);
  line.text("auth", event.auth);
  line.text("by", event.by);
  line.text("close", event.close);
  line.number("alert", event.alert);
  line.text("goaway", event.goaway);
  line.text("detail", event.detail);
}

void write_notification(ObjectWriter& line, const LedgerEvent& event) {
  line.number("nth", event.nth);
  line.number("identifier", event.identifier);
  line.number("stream", event.stream);
  line.text("apns_id", event.apns_id);
  line.text("device_token", event.device_token);
  line.text("topic", event.topic);
  line.text("push_type", event.push_type);
  line.number("priority", event.priority);
  line.number("expiration", event.expiration);
  line.text("collapse_id", event.collapse_id);
  write_payload(line, event);
  line.number("status", event.status);
  line.text("reason", event.reason);
  line.number("timestamp", event.timestamp);
  line.number("duration_us", event.duration_us);
  if (event.answered == false) {
    append(line.key("answered"), "false");
  }
  line.text("cause", event.cause);
  if (event.why) {
    write_why(line, *event.why);
  }
}

void write_delivery(ObjectWriter& line, const LedgerEvent& event) {
  line.number("of", event.of);
  line.text("device_token", event.device_token);
  line.text("topic", event.topic);
  line.text("device", event.device);
  if (event.shown) {
    write_shown(line, *event.shown);
  }
  if (!event.reasons.empty()) {
    Out& out = line.key("why");
    char before = '[';
    for (const std::string& reason : event.reasons) {
      out.push_back(before);
      append_quoted(out, reason);
      before = ',';
    }
    out.push_back(']');
  }
}

void write_feedback(ObjectWriter& line, const LedgerEvent& event) {
  line.number("of", event.of);
  line.text("device_token", event.device_token);
  line.text("topic", event.topic);
  line.number("tuples", event.tuples);
}

void write_device(ObjectWriter& line, const LedgerEvent& event) {
  line.text("device_token", event.device_token);
  line.text("topic", event.topic);
  line.text("device", event.device);
  line.text("detail", event.detail);
}

void write_violation(ObjectWriter& line, const LedgerEvent& event) {
  line.number("of", event.of);
  line.text("rule", event.rule);
  line.text("found", event.found);
  line.text("detail", event.detail);
  line.text("hex", event.hex);
}

void write_fault(ObjectWriter& line, const LedgerEvent& event) {
  line.text("name", event.name);
  line.number("of", event.of);
}

void write_keys_of_kind(ObjectWriter& line, const LedgerEvent& event) {
  switch (event.kind) {
    case EventKind::Connection:
      return write_connection(line, event);
    case EventKind::Notification:
      return write_notification(line, event);
    case EventKind::Delivery:
      return write_delivery(line, event);
    case EventKind::Feedback:
      return write_feedback(line, event);
    case EventKind::Device:
      return write_device(line, event);
    case EventKind::Violation:
      return write_violation(line, event);
    case EventKind::Fault:
      return write_fault(line, event);
  }
}

// ---- A line for people ----

std::string short_token(std::string_view hex) {
  const auto token = DeviceToken::parse(hex);
  return token ? token->to_short_text() : std::string("no device token");
}

// Who caused it or what was found.
std::string_view cause_text(const LedgerEvent& event) {
  if (!event.cause.empty() && event.cause != "rule") {
    return event.cause;
  }
  return event.why ? std::string_view(event.why->found) : std::string_view();
}

// A list with something between its parts, of which none is empty.
void add_part(std::string& list, std::string_view between, std::string_view part) {
  if (!part.empty()) {
    list += list.empty() ? "" : between;
    list += part;
  }
}

// What follows the identifier: 8 (invalid token), no error packet, fault:no-such-device
std::string binary_verdict_text(const LedgerEvent& event) {
  std::string text;
  if (event.status) {
    add_part(text, ", ", binary_status_text(static_cast<std::uint8_t>(*event.status)));
  }
  add_part(text, ", ", event.answered == false ? "no error packet" : "");
  add_part(text, ", ", cause_text(event));
  return text;
}

// What follows the push type: 400 BadDeviceToken, no answer (fault:no-such-device)
std::string http2_verdict_text(const LedgerEvent& event) {
  std::string text;
  if (event.status && event.outcome != EventOutcome::Accepted) {
    text = std::to_string(*event.status);
  }
  add_part(text, " ", event.reason);
  add_part(text, ", ", event.answered == false ? "no answer" : "");
  const std::string_view cause =
      event.cause == "magic" ? std::string_view("magic token") : cause_text(event);
  add_part(text, " ", cause.empty() ? "" : fmt::format("({})", cause));
  return text;
}

// Topic and device token.
std::string address_text(const LedgerEvent& event) {
  return fmt::format("{}  {}", event.topic.empty() ? "no topic" : event.topic,
                     short_token(event.device_token));
}

std::string notification_text(const LedgerEvent& event) {
  if (event.protocol == Protocol::Http2) {
    return fmt::format("{}  {:<7}  {}", address_text(event),
                       event.push_type.empty() ? "no type" : event.push_type,
                       http2_verdict_text(event));
  }
  const std::string identifier =
      event.identifier ? fmt::format("id {}", *event.identifier) : std::string("no id");
  return fmt::format("{}  {:<7}  {}", address_text(event), identifier, binary_verdict_text(event));
}

std::string connection_text(const LedgerEvent& event) {
  if (event.outcome == EventOutcome::Refused) {
    return event.alert ? fmt::format("{} (alert {})", event.detail, *event.alert) : event.detail;
  }
  // The feedback service ends every poll itself, behind the line that tells of it.
  const bool is_end_of_poll = event.protocol == Protocol::Feedback && event.close == "fin";
  const bool is_worth_a_line = event.close == "rst" || event.close == "timeout" ||
                               (event.by == "service" && !is_end_of_poll);
  if (event.outcome == EventOutcome::Opened || !is_worth_a_line) {
    return {};
  }
  std::string text = "by " + (event.by.empty() ? "nobody" : event.by);
  add_part(text, ", ", event.close);
  add_part(text, ", ", event.goaway.empty() ? "" : "GOAWAY " + event.goaway);
  return event.auth.empty() ? text : event.auth + "  " + text;
}

std::string fault_text(const LedgerEvent& event) {
  return event.of == 0 ? "fault:" + event.name : std::string();
}

// lock screen "Hello", badge 2, sound default
std::string shown_text(const Shown& shown) {
  std::string text = shown.place == "nothing" ? "nothing shown" : shown.place;
  std::replace(text.begin(), text.end(), '-', ' ');
  std::string_view between = " ";
  for (const std::string* words : {&shown.title, &shown.subtitle, &shown.body}) {
    if (!words->empty()) {
      add_part(text, between, fmt::format("\"{}\"", *words));
      between = ", ";
    }
  }
  if (shown.badge) {
    add_part(text, ", ",
             *shown.badge == 0 ? "badge removed" : fmt::format("badge {}", *shown.badge));
  }
  add_part(text, ", ", shown.sound.empty() ? "" : "sound " + shown.sound);
  add_part(text, ", ", shown.activity.empty() ? "" : "Live Activity " + shown.activity);
  add_part(text, " ", shown.content_state);
  return text;
}

std::string delivery_text(const LedgerEvent& event) {
  std::string on_phone = event.device;
  add_part(on_phone, ": ", event.shown ? shown_text(*event.shown) : "");
  std::string reasons;
  for (const std::string& reason : event.reasons) {
    add_part(reasons, "; ", reason);
  }
  add_part(on_phone, ": ", reasons);
  std::string text = event.topic.empty() ? "no topic" : event.topic;
  add_part(text, "  ", event.device_token.empty() ? "" : short_token(event.device_token));
  add_part(text, "  ", on_phone);
  return text;
}

std::string feedback_text(const LedgerEvent& event) {
  if (event.outcome == EventOutcome::Added) {
    return address_text(event);
  }
  const std::uint64_t tuples = event.tuples.value_or(0);
  return fmt::format("{}  {} tuple{}", event.topic.empty() ? "no topic" : event.topic, tuples,
                     tuples == 1 ? "" : "s");
}

std::string device_text(const LedgerEvent& event) {
  std::string text = event.topic;
  add_part(text, "  ", event.device_token.empty() ? "" : short_token(event.device_token));
  std::string change = event.device;
  add_part(change, ": ", event.detail);
  add_part(text, "  ", change);
  return text;
}

std::string violation_text(const LedgerEvent& event) {
  std::string text = event.rule;
  add_part(text, "  ", event.found);
  add_part(text, "; ", event.detail);
  return text;
}

std::string text_of_kind(const LedgerEvent& event) {
  switch (event.kind) {
    case EventKind::Connection:
      return connection_text(event);
    case EventKind::Notification:
      return notification_text(event);
    case EventKind::Delivery:
      return delivery_text(event);
    case EventKind::Feedback:
      return feedback_text(event);
    case EventKind::Device:
      return device_text(event);
    case EventKind::Violation:
      return violation_text(event);
    case EventKind::Fault:
      return fault_text(event);
  }
  return {};
}

// "binary #2"; what no connection brought has no number.
std::string origin_text(const LedgerEvent& event) {
  std::string text = to_string(event.protocol);
  if (text.empty()) {
    text = to_string(event.kind);
  }
  return event.connection == 0 ? text : fmt::format("{} #{}", text, event.connection);
}

}  // namespace

std::string to_json_line(const LedgerEvent& event) {
  Out out;
  ObjectWriter line(out);
  line.number("seq", event.seq);
  append_time(line.key("at"), event.at);
  line.text("event", to_string(event.kind));
  line.text("outcome", to_string(event.outcome));
  line.number("connection", event.connection);
  line.text("protocol", to_string(event.protocol));
  // A phone as such is in both.
  if (event.kind != EventKind::Device || !event.device_token.empty()) {
    line.text("environment", to_string(event.environment));
  }
  write_keys_of_kind(line, event);
  line.end();
  return fmt::to_string(out);
}

std::string to_text_line(const LedgerEvent& event) {
  std::string text = text_of_kind(event);
  if (text.empty()) {
    return text;
  }
  const auto time = break_down(event.at).time;
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.subseconds());
  // The longest of the usual outcomes, "delivered", stands one blank from what follows.
  text = fmt::format("{:02}:{:02}:{:02}.{:03}  {:<9} {:<9}  {}", time.hours().count(),
                     time.minutes().count(), time.seconds().count(), ms.count(),
                     to_string(event.outcome), origin_text(event), text);
  text.erase(text.find_last_not_of(' ') + 1);
  return printable(std::move(text));
}

}  // namespace apns::mock
