#include "mock_apns/ledger_text.h"

#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace apns::mock {
namespace {

using namespace std::chrono_literals;

const std::string kToken = std::string("a1a1") + std::string(56, '0') + "b2b2";

LedgerEvent event(EventKind kind, EventOutcome outcome) {
  LedgerEvent event;
  event.seq = 41;
  event.at = kManualStart + 10h + 14min + 9s + 774'204us;
  event.kind = kind;
  event.outcome = outcome;
  event.connection = 2;
  return event;
}

LedgerEvent notification(EventOutcome outcome) {
  LedgerEvent made = event(EventKind::Notification, outcome);
  made.nth = 7;
  made.identifier = 7;
  made.device_token = kToken;
  made.topic = "com.example.app";
  made.payload = R"({"aps":{"alert":"Hello"}})";
  made.payload_is_json = true;
  made.payload_bytes = made.payload.size();
  return made;
}

template <class F>
LedgerEvent changed(LedgerEvent made, const F& change) {
  change(made);
  return made;
}

LedgerEvent delivered() {
  LedgerEvent made = event(EventKind::Delivery, EventOutcome::Delivered);
  made.seq = 8;
  made.of = 2;
  made.device_token = kToken;
  made.topic = "com.example.app";
  made.device = "phone";
  made.shown = Shown{.place = "lock-screen",
                     .title = "News",
                     .subtitle = "Today",
                     .body = "Hello",
                     .badge = 2,
                     .sound = "default"};
  made.reasons = {"one thing", "another"};
  return made;
}

LedgerEvent of_http2(EventOutcome outcome) {
  LedgerEvent made = notification(outcome);
  made.protocol = Protocol::Http2;
  made.connection = 1;
  made.identifier.reset();
  made.stream = 13;
  made.apns_id = "27CFDC15-E305-27E0-E290-8FC98E115899";
  made.push_type = "alert";
  made.duration_us = 212;
  return made;
}

LedgerEvent of_feedback(EventOutcome outcome) {
  LedgerEvent made = event(EventKind::Feedback, outcome);
  made.protocol = Protocol::Feedback;
  made.topic = "com.example.app";
  return made;
}

LedgerEvent of_device(EventOutcome outcome) {
  LedgerEvent made = event(EventKind::Device, outcome);
  made.protocol = Protocol::None;
  made.connection = 0;
  made.device = "phone";
  made.topic = "com.example.app";
  made.device_token = kToken;
  return made;
}

LedgerEvent violation() {
  LedgerEvent made = event(EventKind::Violation, EventOutcome::Should);
  made.rule = "binary/reuse-connection";
  made.found = "a connection per notification";
  made.hex = "0200";
  return made;
}

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

TEST(LedgerText, TextLinesAreForPeople) {
  const auto text_of = [](LedgerEvent made, const auto& change) {
    change(made);
    return to_text_line(made);
  };
  const LedgerEvent accepted = notification(EventOutcome::Accepted);
  const LedgerEvent rejected = notification(EventOutcome::Rejected);
  const LedgerEvent closed = event(EventKind::Connection, EventOutcome::Closed);

  EXPECT_EQ(to_text_line(accepted),
            "10:14:09.774  accepted  binary #2  com.example.app  a1a1…b2b2  id 7");
  EXPECT_EQ(text_of(rejected,
                    [](LedgerEvent& e) {
                      e.identifier = 3;
                      e.status = 8;
                      e.cause = "fault:no-such-device";
                    }),
            "10:14:09.774  rejected  binary #2  com.example.app  a1a1…b2b2  id 3     8 (invalid "
            "token), fault:no-such-device");
  EXPECT_EQ(
      text_of(rejected,
              [](LedgerEvent& e) {
                e.identifier.reset();
                e.device_token.clear();
                e.topic.clear();
                e.status = 2;
                e.answered = false;
                e.cause = "rule";
                e.why = Why{.rule = "r", .found = "no device token", .fix = "f"};
              }),
      "10:14:09.774  rejected  binary #2  no topic  no device token  no id    2 (missing device "
      "token), no error packet, no device token");
  EXPECT_EQ(
      text_of(notification(EventOutcome::Discarded), [](LedgerEvent& e) { e.connection = 12345; }),
      "10:14:09.774  discarded binary #12345  com.example.app  a1a1…b2b2  id 7");
  EXPECT_EQ(text_of(accepted, [](LedgerEvent& e) { e.topic = "\x1B[31m\xC2\x9B\xFFx\u00e9\n"; }),
            "10:14:09.774  accepted  binary #2  ?[31m???x\u00e9?  a1a1…b2b2  id 7");

  EXPECT_EQ(text_of(event(EventKind::Connection, EventOutcome::Refused),
                    [](LedgerEvent& e) {
                      e.alert = 48;
                      e.detail = "the provider does not trust our CA";
                    }),
            "10:14:09.774  refused   binary #2  the provider does not trust our CA (alert 48)");
  EXPECT_EQ(text_of(closed,
                    [](LedgerEvent& e) {
                      e.auth = "com.example.app";
                      e.by = "provider";
                      e.close = "rst";
                    }),
            "10:14:09.774  closed    binary #2  com.example.app  by provider, rst");
  EXPECT_EQ(text_of(closed,
                    [](LedgerEvent& e) {
                      e.by = "service";
                      e.close = "fin";
                    }),
            "10:14:09.774  closed    binary #2  by service, fin");
  EXPECT_EQ(text_of(event(EventKind::Fault, EventOutcome::Fired),
                    [](LedgerEvent& e) { e.name = "rst-first"; }),
            "10:14:09.774  fired     binary #2  fault:rst-first");
}

TEST(LedgerText, TextLinesOfHttp2HaveThePushTypeAndTheReason) {
  const auto text_of = [](EventOutcome outcome, const auto& change) {
    return to_text_line(changed(of_http2(outcome), change));
  };
  const std::string accepted = "10:14:09.774  accepted  http2 #1   com.example.app  a1a1…b2b2  ";
  const std::string rejected = "10:14:09.774  rejected  http2 #1   com.example.app  a1a1…b2b2  ";
  EXPECT_EQ(text_of(EventOutcome::Accepted, [](LedgerEvent& e) { e.status = 200; }),
            accepted + "alert");
  EXPECT_EQ(text_of(EventOutcome::Accepted,
                    [](LedgerEvent& e) {
                      e.push_type.clear();
                      e.cause = "fault:slow";
                    }),
            accepted + "no type  (fault:slow)");
  EXPECT_EQ(text_of(EventOutcome::Rejected,
                    [](LedgerEvent& e) {
                      e.status = 400;
                      e.reason = "BadDeviceToken";
                      e.cause = "magic";
                    }),
            rejected + "alert    400 BadDeviceToken (magic token)");
  EXPECT_EQ(text_of(EventOutcome::Rejected,
                    [](LedgerEvent& e) {
                      e.push_type = "fileprovider";
                      e.status = 413;
                      e.reason = "PayloadTooLarge";
                      e.cause = "rule";
                      e.why = Why{.rule = "r", .found = "4097 bytes", .fix = "f"};
                    }),
            rejected + "fileprovider  413 PayloadTooLarge (4097 bytes)");
  EXPECT_EQ(text_of(EventOutcome::Rejected,
                    [](LedgerEvent& e) {
                      e.push_type = "voip";
                      e.status = 599;
                      e.answered = false;
                      e.cause = "fault:odd";
                    }),
            rejected + "voip     599, no answer (fault:odd)");
  EXPECT_EQ(to_text_line(changed(event(EventKind::Connection, EventOutcome::Closed),
                                 [](LedgerEvent& e) {
                                   e.protocol = Protocol::Http2;
                                   e.by = "service";
                                   e.close = "fin";
                                   e.goaway = "NO_ERROR, last stream 0";
                                 })),
            "10:14:09.774  closed    http2 #2   by service, fin, GOAWAY NO_ERROR, last stream 0");
}

TEST(LedgerText, TextLinesOfDeliveriesSayWhatThePhoneShows) {
  const LedgerEvent plain = changed(delivered(), [](LedgerEvent& e) {
    e.shown = Shown();
    e.reasons.clear();
  });
  const auto text_of = [&plain](const auto& change) {
    return to_text_line(changed(plain, change));
  };
  const std::string begin = "10:14:09.774  delivered binary #2  com.example.app  a1a1…b2b2  phone";
  EXPECT_EQ(to_text_line(plain), begin);
  EXPECT_EQ(text_of([](LedgerEvent& e) {
              e.shown->place = "lock-screen";
              e.shown->body = "Hello";
              e.shown->badge = 2;
              e.shown->sound = "default";
            }),
            begin + ": lock screen \"Hello\", badge 2, sound default");
  EXPECT_EQ(text_of([](LedgerEvent& e) {
              e.shown->place = "app";
              e.shown->title = "News";
              e.shown->subtitle = "Today";
              e.shown->body = "Hello";
              e.reasons = {"no sound", "no badge"};
            }),
            begin + ": app \"News\", \"Today\", \"Hello\": no sound; no badge");
  EXPECT_EQ(text_of([](LedgerEvent& e) {
              e.shown->place = "nothing";
              e.reasons = {"alerts are off for this app"};
            }),
            begin + ": nothing shown: alerts are off for this app");
  EXPECT_EQ(text_of([](LedgerEvent& e) {
              e.shown->place = "background";
              e.shown->badge = 0;
            }),
            begin + ": background, badge removed");
  EXPECT_EQ(text_of([](LedgerEvent& e) {
              e.outcome = EventOutcome::Stored;
              e.shown.reset();
              e.reasons = {"it is offline"};
            }),
            "10:14:09.774  stored    binary #2  com.example.app  a1a1…b2b2  phone: it is offline");
  EXPECT_EQ(text_of([](LedgerEvent& e) {
              e.outcome = EventOutcome::Discarded;
              e.connection = 0;
              e.device.clear();
              e.shown.reset();
              e.reasons = {"no phone has it"};
            }),
            "10:14:09.774  discarded binary     com.example.app  a1a1…b2b2  no phone has it");
}

TEST(LedgerText, TextLinesOfTheOtherKinds) {
  EXPECT_EQ(
      to_text_line(changed(of_feedback(EventOutcome::Read), [](LedgerEvent& e) { e.tuples = 0; })),
      "10:14:09.774  read      feedback #2  com.example.app  0 tuples");
  EXPECT_EQ(to_text_line(changed(of_feedback(EventOutcome::Read),
                                 [](LedgerEvent& e) {
                                   e.topic.clear();
                                   e.tuples = 1;
                                 })),
            "10:14:09.774  read      feedback #2  no topic  1 tuple");
  EXPECT_EQ(to_text_line(changed(of_feedback(EventOutcome::Added),
                                 [](LedgerEvent& e) {
                                   e.connection = 0;
                                   e.device_token = kToken;
                                 })),
            "10:14:09.774  added     feedback   com.example.app  a1a1…b2b2");
  EXPECT_EQ(to_text_line(of_device(EventOutcome::Reregistered)),
            "10:14:09.774  reregistered device     com.example.app  a1a1…b2b2  phone");
  EXPECT_EQ(to_text_line(changed(of_device(EventOutcome::Offline),
                                 [](LedgerEvent& e) {
                                   e.topic.clear();
                                   e.device_token.clear();
                                 })),
            "10:14:09.774  offline   device     phone");
  EXPECT_EQ(to_text_line(changed(of_device(EventOutcome::Changed),
                                 [](LedgerEvent& e) {
                                   e.device_token.clear();
                                   e.detail = "alerts off";
                                 })),
            "10:14:09.774  changed   device     com.example.app  phone: alerts off");
  EXPECT_EQ(to_text_line(violation()),
            "10:14:09.774  should    binary #2  binary/reuse-connection  a connection per "
            "notification");
  EXPECT_EQ(to_text_line(changed(violation(),
                                 [](LedgerEvent& e) {
                                   e.protocol = Protocol::None;
                                   e.connection = 0;
                                   e.detail = "keep it open";
                                 })),
            "10:14:09.774  should    violation  binary/reuse-connection  a connection per "
            "notification; keep it open");
  EXPECT_EQ(to_text_line(changed(notification(EventOutcome::Rejected),
                                 [](LedgerEvent& e) { e.cause = "magic"; })),
            "10:14:09.774  rejected  binary #2  com.example.app  a1a1…b2b2  id 7     magic");
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

TEST(LedgerText, NotEverythingIsWorthALineForPeople) {
  EXPECT_EQ(to_text_line(event(EventKind::Connection, EventOutcome::Opened)), "");
  EXPECT_EQ(to_text_line(changed(event(EventKind::Connection, EventOutcome::Closed),
                                 [](LedgerEvent& e) {
                                   e.by = "provider";
                                   e.close = "fin";
                                 })),
            "");
  EXPECT_EQ(to_text_line(changed(event(EventKind::Fault, EventOutcome::Fired),
                                 [](LedgerEvent& e) {
                                   e.name = "bad-token";
                                   e.of = 3;
                                 })),
            "");
}

}  // namespace
}  // namespace apns::mock
