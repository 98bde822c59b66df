#include "mock_apns/ledger.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "apns/base/bytes.h"
#include "apns/model/binary_status.h"
#include "apns/model/device_token.h"

namespace apns::mock {

namespace {

using Out = fmt::memory_buffer;

// ---- Text in JSON ----

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

// Bytes of the UTF-8 sequence at `i`; 0: none begins there. Source: RFC 3629, section 4, which also
// rules out surrogates, overlong forms and what is above U+10FFFF.
std::size_t utf8_len(std::string_view text, std::size_t i) {
  struct Row {
    unsigned first_low, first_high;    // the first byte
    unsigned second_low, second_high;  // the second; those behind it are 80 to BF
    std::size_t len;
  };

  static constexpr std::array kRows{
      Row{0xC2, 0xDF, 0x80, 0xBF, 2}, Row{0xE0, 0xE0, 0xA0, 0xBF, 3},
      Row{0xE1, 0xEC, 0x80, 0xBF, 3}, Row{0xED, 0xED, 0x80, 0x9F, 3},
      Row{0xEE, 0xEF, 0x80, 0xBF, 3}, Row{0xF0, 0xF0, 0x90, 0xBF, 4},
      Row{0xF1, 0xF3, 0x80, 0xBF, 4}, Row{0xF4, 0xF4, 0x80, 0x8F, 4},
  };
  const unsigned first = byte_at(text, i);
  if (first < 0x80) {
    return 1;
  }
  for (const Row& row : kRows) {
    if (first < row.first_low || first > row.first_high) {
      continue;
    }
    const unsigned second = byte_at(text, i + 1);
    bool fits = second >= row.second_low && second <= row.second_high;
    for (std::size_t k = 2; k < row.len; ++k) {
      fits = fits && (byte_at(text, i + k) & 0xC0U) == 0x80U;
    }
    return fits ? row.len : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t len = utf8_len(text, i);
    if (len == 0) {
      return false;
    }
    i += len;
  }
  return true;
}

void append(Out& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

void append_escaped(Out& out, unsigned char c) {
  switch (c) {
    case '"':
      append(out, "\\\"");
      break;
    case '\\':
      append(out, "\\\\");
      break;
    case '\n':
      append(out, "\\n");
      break;
    case '\r':
      append(out, "\\r");
      break;
    case '\t':
      append(out, "\\t");
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      break;
  }
}

void append_quoted(Out& out, std::string_view text) {
  out.push_back('"');
  std::size_t done = 0;  // [done, i) needs no escape and is written in one go
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t len = utf8_len(text, i);
    const char c = text[i];
    if (len > 1 || (len == 1 && byte_at(text, i) >= 0x20 && c != '"' && c != '\\')) {
      i += len;
      continue;
    }
    append(out, text.substr(done, i - done));
    if (len == 0) {
      append(out, "\\ufffd");
    } else {
      append_escaped(out, static_cast<unsigned char>(c));
    }
    done = ++i;
  }
  append(out, text.substr(done));
  out.push_back('"');
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

// ---- A line for people ----

std::string short_token(std::string_view hex) {
  const auto token = DeviceToken::parse(hex);
  return token ? token->to_short_text() : std::string("no device token");
}

// What follows the identifier: status, who caused it or what was found.
std::string verdict_text(const LedgerEvent& event) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text += text.empty() ? "" : ", ";
    text += part;
  };
  if (event.status) {
    add(binary_status_text(*event.status));
  }
  if (event.answered == false) {
    add("no error packet");
  }
  if (!event.cause.empty() && event.cause != "rule") {
    add(event.cause);
  } else if (event.why) {
    add(event.why->found);
  }
  return text;
}

// Topics come from certificates, and what they hold must not reach a terminal's state: control
// characters, those of U+0080 to U+009F too, and what is not UTF-8.
std::string printable(std::string text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t len = utf8_len(text, i);
    const unsigned first = byte_at(text, i);
    const bool is_control =
        first < 0x20 || first == 0x7F || (first == 0xC2 && byte_at(text, i + 1) < 0xA0);
    if (len == 0 || is_control) {
      text[i] = '?';
    }
    i += is_control ? 1 : std::max<std::size_t>(len, 1);
  }
  return text;
}

std::string notification_text(const LedgerEvent& event) {
  const std::string identifier =
      event.identifier ? fmt::format("id {}", *event.identifier) : std::string("no id");
  return fmt::format("{}  {}  {:<7}  {}", event.topic.empty() ? "no topic" : event.topic,
                     short_token(event.device_token), identifier, verdict_text(event));
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
  return fmt::format("{}by {}{}{}", event.auth.empty() ? "" : event.auth + "  ",
                     event.by.empty() ? "nobody" : event.by, event.close.empty() ? "" : ", ",
                     event.close);
}

std::string feedback_text(const LedgerEvent& event) {
  const std::uint64_t tuples = event.tuples.value_or(0);
  return fmt::format("{}  {} {}", event.topic.empty() ? "no topic" : event.topic, tuples,
                     tuples == 1 ? "tuple" : "tuples");
}

std::string fault_text(const LedgerEvent& event) {
  return event.of == 0 ? "fault:" + event.name : std::string();
}

}  // namespace

const char* to_string(EventKind kind) {
  switch (kind) {
    case EventKind::Connection:
      return "connection";
    case EventKind::Notification:
      return "notification";
    case EventKind::Feedback:
      return "feedback";
    case EventKind::Fault:
      return "fault";
  }
  return "";
}

const char* to_string(EventOutcome outcome) {
  switch (outcome) {
    case EventOutcome::Opened:
      return "opened";
    case EventOutcome::Closed:
      return "closed";
    case EventOutcome::Refused:
      return "refused";
    case EventOutcome::Accepted:
      return "accepted";
    case EventOutcome::Rejected:
      return "rejected";
    case EventOutcome::Discarded:
      return "discarded";
    case EventOutcome::Read:
      return "read";
    case EventOutcome::Fired:
      return "fired";
  }
  return "";
}

const char* to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::Binary:
      return "binary";
    case Protocol::Feedback:
      return "feedback";
  }
  return "";
}

std::size_t LedgerEvent::size_bytes() const {
  std::size_t size = sizeof(*this);
  for (const std::string* text :
       {&tls, &auth, &by, &close, &detail, &device_token, &topic, &payload, &cause, &name}) {
    size += text->size();
  }
  if (why) {
    size += why->rule.size() + why->found.size() + why->fix.size();
  }
  return size;
}

std::string to_json_line(const LedgerEvent& event) {
  Out out;
  ObjectWriter line(out);
  line.number("seq", event.seq);
  append_time(line.key("at"), event.at);
  line.text("event", to_string(event.kind));
  line.text("outcome", to_string(event.outcome));
  line.number("connection", event.connection);
  line.text("protocol", to_string(event.protocol));
  line.text("environment", to_string(event.environment));

  line.text("tls", event.tls);
  line.text("auth", event.auth);
  line.text("by", event.by);
  line.text("close", event.close);
  line.number("alert", event.alert);
  line.text("detail", event.detail);

  line.number("nth", event.nth);
  line.number("identifier", event.identifier);
  line.text("device_token", event.device_token);
  line.text("topic", event.topic);
  line.number("priority", event.priority);
  line.number("expiration", event.expiration);
  write_payload(line, event);
  line.number("status", event.status);
  if (event.answered == false) {
    append(line.key("answered"), "false");
  }
  line.text("cause", event.cause);
  if (event.why) {
    write_why(line, *event.why);
  }

  line.number("tuples", event.tuples);

  line.text("name", event.name);
  line.number("of", event.of);
  line.end();
  return fmt::to_string(out);
}

std::string to_text_line(const LedgerEvent& event) {
  std::string text;
  switch (event.kind) {
    case EventKind::Connection:
      text = connection_text(event);
      break;
    case EventKind::Notification:
      text = notification_text(event);
      break;
    case EventKind::Feedback:
      text = feedback_text(event);
      break;
    case EventKind::Fault:
      text = fault_text(event);
      break;
  }
  if (text.empty()) {
    return text;
  }
  const auto time = break_down(event.at).time;
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.subseconds());
  text = fmt::format("{:02}:{:02}:{:02}.{:03}  {:<8}  {:<9}  {}", time.hours().count(),
                     time.minutes().count(), time.seconds().count(), ms.count(),
                     to_string(event.outcome),
                     fmt::format("{} #{}", to_string(event.protocol), event.connection), text);
  text.erase(text.find_last_not_of(' ') + 1);
  return printable(std::move(text));
}

std::uint64_t Ledger::add(LedgerEvent event) {
  const std::size_t size = event.size_bytes();
  const std::lock_guard lock(mutex_);
  event.seq = next_seq_++;
  if (listener_) {
    listener_(event);
  }
  const std::uint64_t seq = event.seq;
  events_.push_back(std::move(event));
  bytes_ += size;
  while (events_.size() > limits_.keep || bytes_ > limits_.keep_bytes) {
    bytes_ -= events_.front().size_bytes();
    events_.pop_front();
    ++num_dropped_;
  }
  return seq;
}

void Ledger::set_listener(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

std::vector<LedgerEvent> Ledger::snapshot() const {
  const std::lock_guard lock(mutex_);
  return {events_.begin(), events_.end()};
}

std::uint64_t Ledger::num_dropped() const {
  const std::lock_guard lock(mutex_);
  return num_dropped_;
}

}  // namespace apns::mock
