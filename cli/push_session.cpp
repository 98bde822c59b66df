#include "cli/push_session.h"

#include <utility>

#include "cli/target_tls.h"

namespace apns::cli {

namespace {

PushResult result_of(const PushItem& item) {
  PushResult result;
  result.n = item.n;
  result.device_token = item.notification.device_token.to_hex();
  return result;
}

}  // namespace

PushSession::PushSession(const Target& target, provider::BinaryClientOptions options,
                         std::function<void(const PushResult&)> on_result, net::DialOptions dial)
    : context_(tls_options(target)),
      scratch_(tls::make_scratch(1)),
      on_result_(std::move(on_result)),
      payload_limit_(options.payload_limit),
      client_(std::move(options), tls::make_transport(context_, clock_, scratch_, &client_, {}),
              *this),
      host_(net::SocketHostOptions{.dial = std::move(dial)}) {
  client_.use_dialer(host_.make_dialer(client_));
  host_.start();
}

PushSession::~PushSession() {
  host_.run_on(0, [this] { client_.release_dialer(); });
  host_.stop();
}

void PushSession::send(PushItem item) {
  collected_.push_back(std::move(item));
  if (collected_.size() >= kBatch) {
    flush();
  }
}

void PushSession::flush() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < kMaxQueued; });
    for (PushItem& item : collected_) {
      queue_.push_back(std::move(item));
    }
  }
  collected_.clear();
  host_.post(0, [this] { hand_over(); });
}

void PushSession::hand_over() {
  std::unique_lock lock(mutex_);
  while (!queue_.empty()) {
    const PushItem& item = queue_.front();
    const provider::SendResult result = client_.try_send(item.notification, next_ticket_);
    switch (result) {
      case provider::SendResult::Full:
        return;  // writable() goes on
      case provider::SendResult::Queued:
        open_.emplace(next_ticket_++, result_of(item));
        break;
      case provider::SendResult::PayloadTooLong:
        refuse(item, "the payload has " + std::to_string(item.notification.payload.size()) +
                         " bytes; the binary protocol takes " + std::to_string(payload_limit_));
        break;
      case provider::SendResult::PayloadEmpty:
        refuse(item, "the payload is empty");
        break;
      case provider::SendResult::FieldIllegal:
        refuse(item, "its topic, apns-id or collapse id cannot stand in a header field");
        break;
      case provider::SendResult::Draining:
      case provider::SendResult::Stopped:
        refuse(item, "never left");
        break;
    }
    queue_.pop_front();
    changed_.notify_all();
  }
}

void PushSession::refuse(const PushItem& item, const std::string& reason) {
  PushResult result = result_of(item);
  result.kind = provider::OutcomeKind::Rejected;
  result.reason = reason;
  on_result_(result);
}

void PushSession::outcomes(std::span<const provider::Outcome> batch) {
  for (const provider::Outcome& outcome : batch) {
    auto found = open_.extract(outcome.ticket);
    if (found.empty()) {
      continue;
    }
    PushResult& result = found.mapped();
    result.kind = outcome.kind;
    result.status = outcome.status;
    result.reason = provider::reason_text(outcome);
    on_result_(result);
  }
  host_.post(0, [this] { hand_over(); });  // a stopped client refuses what still waits
}

void PushSession::writable() {
  hand_over();
}

void PushSession::drained() {
  const std::lock_guard lock(mutex_);
  drained_ = true;
  changed_.notify_all();
}

void PushSession::drain(Duration limit) {
  if (!collected_.empty()) {
    flush();
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty(); });
  lock.unlock();
  host_.post(0, [this, limit] { client_.drain(limit); });
  lock.lock();
  changed_.wait(lock, [this] { return drained_; });
}

std::string PushSession::last_error() {
  std::string error;
  host_.run_on(0, [&] { error = client_.last_error(); });
  return error;
}

provider::ClientStats PushSession::stats() {
  provider::ClientStats stats;
  host_.run_on(0, [&] { stats = client_.stats(); });
  return stats;
}

}  // namespace apns::cli
