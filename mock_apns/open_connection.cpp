#include "mock_apns/open_connection.h"

namespace apns::mock {

namespace {

bool ends_or_slows(const FaultAction& action) {
  return action.reject || action.error_packet || action.stop_reading || action.bandwidth != 0 ||
         !action.raw.empty();
}

}  // namespace

std::string_view to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::Reading:
      return "reading";
    case ConnectionState::StoppedReading:
      return "stopped-reading";
    case ConnectionState::Paused:
      return "paused";
    case ConnectionState::Ending:
      return "ending";
    case ConnectionState::Closing:
      return "closing";
    case ConnectionState::HalfOpen:
      return "half-open";
  }
  return {};
}

std::string why_not_applicable(const FaultAction& action, Protocol protocol) {
  if (action.tls_alert) {
    return "tls_alert refuses a handshake, and that of an open connection is over. Arm a fault "
           "rule "
           "for the next one, or close this one.";
  }
  if (action.no_answer) {
    return "no_answer loses a notification, and an open connection has none at hand. Arm a fault "
           "rule for the next one, or use stop_reading.";
  }
  const bool has_tuples = action.tuples != TuplesFault{};
  if (protocol == Protocol::Feedback) {
    if (ends_or_slows(action)) {
      return "A feedback connection takes delay, close and tuples. The rest is for the gateway.";
    }
    if (!has_tuples && !action.close && action.delay <= Duration{}) {
      return "The action does nothing. Give it delay, close or tuples.";
    }
    return {};
  }
  if (has_tuples) {
    return "tuples are the feedback service's. For the gateway use reject, error_packet, raw, "
           "close, "
           "stop_reading, bandwidth or delay.";
  }
  if (!ends_or_slows(action) && !action.close && action.delay <= Duration{}) {
    return "The action does nothing. Give it reject, error_packet, raw, close, stop_reading, "
           "bandwidth or delay.";
  }
  return {};
}

}  // namespace apns::mock
