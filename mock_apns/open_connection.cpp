#include "mock_apns/open_connection.h"

namespace apns::mock {

namespace {

bool ends_or_slows(const FaultAction& action) {
  return action.reject || action.error_packet || action.stop_reading || action.bandwidth != 0 ||
         !action.raw.empty();
}

bool has_tuples(const FaultAction& action) {
  return action.tuples != TuplesFault{};
}

std::string why_not_to_feedback(const FaultAction& action) {
  if (ends_or_slows(action) || action.is_of_http2()) {
    return "A feedback connection takes delay, close and tuples. The rest is for the gateway.";
  }
  if (!has_tuples(action) && !action.close && action.delay <= Duration{}) {
    return "The action does nothing. Give it delay, close or tuples.";
  }
  return {};
}

std::string why_not_to_gateway(const FaultAction& action) {
  if (has_tuples(action)) {
    return "tuples are the feedback service's. For the gateway use reject, error_packet, raw, "
           "close, stop_reading, bandwidth or delay.";
  }
  if (action.is_of_http2() && !action.is_of_binary()) {
    return "The action is of HTTP/2. For the gateway use reject with a number, error_packet, raw, "
           "close, stop_reading, bandwidth or delay.";
  }
  if (!ends_or_slows(action) && !action.close && action.delay <= Duration{}) {
    return "The action does nothing. Give it reject, error_packet, raw, close, stop_reading, "
           "bandwidth or delay.";
  }
  return {};
}

std::string why_not_to_http2(const FaultAction& action) {
  constexpr const char* kUse =
      "Use goaway, settings, ignore_ping, withhold_window, raw, close, stop_reading, bandwidth or "
      "delay.";
  if (has_tuples(action)) {
    return std::string("tuples are the feedback service's. ") + kUse;
  }
  if (action.is_of_binary() || action.reason || action.status || action.reset_stream ||
      action.latency) {
    return std::string(
               "In HTTP/2 an answer belongs to a request, and an open connection has none "
               "at hand. Arm a fault rule for the next one. ") +
           kUse;
  }
  const bool is_http2 =
      action.goaway || action.settings || action.ignore_ping || action.withhold_window;
  if (!is_http2 && !ends_or_slows(action) && !action.close && action.delay <= Duration{}) {
    return std::string("The action does nothing. ") + kUse;
  }
  return {};
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
           "rule for the next one, or close this one.";
  }
  if (action.no_answer) {
    return "no_answer loses a notification, and an open connection has none at hand. Arm a fault "
           "rule for the next one, or use stop_reading.";
  }
  switch (protocol) {
    case Protocol::Feedback:
      return why_not_to_feedback(action);
    case Protocol::Http2:
      return why_not_to_http2(action);
    case Protocol::Binary:
    case Protocol::None:
      break;
  }
  return why_not_to_gateway(action);
}

}  // namespace apns::mock
