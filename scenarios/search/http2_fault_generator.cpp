#include "scenarios/search/http2_fault_generator.h"

#include <algorithm>
#include <utility>

#include "apns/http2/frame.h"

namespace apns::scenarios::search {
namespace {

using http2::ErrorCode;
using mock::FaultAction;
using mock::FaultClose;
using mock::FaultProtocol;
using mock::FaultRule;
using mock::NumberMatch;
using std::chrono::milliseconds;

std::uint32_t number_of(ErrorCode code) {
  return static_cast<std::uint32_t>(code);
}

/// Small numbers more often than large ones.
std::uint64_t draw_low(std::uint64_t most, Draw& draw) {
  return draw.between(1, draw.between(1, std::max<std::uint64_t>(most, 1)));
}

NumberMatch draw_numbers(std::uint64_t most, Draw& draw) {
  const std::uint64_t first = draw_low(most, draw);
  switch (draw.between(0, 9)) {
    case 0:
      return NumberMatch{1, UINT64_MAX, draw.between(2, 10)};
    case 1:
      return NumberMatch{first, UINT64_MAX, 1};
    case 2:
    case 3:
      return NumberMatch{first, first + draw.between(1, 8), 1};
    default:
      return NumberMatch{first, first, 1};
  }
}

FaultClose draw_close(Draw& draw) {
  constexpr std::array kCloses = {FaultClose::Fin, FaultClose::Fin,
                                  FaultClose::FinWithoutCloseNotify, FaultClose::Rst,
                                  FaultClose::HalfOpen};
  return draw.pick(kCloses);
}

/// From next to nothing to longer than the provider waits.
Duration draw_delay(const Http2FaultFrame& frame, Draw& draw) {
  return draw.chance(70) ? draw.time(milliseconds(1), frame.request_limit / 4)
                         : draw.time(frame.request_limit / 2, frame.request_limit * 2);
}

FaultAction draw_rejection(const Http2FaultFrame& frame, Draw& draw) {
  constexpr std::array<std::uint16_t, 6> kStatuses = {400, 404, 429, 500, 503, 599};
  FaultAction then;
  if (draw.chance(85)) {
    then.reason = draw_reason(draw);
    if (draw.chance(20)) {
      then.timestamp = draw.between(0, 4'000'000'000'000);
    }
  }
  if (!then.reason || draw.chance(10)) {
    then.status = draw.pick(kStatuses);
  }
  if (draw.chance(30)) {
    then.delay = draw_delay(frame, draw);
  }
  if (draw.chance(10)) {
    then.close = draw_close(draw);
  }
  return then;
}

FaultAction draw_lateness(const Http2FaultFrame& frame, Draw& draw) {
  constexpr std::array<const char*, 4> kLatencies = {"5ms-50ms", "10ms-400ms", "p50=4ms p99=200ms",
                                                     "p50=40ms p99=2s"};
  FaultAction then;
  if (draw.chance(50)) {
    then.latency = mock::Latency::parse(draw.pick(kLatencies));
  } else {
    then.delay = draw_delay(frame, draw);
  }
  return then;
}

FaultAction draw_reset(const Http2FaultFrame& frame, Draw& draw) {
  constexpr std::array kCodes = {ErrorCode::RefusedStream, ErrorCode::RefusedStream,
                                 ErrorCode::RefusedStream, ErrorCode::Cancel,
                                 ErrorCode::InternalError, ErrorCode::EnhanceYourCalm,
                                 ErrorCode::NoError};
  FaultAction then;
  then.reset_stream = number_of(draw.pick(kCodes));
  then.reset_again = draw.chance(25);
  if (draw.chance(25)) {
    then.delay = draw_delay(frame, draw);
  }
  return then;
}

FaultAction draw_goaway(const Http2FaultFrame& frame, Draw& draw) {
  constexpr std::array kCodes = {ErrorCode::NoError,       ErrorCode::NoError,
                                 ErrorCode::NoError,       ErrorCode::RefusedStream,
                                 ErrorCode::InternalError, ErrorCode::EnhanceYourCalm};
  constexpr std::array kReasons = {Reason::Shutdown, Reason::IdleTimeout,
                                   Reason::ServiceUnavailable, Reason::InternalServerError};
  FaultAction then;
  mock::GoawayFault& goaway = then.goaway.emplace();
  if (draw.chance(60)) {
    goaway.last_nth = draw.between(0, frame.num_notifications + 2);
  }
  goaway.code = number_of(draw.pick(kCodes));
  if (draw.chance(50)) {
    goaway.reason = draw.chance(5) ? Reason::BadCertificateEnvironment : draw.pick(kReasons);
  }
  goaway.count = draw.chance(20) ? static_cast<std::uint32_t>(draw.between(2, 3)) : 1;
  goaway.keep_open = draw.chance(30);
  if (!goaway.keep_open && draw.chance(50)) {
    then.close = draw_close(draw);
  }
  if (draw.chance(25)) {
    then.delay = draw_delay(frame, draw);
  }
  return then;
}

/// Nobody is told anything.
FaultAction draw_silence(const Http2FaultFrame& frame, Draw& draw) {
  FaultAction then;
  switch (draw.between(0, 5)) {
    case 0:
      then.ignore_ping = true;
      then.no_answer = draw.chance(50);
      break;
    case 1:
      then.withhold_window = true;
      break;
    case 2:
      then.stop_reading = true;
      break;
    case 3:
      then.bandwidth = static_cast<std::uint32_t>(
          draw.between(200, std::max<std::uint64_t>(2000, frame.num_bytes * 4)));
      break;
    default:
      then.no_answer = true;
      break;
  }
  return then;
}

FaultAction draw_end(Draw& draw) {
  FaultAction then;
  then.close = draw_close(draw);
  if (draw.chance(20)) {
    then.raw = draw_raw(draw);
  }
  return then;
}

FaultAction draw_action(const Http2FaultFrame& frame, Draw& draw) {
  const std::uint64_t kind = draw.between(1, 100);
  if (kind <= 22) {
    return draw_rejection(frame, draw);
  }
  if (kind <= 32) {
    return draw_lateness(frame, draw);
  }
  if (kind <= 47) {
    return draw_reset(frame, draw);
  }
  if (kind <= 67) {
    return draw_goaway(frame, draw);
  }
  if (kind <= 80) {
    FaultAction then;
    then.settings = draw_settings(1, draw);
    return then;
  }
  if (kind <= 88) {
    return draw_silence(frame, draw);
  }
  if (kind <= 96) {
    return draw_end(draw);
  }
  FaultAction then;
  then.raw = draw_raw(draw);
  return then;
}

/// Can it happen in a silence, without a notification?
bool needs_notification(const FaultAction& then) {
  return then.reason || then.status || then.delay > Duration::zero() || then.latency ||
         then.no_answer || then.reset_stream || (then.goaway && then.goaway->last_nth);
}

void draw_when(const Http2FaultFrame& frame, FaultRule& rule, Draw& draw) {
  constexpr std::array<const char*, 3> kPushTypes = {"alert", "background", "voip"};
  if (draw.chance(50)) {
    rule.connection = draw_numbers(4, draw);
  }
  if (rule.then.tls_alert) {
    rule.times = draw.between(1, 3);
    return;
  }
  if (!needs_notification(rule.then) && draw.chance(20)) {
    rule.idle = draw.time(frame.request_limit / 10, frame.request_limit * 2);
  } else {
    if (draw.chance(75)) {
      rule.nth = draw_numbers(frame.num_notifications, draw);
    }
    if (draw.chance(8)) {
      rule.device_token_prefix = draw.chance(70) ? "a1" : "fa";
    }
    if (draw.chance(6)) {
      rule.push_type = draw.pick(kPushTypes);
    }
  }
  if (draw.chance(15)) {
    rule.probability = static_cast<double>(draw.between(5, 95)) / 100;
  }
  if (draw.chance(8)) {
    rule.after = draw.time(milliseconds(1), frame.request_limit);
  }
  if (draw.chance(8)) {
    rule.until = rule.after + draw.time(milliseconds(1), frame.request_limit * 4);
  }
  if (draw.chance(10)) {
    rule.protocol = FaultProtocol::Http2;
  }
  if (draw.chance(70)) {
    rule.times = draw.between(1, 4);
  }
}

FaultRule draw_rule(const Http2FaultFrame& frame, Draw& draw) {
  constexpr std::array<std::uint8_t, 6> kAlerts = {80, 80, 80, 40, 45, 48};
  FaultRule rule;
  if (frame.with_tls && draw.chance(15)) {
    rule.then.tls_alert = draw.pick(kAlerts);
  } else {
    rule.then = draw_action(frame, draw);
  }
  draw_when(frame, rule, draw);
  return rule;
}

}  // namespace

std::vector<FaultRule> draw_http2_faults(const Http2FaultFrame& frame, Draw& draw) {
  constexpr std::array<std::uint64_t, 10> kCounts = {0, 1, 1, 1, 2, 2, 2, 3, 4, 6};
  std::vector<FaultRule> rules;
  for (std::uint64_t left = draw.pick(kCounts); left > 0; --left) {
    rules.push_back(draw_rule(frame, draw));
  }
  return rules;
}

Reason draw_reason(Draw& draw) {
  constexpr std::array kUsual = {Reason::BadDeviceToken,      Reason::Unregistered,
                                 Reason::TooManyRequests,     Reason::InternalServerError,
                                 Reason::ServiceUnavailable,  Reason::Shutdown,
                                 Reason::ExpiredProviderToken};
  if (draw.chance(75)) {
    return draw.pick(kUsual);
  }
  return reasons()[draw.between(0, reasons().size() - 1)].reason;
}

Bytes draw_raw(Draw& draw) {
  constexpr std::uint8_t kUnknownType = 0x2a;
  Bytes bytes;
  switch (draw.between(0, 6)) {
    case 0:
      http2::append_frame(bytes, kUnknownType, 0xff, 0, as_bytes("whatever"));
      break;
    case 1:
      http2::append_ping(bytes, as_bytes("are you?"), false);
      break;
    case 2:
      http2::append_window_update(bytes, 0, static_cast<std::uint32_t>(draw.between(1, 1000)));
      break;
    case 3:  // what the provider did not allow, or has not opened
      http2::append_rst_stream(bytes, draw.chance(50) ? 2 : 100'001, ErrorCode::Cancel);
      break;
    case 4:
      http2::append_window_update(bytes, 0, 0);
      break;
    case 5:  // the beginning of a frame that never ends
      bytes.assign(draw.between(1, 8), std::byte{0});
      break;
    default:
      bytes.assign(draw.between(9, 40), std::byte{0x48});
      break;
  }
  return bytes;
}

mock::SettingsFault draw_settings(std::uint32_t least_streams, Draw& draw) {
  constexpr std::array<std::uint32_t, 6> kStreams = {1, 1, 2, 5, 100, 1000};
  constexpr std::array<std::uint32_t, 6> kWindows = {1, 30, 1000, 16'384, 65'535, 1'000'000};
  constexpr std::array<std::uint32_t, 5> kTables = {0, 64, 512, 4096, 65'536};
  constexpr std::array<std::uint32_t, 3> kFrames = {16'384, 16'385, 16'777'215};
  mock::SettingsFault settings;
  if (draw.chance(70)) {
    settings.max_concurrent_streams =
        draw.chance(15) ? least_streams : std::max(least_streams, draw.pick(kStreams));
  }
  if (draw.chance(30)) {
    settings.initial_window_size = draw.pick(kWindows);
  }
  if (draw.chance(20)) {
    settings.header_table_size = draw.pick(kTables);
  }
  if (draw.chance(10) || settings == mock::SettingsFault()) {
    settings.max_frame_size = draw.pick(kFrames);
  }
  return settings;
}

}  // namespace apns::scenarios::search
