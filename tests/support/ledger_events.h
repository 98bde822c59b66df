#pragma once

#include <string>

#include "mock_apns/ledger_event.h"

/// Events of each kind, as tests of their texts have them.
namespace apns::mock::test {

using namespace std::chrono_literals;

inline const std::string kToken = std::string("a1a1") + std::string(56, '0') + "b2b2";

inline LedgerEvent event(EventKind kind, EventOutcome outcome) {
  LedgerEvent event;
  event.seq = 41;
  event.at = kManualStart + 10h + 14min + 9s + 774'204us;
  event.kind = kind;
  event.outcome = outcome;
  event.connection = 2;
  return event;
}

inline LedgerEvent notification(EventOutcome outcome) {
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
inline LedgerEvent changed(LedgerEvent made, const F& change) {
  change(made);
  return made;
}

inline LedgerEvent delivered() {
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

inline LedgerEvent of_http2(EventOutcome outcome) {
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

inline LedgerEvent of_feedback(EventOutcome outcome) {
  LedgerEvent made = event(EventKind::Feedback, outcome);
  made.protocol = Protocol::Feedback;
  made.topic = "com.example.app";
  return made;
}

inline LedgerEvent of_device(EventOutcome outcome) {
  LedgerEvent made = event(EventKind::Device, outcome);
  made.protocol = Protocol::None;
  made.connection = 0;
  made.device = "phone";
  made.topic = "com.example.app";
  made.device_token = kToken;
  return made;
}

inline LedgerEvent violation() {
  LedgerEvent made = event(EventKind::Violation, EventOutcome::Should);
  made.rule = "binary/reuse-connection";
  made.found = "a connection per notification";
  made.hex = "0200";
  return made;
}

}  // namespace apns::mock::test
