// What people do to a gateway's connection while it is open.
#include <utility>

#include "mock_apns/gateway_engine.h"
#include "mock_apns/gateway_thread.h"

namespace apns::mock {

bool GatewayEngine::apply(const FaultAction& action, TimePoint now) {
  if (close_ != Close::None || ending_ || !why_not_applicable(action, Protocol::Binary).empty()) {
    return false;
  }
  record_applied();
  const std::uint8_t status =
      action.reject.value_or(action.error_packet ? action.error_packet->status.value_or(0) : 0);
  if (status != 0 || action.close) {
    Ending ending;
    ending.identifier = last_accepted_;  // it has none of its own
    if (status != 0) {
      ending.status = status;
    }
    shape(ending, action);
    pace_.begin(action);
    end_after(action.delay, ending, now);
  } else {
    pace_.begin(action);
    if (action.delay > Duration{}) {
      pause(action.delay, now);
      words_after_pause_.insert(words_after_pause_.end(), action.raw.begin(), action.raw.end());
    } else {
      say(action.raw);
    }
  }
  host_.wake(*this);
  return true;
}

void GatewayEngine::read_on() {
  pace_.reset();
  is_delayed_ = false;
  words_after_pause_.clear();
  if (!is_framing_lost_) {
    ending_.reset();
    ends_at_ = kNever;
  }
}

bool GatewayEngine::discard_backlog(TimePoint now) {
  if (close_ != Close::None || is_framing_lost_ || (wants_read() && !ending_)) {
    return false;
  }
  read_on();
  is_discarding_ = true;
  await_silence(now, now);
  host_.wake(*this);
  return true;
}

void GatewayEngine::reset(TimePoint now) {
  nth_ = 0;
  num_accepted_ = 0;
  last_accepted_ = 0;
  if (close_ != Close::None) {
    return;  // nobody can take back what it has been told
  }
  read_on();
  if (is_discarding_ && is_framing_lost_) {
    end_after(Duration{}, Ending{}, now);  // nobody knows where its next notification begins
  }
  is_discarding_ = false;
  if (ended_by_peer_ && !ending_) {
    close_ = Close::CloseNotifyThenDrain;  // it only waited for the packet
  }
  await_silence(now, now);
  host_.wake(*this);
}

void GatewayEngine::hang_up() {
  if (close_ == Close::None) {
    ending_ = Ending{};
    end_now();
    host_.wake(*this);
  }
}

void GatewayEngine::rules_changed(TimePoint now) {
  if (close_ == Close::None && !ending_) {
    await_silence(quiet_since_, now);
    host_.wake(*this);
  }
}

void GatewayEngine::profile_changed(TimePoint now) {
  decoder_.set_payload_keep_limit(gateway_.options_.profile->binary_payload_limit_framed);
  rules_changed(now);
}

ConnectionState GatewayEngine::state() const {
  if (close_ != Close::None) {
    return close_ == Close::Vanish ? ConnectionState::HalfOpen : ConnectionState::Closing;
  }
  if (ending_) {
    return ConnectionState::Ending;
  }
  if (pace_.is_stopped()) {
    return ConnectionState::StoppedReading;
  }
  return pace_.is_paused() ? ConnectionState::Paused : ConnectionState::Reading;
}

ConnectionInfo GatewayEngine::describe() const {
  return ConnectionInfo{.connection = connection_,
                        .protocol = Protocol::Binary,
                        .environment = gateway_.options_.environment,
                        .opened_at = opened_at_,
                        .peer = peer_address_,
                        .tls = tls_,
                        .auth = auth_,
                        .topic = topic_,
                        .state = state(),
                        .notifications = nth_,
                        .accepted = num_accepted_};
}

}  // namespace apns::mock
