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

PushSession::PushSession(const tls::ClientOptions& tls, OnResult on_result, net::DialOptions dial)
    : context_(tls),
      scratch_(tls::make_scratch(1)),
      on_result_(std::move(on_result)),
      host_(net::SocketHostOptions{.dial = std::move(dial)}) {}

PushSession::PushSession(const Target& target, provider::BinaryClientOptions options,
                         OnResult on_result, net::DialOptions dial)
    : PushSession(tls_options(target), std::move(on_result), std::move(dial)) {
  OutcomeSink& sink = *this;
  payload_limit_ = options.payload_limit;
  client_ = std::make_unique<provider::BinaryClient>(
      std::move(options), tls::make_transport(context_, clock_, scratch_, this, {}), sink);
  start();
}

PushSession::PushSession(const Target& target, provider::Http2ClientOptions options,
                         provider::RetryOptions retry, OnResult on_result, net::DialOptions dial)
    : PushSession(http2_tls_options(target), std::move(on_result), std::move(dial)) {
  OutcomeSink& sink = *this;
  retry.clock = &clock_;
  retry.provider_token = options.provider_token;
  client_ = std::make_unique<provider::RetryingClient>(
      retry, sink, [this, &options](provider::OutcomeSink& inner_sink) {
        return std::make_unique<provider::Http2Client>(
            std::move(options), tls::make_transport(context_, clock_, scratch_, this, {}),
            inner_sink);
      });
  start();
}

PushSession::~PushSession() {
  host_.run_on(0, [this] { client_->release_dialer(); });
  host_.stop();
}

void PushSession::start() {
  client_->use_dialer(host_.make_dialer(*client_));
  host_.start();
}

void PushSession::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  client_->tls_failed(peer, failure);
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
    const provider::SendResult result = client_->try_send(item.notification, next_ticket_);
    switch (result) {
      case provider::SendResult::Full:
        return;  // writable() goes on
      case provider::SendResult::Queued:
        open_.emplace(next_ticket_++, Open{result_of(item), std::chrono::steady_clock::now()});
        break;
      case provider::SendResult::PayloadTooLong:
        refuse(item, too_long_text(item.notification));
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

std::string PushSession::too_long_text(const Notification& notification) const {
  const std::string len = std::to_string(notification.payload.size());
  if (payload_limit_ != 0) {
    return "the payload has " + len + " bytes; the binary protocol takes " +
           std::to_string(payload_limit_);
  }
  const PushTypeRow& row = row_of(notification.push_type.value_or(PushType::Alert));
  return "the payload has " + len + " bytes; HTTP/2 takes " + std::to_string(row.payload_limit) +
         " with push type " + std::string(row.name);
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
    PushResult& result = found.mapped().result;
    result.kind = outcome.kind;
    result.status = outcome.status;
    result.reason = provider::reason_text(outcome);
    if (outcome.answer != nullptr) {
      result.http2 =
          Http2Result{.reason = std::string(outcome.answer->reason_text),
                      .apns_id = std::string(outcome.answer->apns_id),
                      .timestamp_ms = outcome.answer->timestamp_ms,
                      .duration = std::chrono::steady_clock::now() - found.mapped().since};
    }
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
  host_.post(0, [this, limit] { client_->drain(limit); });
  lock.lock();
  changed_.wait(lock, [this] { return drained_; });
}

std::string PushSession::last_error() {
  std::string error;
  host_.run_on(0, [&] { error = client_->last_error(); });
  return error;
}

provider::ClientStats PushSession::stats() {
  provider::ClientStats stats;
  host_.run_on(0, [&] { stats = client_->stats(); });
  return stats;
}

}  // namespace apns::cli
