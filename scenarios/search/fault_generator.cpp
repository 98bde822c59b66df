#include "scenarios/search/fault_generator.h"

#include <algorithm>

#include "apns/base/bytes.h"

namespace apns::scenarios::search {
namespace {

using mock::ErrorPacketFault;
using mock::FaultAction;
using mock::FaultClose;
using mock::FaultProtocol;
using mock::FaultRule;
using mock::NumberMatch;
using std::chrono::milliseconds;

constexpr std::uint8_t kShutdown = 10;

std::uint8_t draw_status(Draw& draw) {
  constexpr std::array<std::uint8_t, 12> kUsual = {1, 2, 3, 4, 5, 6, 7, 8, 8, 10, 128, 255};
  return draw.chance(85) ? draw.pick(kUsual) : static_cast<std::uint8_t>(draw.between(1, 255));
}

NumberMatch number(std::uint64_t n) {
  return NumberMatch{n, n, 1};
}

/// Small numbers more often than large ones.
std::uint64_t draw_low(std::uint64_t most, Draw& draw) {
  return draw.between(1, draw.between(1, std::max<std::uint64_t>(most, 1)));
}

NumberMatch draw_numbers(std::uint64_t most, Draw& draw) {
  switch (draw.between(0, 9)) {
    case 0:
      return NumberMatch{1, UINT64_MAX, draw.between(2, 10)};
    case 1:
      return NumberMatch{draw_low(most, draw), UINT64_MAX, 1};
    case 2: {
      const std::uint64_t first = draw_low(most, draw);
      return NumberMatch{first, first + draw.between(1, 3), 1};
    }
    default:
      return number(draw_low(most, draw));
  }
}

FaultClose draw_close(Draw& draw) {
  constexpr std::array kCloses = {FaultClose::Fin, FaultClose::FinWithoutCloseNotify,
                                  FaultClose::Rst};
  return draw.pick(kCloses);
}

/// Bytes that cannot be taken for an error packet.
Bytes draw_garbage(Draw& draw) {
  constexpr std::array kFirst = {std::byte{0x07}, std::byte{0x00}, std::byte{0x48}};
  Bytes bytes(draw.between(1, 8), std::byte{0x2a});
  bytes.front() = draw.pick(kFirst);
  return bytes;
}

/// A whole error packet, or its beginning.
Bytes draw_packet(std::size_t len, Draw& draw) {
  Bytes bytes(len, std::byte{0});
  bytes.front() = std::byte{8};
  if (len > 1) {
    bytes[1] = std::byte{8};
  }
  if (len > 5) {
    bytes[5] = static_cast<std::byte>(draw.between(0, 9));
  }
  return bytes;
}

/// Mostly short. A long one is in time only if little else is slow on the connection, and shows a
/// provider that does not wait as long as it was told to.
Duration short_time(const FaultFrame& frame, Draw& draw) {
  if (draw.chance(20)) {
    return draw.time(frame.settle_after / 2, frame.settle_after * 3 / 4);
  }
  return draw.time(milliseconds(1), std::max<Duration>(milliseconds(1), frame.settle_after / 8));
}

// ---- A service that tells the truth ----

void draw_packet_form(FaultAction& then, Draw& draw) {
  ErrorPacketFault& packet = then.error_packet.emplace();
  switch (draw.between(0, 4)) {
    case 0:
      packet.count = 0;  // the end tells that something is wrong
      break;
    case 1:
      packet.count = static_cast<std::uint32_t>(draw.between(2, 3));
      break;
    case 2:
      if (then.reject != kShutdown) {
        packet.status = draw.chance(30) ? 0 : static_cast<std::uint8_t>(draw.between(11, 255));
        break;
      }
      [[fallthrough]];
    default:
      packet.split = static_cast<std::uint32_t>(draw.between(1, 6));
      break;
  }
}

FaultAction draw_reject(const FaultFrame& frame, Draw& draw) {
  FaultAction then;
  then.reject = draw_status(draw);
  if (draw.chance(30)) {
    then.delay = short_time(frame, draw);
  }
  if (draw.chance(10)) {
    then.raw = draw.chance(50) ? draw_garbage(draw) : draw_packet(draw.between(1, 5), draw);
  } else if (draw.chance(40)) {
    draw_packet_form(then, draw);
  }
  const bool is_heard = then.raw.empty() && (!then.error_packet || then.error_packet->count > 0);
  if (draw.chance(40)) {
    then.close = is_heard && draw.chance(25) ? FaultClose::HalfOpen : draw_close(draw);
  }
  then.stop_reading = draw.chance(10);
  return then;
}

FaultAction draw_end(const FaultFrame& frame, Draw& draw) {
  FaultAction then;
  then.close = draw_close(draw);
  if (draw.chance(20)) {
    then.delay = short_time(frame, draw);
  }
  if (draw.chance(10)) {
    then.raw = draw_garbage(draw);
  }
  return then;
}

FaultAction draw_slowness(const FaultFrame& frame, Draw& draw) {
  FaultAction then;
  if (frame.settle_after >= std::chrono::seconds(1) && draw.chance(50)) {
    then.bandwidth = static_cast<std::uint32_t>(std::max<std::uint64_t>(2000, frame.num_bytes * 4));
  } else {
    then.delay = short_time(frame, draw);
  }
  return then;
}

// ---- A service that lies ----

FaultAction draw_wrong_packet(const FaultFrame& frame, Draw& draw) {
  FaultAction then;
  then.reject = draw_status(draw);
  ErrorPacketFault& packet = then.error_packet.emplace();
  switch (draw.between(0, 3)) {
    case 0:
      packet.identifier = ErrorPacketFault::Identifier::Previous;
      break;
    case 1:
      packet.status = then.reject == kShutdown ? 8 : kShutdown;
      break;
    default:
      packet.identifier = ErrorPacketFault::Identifier::Number;
      packet.number =
          draw.chance(10)
              ? UINT32_MAX
              : static_cast<std::uint32_t>(draw.between(0, frame.num_notifications + 2));
      break;
  }
  if (draw.chance(30)) {
    then.close = draw_close(draw);
  }
  return then;
}

FaultAction draw_silence(const FaultFrame& frame, Draw& draw) {
  FaultAction then;
  switch (draw.between(0, 4)) {
    case 0:
      then.close = FaultClose::HalfOpen;
      break;
    case 1:
      then.stop_reading = true;
      break;
    case 2:
      then.reject = draw_status(draw);
      then.close = FaultClose::HalfOpen;
      then.error_packet.emplace().count = 0;
      break;
    case 3:
      then.bandwidth = static_cast<std::uint32_t>(draw.between(20, 3000));
      break;
    default:
      then.delay = draw.time(frame.settle_after / 2, frame.settle_after * 3);
      if (draw.chance(60)) {
        then.reject = draw_status(draw);
      }
      break;
  }
  return then;
}

FaultAction draw_lie(const FaultFrame& frame, Draw& draw) {
  FaultAction then;
  switch (draw.between(0, 3)) {
    case 0:
      then.no_answer = true;
      return then;
    case 1:
      return draw_wrong_packet(frame, draw);
    case 2:
      then.raw = draw.chance(50) ? draw_garbage(draw) : draw_packet(draw.between(1, 8), draw);
      if (draw.chance(30)) {
        then.close = draw_close(draw);
      }
      return then;
    default:
      return draw_silence(frame, draw);
  }
}

// ---- Where and how often ----

void draw_when(const FaultFrame& frame, FaultRule& rule, Draw& draw) {
  if (draw.chance(60)) {
    rule.connection = draw_numbers(4, draw);
  }
  const bool needs_number = draw.chance(80);
  if (needs_number && rule.idle == std::nullopt && !rule.then.tls_alert) {
    rule.nth = draw_numbers(frame.num_notifications, draw);
  }
  if (!rule.idle && !rule.then.tls_alert && draw.chance(8)) {
    rule.device_token_prefix = draw.chance(50) ? "a1" : "b1";
  }
  if (draw.chance(10)) {
    rule.probability = static_cast<double>(draw.between(5, 95)) / 100;
  }
  if (draw.chance(8)) {
    rule.after = draw.time(milliseconds(1), frame.settle_after);
  }
  if (draw.chance(8)) {
    rule.until = rule.after + draw.time(milliseconds(1), frame.settle_after * 4);
  }
  if (draw.chance(10)) {
    rule.protocol = FaultProtocol::Binary;
  }
  if (draw.chance(5)) {
    rule.environment = Environment::Production;
  }
  if (draw.chance(70)) {
    rule.times = draw.between(1, 3);
  }
}

FaultRule draw_rule(const FaultFrame& frame, Draw& draw) {
  constexpr std::array<std::uint8_t, 6> kAlerts = {80, 80, 80, 40, 45, 48};
  FaultRule rule;
  if (frame.with_tls && draw.chance(15)) {
    rule.then.tls_alert = draw.pick(kAlerts);
  } else if (frame.may_lie && draw.chance(60)) {
    rule.then = draw_lie(frame, draw);
    const FaultAction& then = rule.then;
    const bool needs_notification =
        then.reject || then.error_packet || then.no_answer || then.delay > Duration::zero();
    if (!needs_notification && draw.chance(20)) {
      rule.idle = draw.time(frame.settle_after / 4, frame.settle_after * 2);
    }
  } else if (draw.chance(50)) {
    rule.then = draw_reject(frame, draw);
  } else if (draw.chance(70)) {
    rule.then = draw_end(frame, draw);
    if (rule.then.delay == Duration::zero() && draw.chance(30)) {
      rule.idle = draw.time(frame.settle_after / 4, frame.settle_after * 2);
    }
  } else {
    rule.then = draw_slowness(frame, draw);
  }
  draw_when(frame, rule, draw);
  // A service that is slow again and again comes too late in the end.
  const bool is_slow = rule.then.delay > Duration::zero() && !rule.then.reject && !rule.then.close;
  if (is_slow && !frame.may_lie) {
    rule.times = draw.between(1, 2);
  }
  return rule;
}

}  // namespace

std::vector<FaultRule> draw_faults(const FaultFrame& frame, Draw& draw) {
  constexpr std::array<std::uint64_t, 10> kCounts = {0, 1, 1, 1, 1, 2, 2, 3, 4, 5};
  std::vector<FaultRule> rules;
  for (std::uint64_t left = draw.pick(kCounts); left > 0; --left) {
    rules.push_back(draw_rule(frame, draw));
  }
  return rules;
}

}  // namespace apns::scenarios::search
