#include "mock_apns/ledger_text.h"

#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/ledger_events.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::changed;
using test::delivered;
using test::event;
using test::kToken;
using test::notification;
using test::of_device;
using test::of_feedback;
using test::of_http2;
using test::violation;

// One event of each kind, with all keys in use somewhere: the examples of
// docs/ledger.md, in their order.
std::vector<LedgerEvent> examples() {
  return {
      changed(event(EventKind::Connection, EventOutcome::Opened),
              [](LedgerEvent& e) {
                e.seq = 1;
                e.tls = "TLSv1.2";
                e.auth = "com.example.app";
              }),
      changed(notification(EventOutcome::Accepted),
              [](LedgerEvent& e) {
                e.seq = 2;
                e.priority = 10;
                e.expiration = 0;
              }),
      changed(notification(EventOutcome::Rejected),
              [](LedgerEvent& e) {
                e.seq = 3;
                e.nth = 8;
                e.identifier = 8;
                e.device_token = "a1a1";
                e.payload = "\xFFHello";
                e.payload_is_json = false;
                e.payload_bytes = 6;
                e.status = 5;
                e.answered = false;
                e.cause = "rule";
                e.why = Why{.rule = "binary/device-token-size",
                            .found = "a device token of 2 bytes",
                            .fix = "send one of 32 bytes"};
              }),
      changed(notification(EventOutcome::Discarded),
              [](LedgerEvent& e) {
                e.seq = 4;
                e.nth = 9;
                e.identifier.reset();
              }),
      changed(event(EventKind::Fault, EventOutcome::Fired),
              [](LedgerEvent& e) {
                e.seq = 5;
                e.name = "bad-token";
                e.of = 3;
              }),
      changed(event(EventKind::Connection, EventOutcome::Closed),
              [](LedgerEvent& e) {
                e.seq = 6;
                e.auth = "com.example.app";
                e.by = "service";
                e.close = "fin";
              }),
      changed(event(EventKind::Connection, EventOutcome::Refused),
              [](LedgerEvent& e) {
                e.seq = 7;
                e.connection = 3;
                e.environment = Environment::Development;
                e.by = "provider";
                e.alert = 48;
                e.detail = "the provider does not trust our CA";
              }),
      delivered(),
      changed(event(EventKind::Delivery, EventOutcome::Discarded),
              [](LedgerEvent& e) {
                e.seq = 9;
                e.of = 3;
                e.reasons = {"no phone has this device token"};
              }),
      changed(of_feedback(EventOutcome::Added),
              [](LedgerEvent& e) {
                e.seq = 10;
                e.connection = 0;
                e.device_token = kToken;
                e.of = 2;
              }),
      changed(of_feedback(EventOutcome::Read),
              [](LedgerEvent& e) {
                e.seq = 11;
                e.tuples = 1;
              }),
      changed(of_device(EventOutcome::Changed),
              [](LedgerEvent& e) {
                e.seq = 12;
                e.detail = "alerts off";
              }),
      changed(violation(), [](LedgerEvent& e) { e.seq = 13; }),
      changed(event(EventKind::Connection, EventOutcome::Opened),
              [](LedgerEvent& e) {
                e.seq = 14;
                e.protocol = Protocol::Http2;
                e.connection = 1;
                e.tls = "TLSv1.3";
                e.alpn = "h2";
              }),
      changed(of_http2(EventOutcome::Accepted),
              [](LedgerEvent& e) {
                e.seq = 15;
                e.priority = 5;
                e.expiration = 0;
                e.collapse_id = "score";
                e.status = 200;
              }),
      changed(of_http2(EventOutcome::Rejected),
              [](LedgerEvent& e) {
                e.seq = 16;
                e.nth = 8;
                e.stream = 15;
                e.status = 410;
                e.reason = "Unregistered";
                e.timestamp = 1454948015990;
                e.cause = "magic";
              }),
      changed(event(EventKind::Connection, EventOutcome::Closed),
              [](LedgerEvent& e) {
                e.seq = 17;
                e.protocol = Protocol::Http2;
                e.connection = 1;
                e.by = "service";
                e.close = "fin";
                e.goaway = R"(NO_ERROR, last stream 15, {"reason":"Shutdown"})";
              }),
  };
}

TEST(LedgerText, LinesAreThoseOfTheDocument) {
  std::ifstream in(APNSLAB_SOURCE_DIR "/docs/ledger.md");
  std::vector<std::string> documented;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("{\"seq\"")) {
      documented.push_back(line);
    }
  }
  std::vector<std::string> written;
  for (const LedgerEvent& example : examples()) {
    written.push_back(to_json_line(example));
  }
  EXPECT_EQ(written, documented);
}

TEST(LedgerText, LinesAreJson) {
  for (const LedgerEvent& example : examples()) {
    const std::string line = to_json_line(example);
    ASSERT_TRUE(nlohmann::json::accept(line)) << line;
    const auto parsed = nlohmann::json::parse(line);
    EXPECT_EQ(parsed.at("seq"), example.seq);
    EXPECT_EQ(parsed.at("event"), to_string(example.kind));
    EXPECT_EQ(parsed.at("outcome"), to_string(example.outcome));
    for (const auto& [key, value] : parsed.items()) {
      EXPECT_FALSE(value.is_null()) << key;
    }
  }
}

TEST(LedgerText, TimesHaveMicrosecondsAlways) {
  struct Case {
    WorldTime at;
    std::string_view expected;
  };

  const Case cases[] = {
      {kManualStart, "2025-01-01T00:00:00.000000Z"},
      {kManualStart + 18'204us, "2025-01-01T00:00:00.018204Z"},
      {kManualStart - 1us, "2024-12-31T23:59:59.999999Z"},
      {WorldTime{}, "1970-01-01T00:00:00.000000Z"},
      {WorldTime{-1us}, "1969-12-31T23:59:59.999999Z"},
  };
  for (const Case& c : cases) {
    LedgerEvent made = event(EventKind::Connection, EventOutcome::Opened);
    made.at = c.at;
    EXPECT_EQ(nlohmann::json::parse(to_json_line(made)).at("at"), c.expected);
  }
}

TEST(LedgerText, PayloadIsJsonOrText) {
  struct Case {
    const char* name;
    std::string payload;
    bool is_json;
    std::string_view expected;  // the line's keys about the payload
  };

  const Case cases[] = {
      {"json", R"({"a":1})", true, R"("payload":{"a":1},"payload_bytes":7)"},
      {"json on lines", "{\r\n\"a\": 1\n}", true, "\"payload\":{  \"a\": 1 },\"payload_bytes\":11"},
      {"text", R"({"a":)", false, R"("payload":"{\"a\":","payload_bytes":5)"},
      {"escapes", std::string("\"\\\n\r\t\x01\x1F\x7F/\0", 10), false,
       "\"payload\":\"\\\"\\\\\\n\\r\\t\\u0001\\u001f\x7F/\\u0000\",\"payload_bytes\":10"},
      {"UTF-8", "\u00e9\u2026\U0001F600", false,
       "\"payload\":\"\u00e9\u2026\U0001F600\",\"payload_bytes\":9"},
      {"lone bytes", "a\xFF\x80z", false,
       R"("payload":"a\ufffd\ufffdz","payload_hex":"61ff807a","payload_bytes":4)"},
      {"overlong", "\xC0\x80", false,
       R"("payload":"\ufffd\ufffd","payload_hex":"c080","payload_bytes":2)"},
      {"surrogate", "\xED\xA0\x80", false,
       R"("payload":"\ufffd\ufffd\ufffd","payload_hex":"eda080","payload_bytes":3)"},
      {"above U+10FFFF", "\xF4\x90\x80\x80", false,
       R"("payload":"\ufffd\ufffd\ufffd\ufffd","payload_hex":"f4908080","payload_bytes":4)"},
      {"cut off", "\xE2\x80", false,
       R"("payload":"\ufffd\ufffd","payload_hex":"e280","payload_bytes":2)"},
      {"said to be JSON", "\"\xFF\"", true,
       R"("payload":"\"\ufffd\"","payload_hex":"22ff22","payload_bytes":3)"},
      {"none", "", false, R"("topic":"com.example.app")"},
  };
  for (const Case& c : cases) {
    LedgerEvent made = notification(EventOutcome::Accepted);
    made.payload = c.payload;
    made.payload_bytes = c.payload.size();
    made.payload_is_json = c.is_json;
    const std::string line = to_json_line(made);
    EXPECT_TRUE(nlohmann::json::accept(line)) << c.name << line;
    EXPECT_EQ(line.find('\n'), std::string::npos) << c.name;
    EXPECT_TRUE(line.ends_with(std::string(c.expected) + '}')) << c.name << line;
  }
}

TEST(LedgerText, TheContentOfALiveActivityIsJson) {
  LedgerEvent made = delivered();
  made.shown = Shown{.place = "lock-screen",
                     .title = {},
                     .subtitle = {},
                     .body = {},
                     .badge = {},
                     .sound = {},
                     .activity = "order-17",
                     .content_state = R"({"eta":5})"};
  const auto shown = nlohmann::json::parse(to_json_line(made)).at("shown");
  EXPECT_EQ(shown.at("activity"), "order-17");
  EXPECT_EQ(shown.at("content_state").at("eta"), 5);
  EXPECT_EQ(shown.size(), 3U);
}

TEST(LedgerText, LinesAreJsonForAnyBytes) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      LedgerEvent made = notification(EventOutcome::Rejected);
      made.topic = {static_cast<char>(first), static_cast<char>(second)};
      const std::string line = to_json_line(made);
      ASSERT_TRUE(nlohmann::json::accept(line)) << line;
      const bool is_ascii = first < 0x80 && second < 0x80;
      if (is_ascii) {
        ASSERT_EQ(nlohmann::json::parse(line).at("topic"), made.topic);
      }
    }
  }
}

// No key of one kind gets into the lines of another.
TEST(LedgerText, LinesHaveTheKeysOfTheirKind) {
  LedgerEvent whole = delivered();
  whole.tls = whole.auth = whole.by = whole.close = whole.detail = whole.payload = whole.cause =
      whole.rule = whole.found = whole.hex = whole.name = whole.alpn = whole.goaway =
          whole.apns_id = whole.push_type = whole.collapse_id = whole.reason = "x";
  whole.stream = 1;
  whole.timestamp = 1;
  whole.duration_us = 1;
  whole.alert = 1;
  whole.nth = 1;
  whole.identifier = 1;
  whole.priority = 1;
  whole.expiration = 1;
  whole.payload_bytes = 1;
  whole.status = 1;
  whole.answered = false;
  whole.why = Why{.rule = "x", .found = "x", .fix = "x"};
  whole.tuples = 1;
  const auto keys_of = [&whole](EventKind kind) {
    whole.kind = kind;
    std::string keys;
    const auto parsed = nlohmann::ordered_json::parse(to_json_line(whole));
    for (const auto& [key, value] : parsed.items()) {
      keys += key + ' ';
    }
    const std::string common = "seq at event outcome connection protocol environment ";
    EXPECT_TRUE(keys.starts_with(common)) << keys;
    return keys.substr(common.size());
  };
  EXPECT_EQ(keys_of(EventKind::Connection), "tls alpn auth by close alert goaway detail ");
  EXPECT_EQ(keys_of(EventKind::Notification),
            "nth identifier stream apns_id device_token topic push_type priority expiration "
            "collapse_id payload payload_bytes status reason timestamp duration_us answered cause "
            "why ");
  EXPECT_EQ(keys_of(EventKind::Delivery), "of device_token topic device shown why ");
  EXPECT_EQ(keys_of(EventKind::Feedback), "of device_token topic tuples ");
  EXPECT_EQ(keys_of(EventKind::Device), "device_token topic device detail ");
  EXPECT_EQ(keys_of(EventKind::Violation), "of rule found detail hex ");
  EXPECT_EQ(keys_of(EventKind::Fault), "name of ");
}

}  // namespace
}  // namespace apns::mock
