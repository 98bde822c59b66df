#include "mock_apns/ledger.h"

#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

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

// One event of each kind and outcome, with all keys in use somewhere: the examples of
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
      changed(event(EventKind::Feedback, EventOutcome::Read),
              [](LedgerEvent& e) {
                e.seq = 8;
                e.connection = 4;
                e.protocol = Protocol::Feedback;
                e.topic = "com.example.app";
                e.tuples = 0;
              }),
  };
}

TEST(Ledger, LinesAreThoseOfTheDocument) {
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

TEST(Ledger, LinesAreJson) {
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

TEST(Ledger, TimesHaveMicrosecondsAlways) {
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

TEST(Ledger, PayloadIsJsonOrText) {
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

TEST(Ledger, LinesAreJsonForAnyBytes) {
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

TEST(Ledger, TextLinesAreForPeople) {
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
      "10:14:09.774  discarded  binary #12345  com.example.app  a1a1…b2b2  id 7");
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
  for (const auto& [tuples, text] : {std::pair(0U, "0 tuples"), std::pair(1U, "1 tuple")}) {
    EXPECT_EQ(text_of(event(EventKind::Feedback, EventOutcome::Read),
                      [count = tuples](LedgerEvent& e) {
                        e.protocol = Protocol::Feedback;
                        e.topic = "com.example.app";
                        e.tuples = count;
                      }),
              std::string("10:14:09.774  read      feedback #2  com.example.app  ") + text);
  }
  EXPECT_EQ(text_of(event(EventKind::Fault, EventOutcome::Fired),
                    [](LedgerEvent& e) { e.name = "rst-first"; }),
            "10:14:09.774  fired     binary #2  fault:rst-first");
}

TEST(Ledger, NotEverythingIsWorthALineForPeople) {
  EXPECT_EQ(to_text_line(event(EventKind::Connection, EventOutcome::Opened)), "");
  EXPECT_EQ(to_text_line(changed(event(EventKind::Connection, EventOutcome::Closed),
                                 [](LedgerEvent& e) {
                                   e.by = "provider";
                                   e.close = "fin";
                                 })),
            "");
  EXPECT_EQ(to_text_line(changed(event(EventKind::Connection, EventOutcome::Closed),
                                 [](LedgerEvent& e) {
                                   e.protocol = Protocol::Feedback;
                                   e.by = "service";
                                   e.close = "fin";
                                 })),
            "")
      << "so every poll ends";
  EXPECT_EQ(to_text_line(changed(event(EventKind::Fault, EventOutcome::Fired),
                                 [](LedgerEvent& e) {
                                   e.name = "bad-token";
                                   e.of = 3;
                                 })),
            "");
}

std::vector<std::uint64_t> seqs_of(const Ledger& ledger) {
  std::vector<std::uint64_t> seqs;
  for (const LedgerEvent& kept : ledger.snapshot()) {
    seqs.push_back(kept.seq);
  }
  return seqs;
}

TEST(Ledger, KeepsAtMostSoManyEvents) {
  Ledger ledger({.keep = 3});
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    EXPECT_EQ(ledger.add(notification(EventOutcome::Accepted)), seq);
  }
  EXPECT_THAT(seqs_of(ledger), ElementsAre(1, 2, 3));
  EXPECT_EQ(ledger.num_dropped(), 0U);
  ledger.add(notification(EventOutcome::Accepted));
  ledger.add(notification(EventOutcome::Accepted));
  EXPECT_THAT(seqs_of(ledger), ElementsAre(3, 4, 5));
  EXPECT_EQ(ledger.num_dropped(), 2U);
}

TEST(Ledger, KeepsAtMostSoManyBytes) {
  const LedgerEvent small = notification(EventOutcome::Accepted);
  const LedgerEvent large =
      changed(small, [](LedgerEvent& e) { e.payload = std::string(2048, 'x'); });
  ASSERT_EQ(large.size_bytes(), small.size_bytes() + 2048 - small.payload.size());
  Ledger ledger({.keep = 100, .keep_bytes = small.size_bytes() + large.size_bytes()});
  ledger.add(small);
  ledger.add(large);
  EXPECT_THAT(seqs_of(ledger), ElementsAre(1, 2));
  ledger.add(small);
  EXPECT_THAT(seqs_of(ledger), ElementsAre(2, 3));
  ledger.add(large);
  EXPECT_THAT(seqs_of(ledger), ElementsAre(3, 4));
  EXPECT_EQ(ledger.num_dropped(), 2U);
}

TEST(Ledger, TellsAnEventThatIsTooLargeToKeep) {
  Ledger ledger({.keep = 100, .keep_bytes = 1});
  std::vector<std::uint64_t> told;
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e.seq); });
  EXPECT_EQ(ledger.add(notification(EventOutcome::Accepted)), 1U);
  EXPECT_THAT(told, ElementsAre(1));
  EXPECT_TRUE(ledger.snapshot().empty());
  EXPECT_EQ(ledger.num_dropped(), 1U);
}

TEST(Ledger, StopsTellingWhenAskedTo) {
  Ledger ledger({});
  int num_told = 0;
  ledger.add(notification(EventOutcome::Accepted));
  ledger.set_listener([&num_told](const LedgerEvent&) { ++num_told; });
  ledger.add(notification(EventOutcome::Accepted));
  ledger.set_listener({});
  ledger.add(notification(EventOutcome::Accepted));
  EXPECT_EQ(num_told, 1);
}

TEST(Ledger, TellsInTheOrderOfSeqUnderThreads) {
  constexpr std::uint64_t kEvents = 2000;  // of each thread
  Ledger ledger({.keep = 100});
  std::vector<LedgerEvent> told;
  ledger.set_listener([&told](const LedgerEvent& e) { told.push_back(e); });
  const auto add_all = [&ledger](std::uint64_t connection) {
    for (std::uint64_t nth = 1; nth <= kEvents; ++nth) {
      LedgerEvent made = event(EventKind::Notification, EventOutcome::Accepted);
      made.connection = connection;
      made.nth = nth;
      ledger.add(std::move(made));
    }
  };
  {
    const std::jthread one(add_all, 1);
    const std::jthread two(add_all, 2);
  }
  ASSERT_EQ(told.size(), 2 * kEvents);
  std::uint64_t last_nth[] = {0, 0, 0};  // by connection
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].seq, i + 1);
    EXPECT_EQ(told[i].nth, ++last_nth[told[i].connection]);
  }
  EXPECT_EQ(ledger.snapshot().size(), 100U);
  EXPECT_EQ(ledger.num_dropped(), 2 * kEvents - 100);
}

}  // namespace
}  // namespace apns::mock
