#include "provider/http2_client.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "provider/tls_refusal.h"

namespace apns::provider {

namespace {

constexpr std::uint16_t kDefaultPort = 443;
constexpr std::size_t kDefaultPayloadLimit = 4096;

Http2ClientOptions completed(Http2ClientOptions options) {
  if (options.authority.empty()) {
    options.authority =
        options.service.port == kDefaultPort ? options.service.host : options.service.to_string();
  }
  return options;
}

void set_up(http2::SessionOptions& session, const Http2ClientOptions& options) {
  session.role = http2::Role::Client;
  session.settings = {{http2::SettingId::EnablePush, 0}};
  session.huffman = options.huffman;
  session.limits.open_streams = static_cast<std::uint32_t>(options.max_streams);
  session.limits.header_list_bytes = 16'384;
  // Two ends that both write much and do not read would wait for each other for ever: what is
  // pending is bounded by the requests (Http2ClientOptions::pending_bytes).
  session.limits.high_water = std::numeric_limits<std::size_t>::max();
  // A service may refuse all that is open at once, and again.
  session.limits.resets = {100'000, 10'000};
}

}  // namespace

Http2Client::Http2Client(Http2ClientOptions options, Transport transport, OutcomeSink& sink)
    : transport_(std::move(transport)),
      sink_(sink),
      shared_{completed(std::move(options)), {}, *this, {}, {}, {}, {}, false, false},
      options_(shared_.options),
      pool_(shared_) {
  set_up(shared_.session, options_);
  if (options_.proxy) {
    transport_ = proxy_transport(*options_.proxy, options_.service, std::move(transport_), *this);
  }
}

Http2Client::~Http2Client() = default;

// ---- Sending ----

SendResult Http2Client::check(const Notification& notification) const {
  if (is_stopped_) {
    return SendResult::Stopped;
  }
  if (is_draining_) {
    return SendResult::Draining;
  }
  if (options_.check_payload) {
    const std::size_t limit = notification.push_type ? row_of(*notification.push_type).payload_limit
                                                     : kDefaultPayloadLimit;
    if (notification.payload.empty()) {
      return SendResult::PayloadEmpty;
    }
    if (notification.payload.size() > limit) {
      return SendResult::PayloadTooLong;
    }
  }
  return RequestFields::is_legal(notification) ? SendResult::Queued : SendResult::FieldIllegal;
}

SendResult Http2Client::try_send(const Notification& notification, std::uint64_t ticket) {
  const SendResult result = check(notification);
  if (result != SendResult::Queued) {
    return result;
  }
  const TimePoint now = pool_.dialer().now();
  const TimePoint deadline = later(now, options_.request_limit);
  refused_len_ = notification.payload.size();
  if (queue_.empty()) {
    if (Http2Connection* connection = pool_.with_room(refused_len_, now)) {
      connection->send(notification, ticket, deadline, now);
      connection->wake();
      return SendResult::Queued;
    }
  }
  if (!has_queue_room()) {
    shared_.wants_room = true;
    return SendResult::Full;
  }
  queue_.push_back(Queued{notification, ticket, deadline});
  queued_bytes_ += notification.payload.size();
  pool_.open_one(now);
  set_alarm();
  return SendResult::Queued;
}

void Http2Client::warm_up() {
  pool_.warm_up(pool_.dialer().now());
  set_alarm();
}

/// For what a connection will take that comes, or could.
bool Http2Client::has_queue_room() const {
  return pool_.may_grow() && queue_.size() < options_.queue_len &&
         queued_bytes_ < options_.queue_bytes;
}

/// For one more payload of refused_len_ bytes.
bool Http2Client::has_room() const {
  return (queue_.empty() && pool_.has_room(refused_len_)) || has_queue_room();
}

void Http2Client::send_queued(TimePoint now) {
  while (!queue_.empty()) {
    const Queued& next = queue_.front();
    Http2Connection* connection = pool_.with_room(next.notification.payload.size(), now);
    if (connection == nullptr) {
      return;
    }
    connection->send(next.notification, next.ticket, next.deadline, now);
    connection->wake();
    queued_bytes_ -= next.notification.payload.size();
    queue_.pop_front();
  }
}

void Http2Client::reject_front() {
  shared_.outcomes.add(
      Outcome{queue_.front().ticket, OutcomeKind::Rejected, OutcomeReason::Unsent, 0, nullptr});
  queued_bytes_ -= queue_.front().notification.payload.size();
  queue_.pop_front();
}

/// Those whose time is over by then; kNever: all.
void Http2Client::reject_queued_until(TimePoint now) {
  const bool was_empty = queue_.empty();
  while (!queue_.empty() && (now == kNever || queue_.front().deadline <= now)) {
    reject_front();
  }
  if (!was_empty && queue_.empty()) {
    pool_.forget_failures();
  }
}

// ---- Ending ----

void Http2Client::drain(Duration limit) {
  is_draining_ = true;
  drain_deadline_ = std::min(drain_deadline_, later(pool_.dialer().now(), limit));
  is_event_due_ = true;
  set_alarm();
}

void Http2Client::stop(const std::string& why) {
  is_stopped_ = true;
  shared_.last_error = why;
  pool_.close();
  end_all(OutcomeReason::ConnectionLost);
  is_event_due_ = true;
  set_alarm();
}

void Http2Client::end_all(OutcomeReason reason) {
  reject_queued_until(kNever);
  pool_.end_all(reason);
}

void Http2Client::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  if (const auto refusal = certificate_refusal(failure, "the service")) {
    stop(*refusal);
    return;
  }
  pool_.failed(peer.connection, ": " + failure.text);
}

void Http2Client::proxy_failed(const PeerInfo& peer, const std::string& what, bool is_final) {
  if (is_final) {
    stop(options_.service.to_string() + what);
    return;
  }
  pool_.failed(peer.connection, what);
}

bool Http2Client::is_over() const {
  return queue_.empty() && pool_.is_over();
}

std::size_t Http2Client::num_open() const {
  return queue_.size() + pool_.num_open();
}

// ---- Connections ----

std::unique_ptr<Engine> Http2Client::connected(const PeerInfo& peer, EngineHost& host,
                                               TimePoint now) {
  return transport_(
      peer, host,
      [this](const PeerInfo& known, EngineHost& inner_host,
             TimePoint when) -> std::unique_ptr<Engine> {
        return pool_.is_dialling(known.connection) && !is_stopped_ && speaks_http2(known)
                   ? pool_.make_connection(known.connection, inner_host, when)
                   : nullptr;
      },
      now);
}

/// RFC 9113 section 3.2: over TLS it is HTTP/2 where "h2" was agreed on.
bool Http2Client::speaks_http2(const PeerInfo& peer) {
  if (peer.tls_version.empty() || peer.alpn == "h2") {
    return true;
  }
  pool_.failed(peer.connection, " did not choose \"h2\" by ALPN: it is no HTTP/2 service");
  return false;
}

void Http2Client::gone(std::uint64_t connection, Gone why, const std::string& detail,
                       TimePoint now) {
  pool_.gone(connection, why, detail);
  after_event(now);
}

// ---- Events ----

void Http2Client::on_alarm(TimePoint now) {
  if (is_draining_ && now >= drain_deadline_) {
    drain_deadline_ = kNever;
    end_all(OutcomeReason::DrainLimit);
    pool_.drop_all();
  }
  reject_queued_until(now);
  give_up_if_hopeless(now);
  pool_.on_time(!queue_.empty(), now);
  after_event(now);
}

void Http2Client::give_up_if_hopeless(TimePoint now) {
  if (pool_.is_hopeless(now)) {
    reject_queued_until(kNever);
    pool_.give_up();
  }
}

void Http2Client::after_event(TimePoint now) {
  is_event_due_ = false;
  look(now);
  tell_sink();
  set_alarm();
}

void Http2Client::look(TimePoint now) {
  if (shared_.is_misconfigured && !is_stopped_) {
    is_stopped_ = true;  // what is open may yet be answered
    pool_.close();
    reject_queued_until(kNever);
  }
  send_queued(now);
  if (is_draining_ && queue_.empty()) {
    pool_.abandon_attempts();
    pool_.end_idle();
  }
  give_up_if_hopeless(now);
  pool_.look(!queue_.empty(), now);
}

void Http2Client::tell_sink() {
  if (!shared_.outcomes.empty()) {
    shared_.outcomes.hand_to(sink_);
  }
  // When nothing is taken any more, too: who waits learns it from the next try_send.
  if (shared_.wants_room && (is_stopped_ || has_room())) {
    shared_.wants_room = false;
    sink_.writable();
  }
  if (is_draining_ && !drained_said_ && is_over() && shared_.outcomes.empty()) {
    drained_said_ = true;
    sink_.drained();
  }
}

void Http2Client::set_alarm() {
  TimePoint when =
      is_event_due_ || !shared_.outcomes.empty() ? pool_.dialer().now() : pool_.deadline();
  if (!queue_.empty()) {
    when = std::min(when, queue_.front().deadline);
  }
  if (is_draining_ && !drained_said_) {
    when = std::min(when, drain_deadline_);
  }
  pool_.dialer().set_alarm(when);
}

}  // namespace apns::provider
