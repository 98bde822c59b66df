#include "mock_apns/ledger_event.h"

namespace apns::mock {

const char* to_string(EventKind kind) {
  switch (kind) {
    case EventKind::Connection:
      return "connection";
    case EventKind::Notification:
      return "notification";
    case EventKind::Delivery:
      return "delivery";
    case EventKind::Feedback:
      return "feedback";
    case EventKind::Device:
      return "device";
    case EventKind::Violation:
      return "violation";
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
    case EventOutcome::Delivered:
      return "delivered";
    case EventOutcome::Stored:
      return "stored";
    case EventOutcome::Replaced:
      return "replaced";
    case EventOutcome::Expired:
      return "expired";
    case EventOutcome::Read:
      return "read";
    case EventOutcome::Added:
      return "added";
    case EventOutcome::Removed:
      return "removed";
    case EventOutcome::Registered:
      return "registered";
    case EventOutcome::Reregistered:
      return "reregistered";
    case EventOutcome::Uninstalled:
      return "uninstalled";
    case EventOutcome::Online:
      return "online";
    case EventOutcome::Offline:
      return "offline";
    case EventOutcome::Changed:
      return "changed";
    case EventOutcome::Must:
      return "must";
    case EventOutcome::Should:
      return "should";
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
    case Protocol::None:
      return "";
  }
  return "";
}

}  // namespace apns::mock
