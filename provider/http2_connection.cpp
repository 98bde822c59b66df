#include "provider/http2_connection.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "apns/base/random.h"
#include "provider/provider_token_source.h"
#include "provider/said_reason.h"

namespace apns::provider {

namespace {

using http2::ErrorCode;
using http2::StreamEnd;
using http2::StreamId;

constexpr std::uint16_t kOk = 200;
constexpr std::uint16_t kForbidden = 403;  // what is wrong is who we are, or show to be
// Content that may wait for the windows of streams.
constexpr std::size_t kMaxQueuedBytes = 65'536;
constexpr std::string_view kPing = "are you?";
static_assert(kPing.size() == http2::kPingLen);
// Of a GOAWAY that has no reason to say, as much is told.
constexpr std::size_t kMaxToldDebug = 200;

std::string printable(std::string_view text) {
  std::string out(text.substr(0, kMaxToldDebug));
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~'; }, '.');
  return out;
}

/// The reasons that no new connection mends. Source: "Handling notification responses from APNs".
bool is_about_us(Reason reason) {
  return reason == Reason::BadCertificate || reason == Reason::BadCertificateEnvironment;
}

/// Up to a tenth early, so that connections of one age do not all end at once.
TimePoint retirement(const Http2ClientOptions& options, std::uint64_t nth, TimePoint now) {
  if (options.max_age == Duration::max()) {
    return kNever;
  }
  const double part = 1.0 - 0.1 * random_unit(random_u64(options.seed, nth, 0, 0));
  return later(
      now,
      Duration(static_cast<Duration::rep>(static_cast<double>(options.max_age.count()) * part)));
}

}  // namespace

Http2Connection::Http2Connection(Http2Shared& shared, DialPlan& plan, EngineHost& host,
                                 TimePoint now)
    : shared_(shared),
      options_(shared.options),
      plan_(plan),
      host_(host),
      fields_(options_.authority, options_.content_length),
      last_read_(now),
      retire_at_(retirement(options_, shared.stats.connections, now)),
      session_(shared.session, *this, shared.scratch, now) {}

Http2Connection::~Http2Connection() {
  is_dead_ = true;
  report_all(OutcomeReason::ConnectionLost);
  shared_.owner.destroyed(*this);
}

// ---- Engine ----

std::size_t Http2Connection::feed(std::span<const std::byte> in, TimePoint now) {
  last_read_ = now;
  pinged_at_ = kNever;
  const std::size_t taken = session_.feed(in, now);
  after_event(now);
  return taken;
}

void Http2Connection::ended(End end, TimePoint now) {
  // What an alert says is told by whoever observes TLS.
  if (end != End::Alert && !is_over() && !(is_retired_ && requests_.empty())) {
    tell_error(end == End::Reset ? "reset the connection" : "ended the connection without a word");
  }
  is_dead_ = true;
  session_.ended(end, now);
  after_event(now);
}

void Http2Connection::sent(std::size_t n, TimePoint now) {
  taken_bytes_ += n;
  session_.sent(n, now);
  if (shared_.wants_room) {
    after_event(now);
  }
}

TimePoint Http2Connection::deadline() const {
  if (is_over()) {
    return kNever;
  }
  const TimePoint idle = later(idle_since_, options_.idle_limit);
  const std::uint32_t oldest = requests_.oldest();
  const TimePoint request = oldest == 0 ? kNever : requests_[oldest].deadline;
  return std::min(
      {session_.deadline(), ping_time(), idle, request, is_retired_ ? kNever : retire_at_});
}

void Http2Connection::on_time(TimePoint now) {
  session_.on_time(now);
  if (!is_over()) {
    cancel_late(now);
    look_at_silence(now);
  }
  if (retire_at_ <= now) {
    retire();
  }
  if (!is_over() && later(idle_since_, options_.idle_limit) <= now) {
    say_goodbye();
  }
  after_event(now);
}

void Http2Connection::after_event(TimePoint now) {
  if (is_over()) {
    report_all(OutcomeReason::ConnectionLost);
  } else if (is_retired_ && requests_.empty()) {
    say_goodbye();
  } else if (requests_.empty() && is_ready_ && idle_since_ == kNever) {
    idle_since_ = now;
  }
  shared_.owner.after_event(now);
}

// ---- Requests ----

bool Http2Connection::has_room(std::size_t payload_len) const {
  if (!is_ready() || requests_.size() >= options_.max_streams || session_.num_openable() == 0 ||
      session_.pending().size() >= options_.pending_bytes) {
    return false;
  }
  const auto len = static_cast<std::int64_t>(payload_len);
  if (len > session_.peer_settings().initial_window) {
    // Whatever is waited for, no stream lets it out at once: the peer grants as it goes.
    return session_.queued_bytes() + payload_len <= std::max(kMaxQueuedBytes, payload_len);
  }
  // A peer may give its window back only when it is used up: then there is nothing to wait for.
  return len <= session_.send_window() || requests_.empty();
}

void Http2Connection::send(const Notification& notification, std::uint64_t ticket,
                           TimePoint deadline, TimePoint now) {
  assert(has_room(notification.payload.size()));
  session_.at(now);
  const std::string_view authorization = options_.provider_token == nullptr
                                             ? std::string_view()
                                             : options_.provider_token->authorization(now);
  const std::uint32_t number = requests_.open();
  const std::string& payload = notification.payload;
  const StreamId stream =
      session_.open_stream(fields_.of(notification, authorization), payload.empty(), number);
  assert(stream != 0);
  if (!payload.empty()) {
    session_.send_data(stream, as_bytes(payload), true);
  }
  OpenRequest& request = requests_[number];
  request.ticket = ticket;
  request.opened_at = now;
  request.deadline = deadline;
  request.stream = stream;
  request.token = options_.provider_token == nullptr ? 0 : options_.provider_token->number();
  if (request.token != shown_token_) {
    shown_token_ = request.token;
    shown_since_ = now;
  }
  request.ends_at = taken_bytes_ + session_.pending().size();
  request.is_in_parts = session_.queued_bytes() > 0 && session_.has_queued(stream);
  idle_since_ = kNever;
  if (stream + 2 > http2::kMaxStreamId || ++num_sent_ >= options_.max_requests) {
    retire();
  }
}

bool Http2Connection::may_be_processed(const OpenRequest& request) {
  return request.is_in_parts ? !session_.has_queued(request.stream)
                             : !is_dead_ || request.ends_at <= taken_bytes_;
}

/// Frees the streams of requests whose time is over.
void Http2Connection::cancel_late(TimePoint now) {
  bool is_silent = false;
  for (std::uint32_t oldest = requests_.oldest(); oldest != 0 && requests_[oldest].deadline <= now;
       oldest = requests_.oldest()) {
    const OpenRequest& request = requests_[oldest];
    const StreamId stream = request.stream;
    // What could not even be written waits for a peer that reads nothing.
    is_silent = is_silent || last_read_ <= request.opened_at || request.ends_at > taken_bytes_ ||
                later(last_read_, options_.ping_limit) <= now;
    ++shared_.stats.cancelled;
    ++unanswered_;
    settle_open(oldest, OutcomeReason::NoAnswer);
    session_.at(now);
    session_.reset(stream, ErrorCode::Cancel);
  }
  if (is_silent && pinged_at_ == kNever) {
    send_ping(now);
  }
  if (unanswered_ >= options_.max_unanswered && !is_retired_) {
    ++shared_.stats.unanswering;
    tell_error("leaves requests without an answer: " + std::to_string(unanswered_) +
               " in a row on one connection, which is left for another");
    retire();
  }
}

void Http2Connection::retire() {
  is_retired_ = true;
}

void Http2Connection::made_progress() {
  unanswered_ = 0;
  plan_.made_progress();
}

void Http2Connection::report_all(OutcomeReason reason) {
  for (std::uint32_t oldest = requests_.oldest(); oldest != 0; oldest = requests_.oldest()) {
    settle_open(oldest, reason);
  }
}

void Http2Connection::end(OutcomeReason reason) {
  // What is reported as unsent must not be written any more.
  is_dead_ = is_dead_ || !(requests_.empty() || session_.pending().empty());
  report_all(reason);
  if (is_dead_) {
    session_.hang_up(Close::CloseNotify);
  } else {
    say_goodbye();
  }
}

void Http2Connection::leave_if_token_is_replaced(TimePoint now) {
  if (!takes_more() || !is_token_replaced(now)) {
    return;
  }
  retire();
  if (requests_.empty()) {
    say_goodbye();
  }
}

bool Http2Connection::is_token_replaced(TimePoint now) {
  if (refused_token_ != 0) {
    return options_.provider_token->is_replaced(refused_token_, now);
  }
  if (shown_token_ == 0 || now >= later(shown_since_, options_.token_interval)) {
    return false;
  }
  (void)options_.provider_token->authorization(now);
  return options_.provider_token->number() != shown_token_;
}

void Http2Connection::say_goodbye() {
  assert(requests_.empty());
  if (!is_over()) {
    session_.goaway(0, ErrorCode::NoError);
    session_.hang_up();
  }
}

// ---- Silence ----

TimePoint Http2Connection::ping_time() const {
  return pinged_at_ != kNever ? later(pinged_at_, options_.ping_limit)
                              : later(last_read_, options_.ping_after);
}

void Http2Connection::send_ping(TimePoint now) {
  session_.ping(as_bytes(kPing).first<http2::kPingLen>());
  pinged_at_ = now;
}

void Http2Connection::look_at_silence(TimePoint now) {
  if (ping_time() > now) {
    return;
  }
  if (pinged_at_ == kNever) {
    send_ping(now);
    return;
  }
  tell_error("says nothing any more, though the connection is up: no answer to a PING");
  is_dead_ = true;
  session_.hang_up(Close::Reset);
}

// ---- SessionEvents ----

void Http2Connection::message(const http2::Message& message) {
  const auto number = static_cast<std::uint32_t>(session_.user(message.stream));
  if (number == 0) {
    return;
  }
  if (message.kind == http2::MessageKind::Response) {
    OpenRequest& request = requests_[number];
    request.status = message.head.status;
    const auto id =
        std::ranges::find(message.fields, std::string_view("apns-id"), &http2::Field::name);
    if (id != message.fields.end()) {
      request.apns_id = id->value.substr(0, OpenRequest::kMaxBody);
    }
  }
  if (message.end_stream) {
    answer_is_whole(message.stream);
  }
}

void Http2Connection::data(StreamId stream, ByteView content, bool end_stream) {
  if (const auto number = static_cast<std::uint32_t>(session_.user(stream)); number != 0) {
    std::string& body = requests_[number].body;
    body += as_text(content.first(std::min(
        content.size(), OpenRequest::kMaxBody - std::min(OpenRequest::kMaxBody, body.size()))));
  }
  if (end_stream) {
    answer_is_whole(stream);
  }
}

/// The answer may come before the request has gone out: then the rest of it is not wanted (RFC 9113
/// section 8.1).
void Http2Connection::answer_is_whole(StreamId stream) {
  if (session_.queued_bytes() > 0 && session_.has_queued(stream)) {
    session_.reset(stream, ErrorCode::Cancel);
  }
}

void Http2Connection::closed(StreamId stream, StreamEnd end, ErrorCode code, std::uint64_t user) {
  const auto number = static_cast<std::uint32_t>(user);
  if (number != 0 && requests_[number].stream == stream) {
    settle(number, end, code);
  }
}

void Http2Connection::settings(std::span<const http2::Setting> /*entries*/,
                               std::uint64_t /*position*/) {
  is_ready_ = true;
}

void Http2Connection::goaway(StreamId /*last_stream*/, ErrorCode code, std::string_view debug) {
  if (!std::exchange(is_retired_, true)) {
    ++shared_.stats.goaways;
  }
  const SaidReason said = read_reason(debug);
  const bool is_routine = code == ErrorCode::NoError && debug.empty();
  if (is_routine) {
    return;
  }
  std::string text = "ended the connection by GOAWAY (" +
                     http2::error_code_text(static_cast<std::uint32_t>(code)) + ")";
  if (said.known) {
    const ReasonRow& row = row_of(*said.known);
    text += ": " + std::string(row.name) + ", " + std::string(row.cause);
    shared_.is_misconfigured = shared_.is_misconfigured || is_about_us(*said.known);
  } else if (!debug.empty()) {
    text += ": " + printable(said.text.empty() ? debug : said.text);
  }
  tell_error(text);
}

void Http2Connection::violation(const http2::Violation& violation) {
  const http2::RuleRow& row = http2::rule_row(violation.rule);
  std::string text = "broke a rule of HTTP/2: " + std::string(row.says);
  if (!violation.detail.empty()) {
    text += " (" + printable(violation.detail) + ")";
  }
  tell_error(text + ", " + std::string(row.section));
}

void Http2Connection::bound_hit(const http2::BoundHit& hit) {
  tell_error(hit.bound == http2::Bound::PrefaceTime
                 ? "does not speak HTTP/2, or not in time"
                 : "went beyond a bound: " + std::string(http2::bound_row(hit.bound).says) + " " +
                       http2::limit_text(hit.bound, hit.limit));
}

void Http2Connection::tell_error(const std::string& what) {
  if (!std::exchange(is_error_told_, true)) {
    shared_.last_error = options_.service.to_string() + " " + what;
  }
}

// ---- Outcomes ----

void Http2Connection::settle(std::uint32_t number, StreamEnd end, ErrorCode code) {
  const bool is_refused = end == StreamEnd::ResetByPeer && code == ErrorCode::RefusedStream;
  if (end == StreamEnd::ResetByPeer) {
    made_progress();
  }
  if (requests_[number].status != 0) {
    settle_by_answer(number);
  } else if (end == StreamEnd::Unprocessed || is_refused) {
    settle_without_answer(number, OutcomeKind::Rejected, OutcomeReason::NotProcessed);
  } else if (end == StreamEnd::ResetByPeer) {
    settle_without_answer(number, OutcomeKind::Unknown, OutcomeReason::Reset,
                          static_cast<std::uint32_t>(code));
  } else {
    settle_without_answer(number, OutcomeKind::Unknown, OutcomeReason::BadAnswer);
  }
}

void Http2Connection::settle_by_answer(std::uint32_t number) {
  OpenRequest& request = requests_[number];
  HttpAnswer answer;
  answer.apns_id = request.apns_id;
  Outcome outcome{request.ticket, OutcomeKind::Sent, OutcomeReason::None, request.status, &answer};
  if (request.status != kOk) {
    const SaidReason said = read_reason(request.body);
    answer.reason = said.known;
    answer.reason_text = said.text;
    answer.timestamp_ms = said.timestamp_ms;
    outcome.kind = OutcomeKind::Rejected;
    outcome.reason = OutcomeReason::Status;
    if (said.known) {
      look_at_refusal(request, *said.known);
    }
  }
  shared_.outcomes.add(outcome);
  made_progress();
  requests_.close(number);
}

void Http2Connection::look_at_refusal(const OpenRequest& request, Reason reason) {
  const ReasonRow& row = row_of(reason);
  if (row.status != kForbidden) {
    return;
  }
  // Whatever is shown on a connection behind a token that was too old is refused as well (observed:
  // pushy's TokenAuthenticationApnsClientHandler): another one needs another connection.
  if (reason == Reason::ExpiredProviderToken && options_.provider_token != nullptr) {
    refused_token_ = request.token;
    if (options_.provider_token->is_replaced(request.token, last_read_)) {
      is_retired_ = true;
    } else {
      tell_refusal(
          "calls a provider token too old that is less than 20 minutes old by this machine's "
          "clock: look at the clock");
    }
    return;
  }
  tell_refusal("answered " + std::to_string(row.status) + " " + std::string(row.name) + ": " +
               std::string(row.cause));
}

void Http2Connection::tell_refusal(const std::string& what) {
  if (!is_error_told_ && !std::exchange(is_refusal_told_, true)) {
    shared_.last_error = options_.service.to_string() + " " + what;
  }
}

void Http2Connection::settle_without_answer(std::uint32_t number, OutcomeKind kind,
                                            OutcomeReason reason, std::uint32_t reset_code) {
  HttpAnswer answer;
  answer.reset_code = reset_code;
  shared_.outcomes.add(Outcome{requests_[number].ticket, kind, reason, 0, &answer});
  requests_.close(number);
}

void Http2Connection::settle_open(std::uint32_t number, OutcomeReason reason) {
  if (requests_[number].status != 0) {
    settle_by_answer(number);
  } else if (may_be_processed(requests_[number])) {
    settle_without_answer(number, OutcomeKind::Unknown, reason);
  } else {
    settle_without_answer(number, OutcomeKind::Rejected, OutcomeReason::Unsent);
  }
}

}  // namespace apns::provider
