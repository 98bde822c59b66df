#pragma once

#include <string>
#include <vector>

#include "mock_apns/ledger_event.h"

/// Events as the ledger has them, and the lines of docs/ledger.md in their order.
namespace apns::mock::ledger_examples {

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

// One event of each kind, with all keys in use somewhere: the examples of
// docs/ledger.md, in their order.
inline std::vector<LedgerEvent> examples() {
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

}  // namespace apns::mock::ledger_examples
