#include "provider/binary_client.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "provider/tls_refusal.h"

namespace apns::provider {

namespace {

BinaryClientOptions checked(BinaryClientOptions options) {
  assert(options.connections >= 1 && options.connections <= kMaxBinaryConnections);
  return options;
}

}  // namespace

BinaryClient::BinaryClient(BinaryClientOptions options, Transport transport, OutcomeSink& sink)
    : transport_(std::move(transport)),
      sink_(sink),
      shared_{checked(std::move(options)), *this, nullptr, {}, {}, {}, false, false} {
  for (unsigned i = 0; i < shared_.options.connections; ++i) {
    lanes_.push_back(std::make_unique<BinaryLane>(shared_, i));
  }
}

BinaryClient::~BinaryClient() = default;

BinaryLane& BinaryClient::lane_for(const DeviceToken& token) {
  return lanes_.size() == 1 ? *lanes_.front() : *lanes_[token.hash() % lanes_.size()];
}

BinaryLane* BinaryClient::lane_of(std::uint64_t connection) {
  const auto found = std::find_if(lanes_.begin(), lanes_.end(), [connection](const auto& lane) {
    return lane->owns(connection);
  });
  return found == lanes_.end() ? nullptr : found->get();
}

SendResult BinaryClient::try_send(const Notification& notification, std::uint64_t ticket) {
  if (shared_.stopped) {
    return SendResult::Stopped;
  }
  if (shared_.draining) {
    return SendResult::Draining;
  }
  // Before an identifier is used up: what fails here must not shift the numbers of the others.
  if (notification.payload.empty()) {
    return SendResult::PayloadEmpty;
  }
  if (notification.payload.size() > shared_.options.payload_limit) {
    return SendResult::PayloadTooLong;
  }
  const SendResult result = lane_for(notification.device_token).try_send(notification, ticket);
  if (!shared_.outcomes.empty() && !is_event_due_) {
    is_event_due_ = true;  // something was evicted
    set_alarm();
  }
  return result;
}

void BinaryClient::drain(Duration limit) {
  shared_.draining = true;
  drain_deadline_ = std::min(drain_deadline_, shared_.dialer->now() + limit);
  is_event_due_ = true;
  set_alarm();
}

void BinaryClient::stop(const std::string& why) {
  shared_.stopped = true;
  shared_.last_error = why;
  for (const auto& lane : lanes_) {
    lane->report_all(OutcomeReason::ConnectionLost);
    lane->stop_waiting();
  }
  is_event_due_ = true;
  set_alarm();
}

void BinaryClient::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  if (const auto refusal = certificate_refusal(failure, "the gateway")) {
    stop(*refusal);
  } else {
    shared_.last_error = shared_.options.gateway.to_string() + ": " + failure.text;
    if (BinaryLane* lane = lane_of(peer.connection)) {
      lane->failure_was_told();
    }
  }
}

std::unique_ptr<Engine> BinaryClient::connected(const PeerInfo& peer, EngineHost& host,
                                                TimePoint now) {
  return transport_(
      peer, host,
      [this](const PeerInfo& known, EngineHost& inner_host,
             TimePoint when) -> std::unique_ptr<Engine> {
        BinaryLane* lane = lane_of(known.connection);
        return lane == nullptr ? nullptr : lane->make_connection(inner_host, when);
      },
      now);
}

void BinaryClient::gone(std::uint64_t connection, Gone why, const std::string& detail,
                        TimePoint now) {
  if (BinaryLane* lane = lane_of(connection)) {
    lane->gone(connection, why, detail, now);
  }
  after_event(now);
}

void BinaryClient::on_alarm(TimePoint now) {
  if (shared_.draining && now >= drain_deadline_) {
    drain_deadline_ = kNever;
    for (const auto& lane : lanes_) {
      lane->report_all(OutcomeReason::DrainLimit);
      lane->abandon();
    }
  }
  for (const auto& lane : lanes_) {
    lane->on_alarm(now);
  }
  after_event(now);
}

void BinaryClient::after_event(TimePoint now) {
  is_event_due_ = false;
  for (const auto& lane : lanes_) {
    lane->look(now);
  }
  tell_sink();
  set_alarm();
}

void BinaryClient::tell_sink() {
  if (!shared_.outcomes.empty()) {
    std::swap(batch_, shared_.outcomes);
    sink_.outcomes(batch_);
    batch_.clear();
  }
  // When nothing is taken any more, too: who waits learns it from the next try_send.
  bool is_writable = false;
  for (const auto& lane : lanes_) {
    is_writable = lane->take_writable() || is_writable;
  }
  if (is_writable) {
    sink_.writable();
  }
  const bool is_over =
      std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->is_over(); });
  if (shared_.draining && !drained_said_ && is_over && shared_.outcomes.empty()) {
    drained_said_ = true;
    sink_.drained();
  }
}

void BinaryClient::set_alarm() {
  TimePoint when = is_event_due_ ? shared_.dialer->now() : kNever;
  for (const auto& lane : lanes_) {
    when = std::min(when, lane->alarm());
  }
  if (shared_.draining && !drained_said_) {
    when = std::min(when, drain_deadline_);
  }
  shared_.dialer->set_alarm(when);
}

std::size_t BinaryClient::num_open() const {
  std::size_t n = 0;
  for (const auto& lane : lanes_) {
    n += lane->window().size();
  }
  return n;
}

std::size_t BinaryClient::open_bytes() const {
  std::size_t n = 0;
  for (const auto& lane : lanes_) {
    n += lane->window().num_bytes();
  }
  return n;
}

}  // namespace apns::provider
