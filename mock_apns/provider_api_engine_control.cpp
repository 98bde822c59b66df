// What people do to a connection of the provider API while it is open.
#include <algorithm>
#include <utility>
#include <vector>

#include "mock_apns/provider_api_engine.h"
#include "mock_apns/provider_api_thread.h"

namespace apns::mock {

using http2::ErrorCode;
using http2::SettingId;
using http2::StreamId;

void ProviderApiEngine::shut_down(TimePoint now) {
  now_ = now;
  session_.at(now);
  session_.shut_down(ErrorCode::NoError, row_of(Reason::Shutdown).body);
  host_.wake(*this);
}

void ProviderApiEngine::hang_up() {
  end(Close::CloseNotify);
  host_.wake(*this);
}

bool ProviderApiEngine::apply(const FaultAction& action, TimePoint now) {
  if (session_.is_over() || ends_when_done_ || held_.action != nullptr ||
      !why_not_applicable(action, Protocol::Http2).empty()) {
    return false;
  }
  now_ = now;
  session_.at(now);
  record_fired(kAppliedName, 0);
  begin_moods(action);
  if (action.delay <= Duration{}) {
    act(action);
  } else if (acts_on_connection(action)) {
    held_ = Held{std::make_shared<const FaultAction>(action), now + action.delay};
  } else {
    pace_.pause_until(now + action.delay);
    session_.pause_reading(true);
  }
  host_.wake(*this);
  return true;
}

void ProviderApiEngine::rules_changed(TimePoint now) {
  if (!session_.is_over()) {
    now_ = now;
    await_silence(quiet_since_);
    host_.wake(*this);
  }
}

// ---- Resetting ----

bool ProviderApiEngine::discard_backlog(TimePoint now) {
  if (session_.is_over() || (!session_.is_reading_paused() && !are_windows_held_)) {
    return false;
  }
  now_ = now;
  session_.at(now);
  read_on();
  is_discarding_ = true;
  await_silence(now);
  host_.wake(*this);
  return true;
}

void ProviderApiEngine::reset(TimePoint now) {
  now_ = now;
  session_.at(now);
  nth_ = 0;
  num_accepted_ = 0;
  streams_.clear();
  tokens_.reset();
  if (session_.is_over()) {
    return;  // nobody can take back what it has been told
  }
  read_on();
  session_.ignore_pings(false);
  cancel_waiting();
  is_discarding_ = false;
  restore_settings();
  if (session_.said_goaway() && !ends_when_done_) {
    ends_when_done_ = Close::CloseNotifyThenDrain;  // a rule has kept it open, and is gone
  }
  await_silence(now);
  end_if_done();
  host_.wake(*this);
}

void ProviderApiEngine::read_on() {
  pace_.reset();
  held_ = Held{};
  session_.pause_reading(false);
  if (are_windows_held_) {
    are_windows_held_ = false;
    session_.hold_windows(false);
  }
}

/// Those that are decided and not answered; with a backlog also those that are on their way, which
/// are a part of it.
void ProviderApiEngine::cancel_waiting() {
  for (std::uint32_t place = 0; place < requests_.size(); ++place) {
    Request& request = requests_[place];
    const bool is_arriving = request.state == Request::State::Arriving;
    if (request.state == Request::State::Free || (is_arriving && !is_discarding_)) {
      continue;
    }
    due_.remove(place);
    if (is_arriving) {
      lose(request, request.body);
    }
    const StreamId stream = leave(request);
    free(request);
    session_.reset(stream, is_arriving ? ErrorCode::RefusedStream : ErrorCode::Cancel);
  }
}

void ProviderApiEngine::restore_settings() {
  usual_limit_ = profile().max_concurrent_streams;
  const std::uint32_t first = first_limit();
  if (!are_settings_changed_) {
    limit_streams(first);
    return;
  }
  std::vector<http2::Setting> settings = session_options().settings;
  const auto is_window = [](const auto& entry) { return entry.is(SettingId::InitialWindowSize); };
  if (std::ranges::none_of(settings, is_window)) {
    settings.emplace_back(SettingId::InitialWindowSize, http2::kDefaultWindow);
  }
  if (session_.send_settings(settings)) {
    are_settings_changed_ = false;
    stream_limit_ = first;
  }
}

// ---- Telling ----

ConnectionState ProviderApiEngine::state() const {
  if (session_.is_over()) {
    return session_.close() == Close::Vanish ? ConnectionState::HalfOpen : ConnectionState::Closing;
  }
  if (ends_when_done_ || session_.is_finishing()) {
    return ConnectionState::Ending;
  }
  if (pace_.is_stopped()) {
    return ConnectionState::StoppedReading;
  }
  return pace_.is_paused() ? ConnectionState::Paused : ConnectionState::Reading;
}

ConnectionInfo ProviderApiEngine::describe() const {
  ConnectionInfo info;
  info.connection = connection_;
  info.protocol = Protocol::Http2;
  info.environment = api_.options_.environment;
  info.opened_at = opened_at_;
  info.peer = peer_address_;
  info.tls = tls_;
  info.auth = auth_;
  info.topic = certificate_ ? std::string(certificate_->default_topic()) : std::string();
  info.state = state();
  info.notifications = nth_;
  info.accepted = num_accepted_;
  return info;
}

}  // namespace apns::mock
