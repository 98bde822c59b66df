// The ledger's lines for people.
#include <string>

#include <gtest/gtest.h>

#include "mock_apns/ledger_text.h"
#include "tests/support/ledger_events.h"

namespace apns::mock {
namespace {

using test::changed;
using test::delivered;
using test::event;
using test::kToken;
using test::notification;
using test::of_device;
using test::of_feedback;
using test::of_http2;
using test::violation;

TEST(LedgerTextLine, TextLinesAreForPeople) {
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

TEST(LedgerTextLine, TextLinesOfHttp2HaveThePushTypeAndTheReason) {
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

TEST(LedgerTextLine, TextLinesOfDeliveriesSayWhatThePhoneShows) {
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
              e.shown->place = "dynamic-island";
              e.shown->title = "News";
              e.shown->activity = "order-17";
              e.shown->content_state = R"({"eta":5})";
            }),
            begin + ": dynamic island \"News\", Live Activity order-17 {\"eta\":5}");
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

TEST(LedgerTextLine, TextLinesOfTheOtherKinds) {
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

TEST(LedgerTextLine, NotEverythingIsWorthALineForPeople) {
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
