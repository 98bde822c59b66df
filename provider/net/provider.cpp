#include "provider/net/provider.h"

#include <algorithm>
#include <span>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/system_executor.hpp>

#include "provider/http2_client.h"

namespace apns::provider {

namespace {

namespace asio = boost::asio;

tls::ClientOptions completed(tls::ClientOptions tls, const Http2ClientOptions& client) {
  tls.alpn = {"h2"};
  if (tls.server_name.empty()) {
    tls.server_name = client.service.host;
  }
  return tls;
}

PushOutcome not_taken(SendResult result) {
  PushOutcome outcome;
  outcome.taken = result;
  switch (result) {
    case SendResult::Full:
      outcome.text = "as many wait as may";
      break;
    case SendResult::PayloadTooLong:
      outcome.text = "the payload is longer than its push type allows";
      break;
    case SendResult::PayloadEmpty:
      outcome.text = "the payload is empty";
      break;
    case SendResult::FieldIllegal:
      outcome.text = "its topic, apns-id or collapse id cannot stand in a header field";
      break;
    case SendResult::Queued:
    case SendResult::Draining:
    case SendResult::Stopped:
      outcome.text = "nothing is taken any more";
      break;
  }
  return outcome;
}

PushOutcome kept(const Outcome& outcome) {
  PushOutcome made;
  made.kind = outcome.kind;
  made.why = outcome.reason;
  made.status = outcome.status;
  made.text = reason_text(outcome);
  if (outcome.answer != nullptr) {
    made.reason = outcome.answer->reason;
    made.apns_id = outcome.answer->apns_id;
    made.timestamp_ms = outcome.answer->timestamp_ms;
  }
  return made;
}

}  // namespace

Provider::Provider(ProviderOptions options)
    : queue_len_(options.queue_len),
      context_(completed(options.tls, options.client)),
      scratch_(tls::make_scratch(1)),
      tokens_(clock_) {
  if (options.provider_token) {
    token_source_ = tokens_.source(std::move(*options.provider_token));
  }
  options.client.provider_token = token_source_.get();
  options.retry.provider_token = token_source_.get();
  options.retry.clock = &clock_;
  OutcomeSink& sink = *this;
  client_ = std::make_unique<RetryingClient>(options.retry, sink, [&](OutcomeSink& inner) {
    return std::make_unique<Http2Client>(
        options.client, tls::make_transport(context_, clock_, scratch_, this, {}), inner);
  });
  client_->use_dialer(host_.make_dialer(*client_));
  host_.start();
}

Provider::~Provider() {
  drain(Duration::zero());
  host_.run_on(0, [this] { client_->release_dialer(); });
  host_.stop();
}

SendResult Provider::put(Notification& notification, Handler& handler) {
  const std::lock_guard lock(mutex_);
  if (is_draining_) {
    return SendResult::Draining;
  }
  if (waiting_.size() >= queue_len_) {
    return SendResult::Full;
  }
  waiting_.push_back(Waiting{std::move(notification), std::move(handler)});
  if (!std::exchange(is_handing_over_, true)) {
    host_.post(0, [this] { hand_over_posted(); });
  }
  return SendResult::Queued;
}

void Provider::start(Notification notification, Handler handler) {
  const SendResult result = put(notification, handler);
  if (result == SendResult::Queued) {
    return;
  }
  // Not from inside this call: a completion handler never is.
  auto shared = std::make_shared<Handler>(std::move(handler));
  host_.post(0, [this, shared, result] { complete(std::move(*shared), not_taken(result)); });
}

void Provider::hand_over_posted() {
  {
    const std::lock_guard lock(mutex_);
    is_handing_over_ = false;
  }
  hand_over();
}

void Provider::complete(Handler handler, PushOutcome outcome) {
  const auto executor = asio::get_associated_executor(handler, asio::system_executor());
  asio::dispatch(executor, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
    std::move(handler)(std::move(outcome));
  });
}

const Provider::Waiting* Provider::front() {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() ? nullptr : &waiting_.front();
}

Provider::Handler Provider::pop_front() {
  const std::lock_guard lock(mutex_);
  Handler handler = std::move(waiting_.front().handler);
  waiting_.pop_front();
  if (waiting_.empty()) {
    changed_.notify_all();
  }
  return handler;
}

void Provider::hand_over() {
  while (const Waiting* next = front()) {
    const SendResult result = client_->try_send(next->notification, next_ticket_);
    if (result == SendResult::Full) {
      return;  // writable() goes on
    }
    Handler handler = pop_front();
    if (result == SendResult::Queued) {
      open_.emplace(next_ticket_++, std::move(handler));
    } else {
      complete(std::move(handler), not_taken(result));
    }
  }
}

void Provider::outcomes(std::span<const Outcome> batch) {
  for (const Outcome& outcome : batch) {
    if (auto found = open_.extract(outcome.ticket)) {
      complete(std::move(found.mapped()), kept(outcome));
    }
  }
}

void Provider::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  client_->tls_failed(peer, failure);
}

void Provider::drain(Duration limit) {
  const auto begin = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  is_draining_ = true;
  const auto has_handed_over = [this] { return waiting_.empty(); };
  constexpr Duration kLongest = std::chrono::hours(24);  // what a condition variable can add to now
  changed_.wait_for(lock, std::min(limit, kLongest), has_handed_over);
  lock.unlock();
  host_.post(0, [this, limit, begin] {
    const Duration elapsed = std::chrono::steady_clock::now() - begin;
    client_->drain(std::max(limit - elapsed, Duration()));
    hand_over();  // what waits is not taken
  });
  lock.lock();
  changed_.wait(lock, [this] { return is_drained_; });
}

void Provider::drained() {
  const std::lock_guard lock(mutex_);
  is_drained_ = true;
  changed_.notify_all();
}

std::string Provider::last_error() {
  std::string error;
  host_.run_on(0, [&] { error = client_->last_error(); });
  return error;
}

ClientStats Provider::stats() {
  ClientStats stats;
  host_.run_on(0, [&] { stats = client_->stats(); });
  return stats;
}

}  // namespace apns::provider
