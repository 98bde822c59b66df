#include "mock_apns/ledger_event.h"

#include <array>

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
    case Protocol::Http2:
      return "http2";
    case Protocol::Feedback:
      return "feedback";
    case Protocol::None:
      return "";
  }
  return "";
}

std::span<const EventKind> event_kinds() {
  using enum EventKind;
  static constexpr std::array kKinds = {Connection, Notification, Delivery, Feedback,
                                        Device,     Violation,    Fault};
  return kKinds;
}

std::span<const EventOutcome> outcomes_of(EventKind kind) {
  using enum EventOutcome;
  static constexpr std::array kOfConnection = {Opened, Closed, Refused};
  static constexpr std::array kOfNotification = {Accepted, Rejected, Discarded};
  static constexpr std::array kOfDelivery = {Delivered, Stored, Replaced, Expired, Discarded};
  static constexpr std::array kOfFeedback = {Read, Added};
  static constexpr std::array kOfDevice = {Added,       Removed, Registered, Reregistered,
                                           Uninstalled, Online,  Offline,    Changed};
  static constexpr std::array kOfViolation = {Must, Should};
  static constexpr std::array kOfFault = {Fired};
  switch (kind) {
    case EventKind::Connection:
      return kOfConnection;
    case EventKind::Notification:
      return kOfNotification;
    case EventKind::Delivery:
      return kOfDelivery;
    case EventKind::Feedback:
      return kOfFeedback;
    case EventKind::Device:
      return kOfDevice;
    case EventKind::Fault:
      return kOfFault;
    case EventKind::Violation:
      return kOfViolation;
  }
  return {};
}

}  // namespace apns::mock
