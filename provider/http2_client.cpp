#include "provider/http2_client.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "provider/tls_refusal.h"

namespace apns::provider {

namespace {

/// What is ending and does not get there: a peer that reads nothing, say.
constexpr Duration kLingerLimit = std::chrono::seconds(10);
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
      plan_(options_.dial) {
  set_up(shared_.session, options_);
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
  const TimePoint now = dialer_->now();
  leave_if_token_is_replaced(now);
  refused_len_ = notification.payload.size();
  if (!has_room()) {
    shared_.wants_room = true;
    return SendResult::Full;
  }
  const TimePoint deadline = later(now, options_.request_limit);
  if (connection_ != nullptr && connection_->is_ready()) {
    connection_->send(notification, ticket, deadline, now);
    connection_->wake();
    return SendResult::Queued;
  }
  queue_.push_back(Queued{notification, ticket, deadline});
  queued_bytes_ += notification.payload.size();
  if (state_ == State::Idle) {
    if (plan_.is_over(now)) {
      plan_.made_progress();  // those before it gave up, it begins anew
    }
    dial_or_wait(now);
  }
  set_alarm();
  return SendResult::Queued;
}

/// For one more payload of refused_len_ bytes.
bool Http2Client::has_room() const {
  if (connection_ != nullptr && connection_->is_ready()) {
    return queue_.empty() && connection_->has_room(refused_len_);
  }
  return queue_.size() < options_.queue_len && queued_bytes_ < options_.queue_bytes;
}

void Http2Client::send_queued(TimePoint now) {
  if (queue_.empty() || connection_ == nullptr) {
    return;
  }
  const std::size_t before = queue_.size();
  while (!queue_.empty() && connection_->has_room(queue_.front().notification.payload.size())) {
    const Queued& next = queue_.front();
    connection_->send(next.notification, next.ticket, next.deadline, now);
    queued_bytes_ -= next.notification.payload.size();
    queue_.pop_front();
  }
  if (queue_.size() < before) {
    connection_->wake();
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
    plan_.made_progress();  // what comes next begins anew
    if (state_ == State::Waiting) {
      abandon_attempt();
    }
  }
}

// ---- Ending ----

void Http2Client::drain(Duration limit) {
  is_draining_ = true;
  drain_deadline_ = std::min(drain_deadline_, later(dialer_->now(), limit));
  is_event_due_ = true;
  set_alarm();
}

void Http2Client::stop(const std::string& why) {
  is_stopped_ = true;
  shared_.last_error = why;
  end_all(OutcomeReason::ConnectionLost);
  if (state_ == State::Waiting) {
    abandon_attempt();
  }
  is_event_due_ = true;
  set_alarm();
}

void Http2Client::end_all(OutcomeReason reason) {
  reject_queued_until(kNever);
  const auto end = [reason](Http2Connection* connection) {
    if (connection != nullptr) {
      connection->end(reason);
      connection->wake();
    }
  };
  end(connection_);
  for (const Ending& one : ending_) {
    end(one.connection);
  }
}

void Http2Client::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  if (const auto refusal = certificate_refusal(failure, "the service")) {
    stop(*refusal);
    return;
  }
  shared_.last_error = options_.service.to_string() + ": " + failure.text;
  is_failure_told_ = is_failure_told_ || peer.connection == dialled_;
}

bool Http2Client::is_over() const {
  return queue_.empty() && state_ == State::Idle && ending_.empty();
}

std::size_t Http2Client::num_open() const {
  std::size_t n = queue_.size() + (connection_ == nullptr ? 0 : connection_->num_open());
  for (const Ending& one : ending_) {
    n += one.connection == nullptr ? 0 : one.connection->num_open();
  }
  return n;
}

// ---- Connections ----

std::unique_ptr<Engine> Http2Client::connected(const PeerInfo& peer, EngineHost& host,
                                               TimePoint now) {
  return transport_(
      peer, host,
      [this](const PeerInfo& known, EngineHost& inner_host,
             TimePoint when) -> std::unique_ptr<Engine> {
        const bool is_wanted = known.connection == dialled_ && state_ == State::Dialling;
        return is_wanted && !is_stopped_ && speaks_http2(known) ? make_connection(inner_host, when)
                                                                : nullptr;
      },
      now);
}

/// RFC 9113 section 3.2: over TLS it is HTTP/2 where "h2" was agreed on.
bool Http2Client::speaks_http2(const PeerInfo& peer) {
  if (peer.tls_version.empty() || peer.alpn == "h2") {
    return true;
  }
  shared_.last_error =
      options_.service.to_string() + " did not choose \"h2\" by ALPN: it is no HTTP/2 service";
  is_failure_told_ = true;
  return false;
}

std::unique_ptr<Engine> Http2Client::make_connection(EngineHost& host, TimePoint now) {
  auto connection = std::make_unique<Http2Connection>(shared_, host, now);
  connection_ = connection.get();
  state_ = State::Up;
  ++shared_.stats.connections;
  return connection;
}

void Http2Client::destroyed(const Http2Connection& connection) {
  if (connection_ == &connection) {
    connection_ = nullptr;
  }
  for (Ending& one : ending_) {
    if (one.connection == &connection) {
      one.connection = nullptr;
    }
  }
}

void Http2Client::gone(std::uint64_t connection, Gone why, const std::string& detail,
                       TimePoint now) {
  std::erase_if(ending_, [connection](const Ending& one) { return one.number == connection; });
  if (connection == dialled_) {
    if (state_ == State::Dialling && !is_stopped_ && !is_failure_told_) {
      shared_.last_error = options_.service.to_string() + " " + to_string(why) +
                           (detail.empty() ? "" : " (" + detail + ")");
    }
    dialled_ = 0;
    state_ = State::Idle;
  }
  after_event(now);
}

void Http2Client::detach(TimePoint drop_at) {
  ending_.push_back(Ending{dialled_, connection_, drop_at});
  dialled_ = 0;
  connection_ = nullptr;
  state_ = State::Idle;
}

void Http2Client::leave_if_token_is_replaced(TimePoint now) {
  if (state_ != State::Up || connection_ == nullptr) {
    return;
  }
  const bool took_more = connection_->takes_more();
  connection_->leave_if_token_is_replaced(now);
  if (took_more && !connection_->takes_more()) {
    connection_->wake();
    detach(kNever);
  }
}

void Http2Client::abandon_attempt() {
  if (state_ == State::Waiting) {
    state_ = State::Idle;
    dial_at_ = kNever;
  } else if (state_ == State::Dialling) {
    detach(TimePoint());
  }
}

void Http2Client::connect_again(TimePoint now) {
  if (queue_.empty() || is_stopped_ || state_ != State::Idle) {
    return;
  }
  if (plan_.is_over(now)) {
    reject_queued_until(kNever);
    return;
  }
  dial_or_wait(now);
}

void Http2Client::dial_or_wait(TimePoint now) {
  if (plan_.is_fresh()) {
    dial(now);
    return;
  }
  dial_at_ = now + plan_.pause(options_.seed, shared_.stats.connections, 0);
  state_ = State::Waiting;
}

void Http2Client::dial(TimePoint now) {
  plan_.began(now);
  is_failure_told_ = false;
  dial_at_ = kNever;
  state_ = State::Dialling;
  dialled_ = dialer_->dial(options_.service, options_.dial.connect);
}

// ---- Events ----

void Http2Client::on_alarm(TimePoint now) {
  if (is_draining_ && now >= drain_deadline_) {
    drain_deadline_ = kNever;
    end_all(OutcomeReason::DrainLimit);
    abandon_attempt();
    if (state_ == State::Up) {
      detach(TimePoint());
    }
    for (Ending& one : ending_) {
      one.drop_at = TimePoint();
    }
  }
  reject_queued_until(now);
  if ((state_ == State::Dialling || state_ == State::Waiting) && plan_.give_up_at() <= now) {
    reject_queued_until(kNever);
    abandon_attempt();
  }
  if (state_ == State::Waiting && now >= dial_at_) {
    dial(now);
  }
  for (Ending& one : ending_) {
    if (one.drop_at <= now) {
      one.drop_at = kNever;  // gone() follows
      dialer_->drop(one.number);
    }
  }
  after_event(now);
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
    reject_queued_until(kNever);
  }
  leave_if_token_is_replaced(now);
  if (state_ == State::Up && connection_ != nullptr && !connection_->takes_more()) {
    detach(kNever);
  }
  send_queued(now);
  if (is_draining_ && queue_.empty()) {
    if (state_ != State::Up) {
      abandon_attempt();
    } else if (connection_ != nullptr && connection_->num_open() == 0) {
      connection_->end(OutcomeReason::DrainLimit);
      connection_->wake();
      detach(kNever);
    }
  }
  for (Ending& one : ending_) {
    if (one.drop_at == kNever && one.connection != nullptr && one.connection->is_over()) {
      one.drop_at = later(now, kLingerLimit);
    }
  }
  connect_again(now);
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
  TimePoint when = is_event_due_ || !shared_.outcomes.empty() ? dialer_->now() : kNever;
  when = std::min(when, dial_at_);
  if (state_ == State::Dialling || state_ == State::Waiting) {
    when = std::min(when, plan_.give_up_at());
  }
  if (!queue_.empty()) {
    when = std::min(when, queue_.front().deadline);
  }
  for (const Ending& one : ending_) {
    when = std::min(when, one.drop_at);
  }
  if (is_draining_ && !drained_said_) {
    when = std::min(when, drain_deadline_);
  }
  dialer_->set_alarm(when);
}

}  // namespace apns::provider
