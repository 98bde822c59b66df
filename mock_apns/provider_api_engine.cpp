#include "mock_apns/provider_api_engine.h"

#include <algorithm>
#include <utility>

#include "mock_apns/provider_api_thread.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

namespace {

using http2::ErrorCode;
using http2::StreamId;

// Larger than any payload that is accepted: of one that is too large only the length matters.
constexpr std::size_t kMaxKeptBody = 5120;
// A place whose body took more gives it back.
constexpr std::size_t kKeepCapacity = 8192;

constexpr std::string_view kTooManyStreams = "Maximum active streams violated for this endpoint.";

}  // namespace

ProviderApiEngine::ProviderApiEngine(ProviderApi& api, const PeerInfo& peer, EngineHost& host,
                                     TimePoint now)
    : api_(api),
      host_(host),
      connection_(peer.connection),
      thread_(peer.thread),
      certificate_(peer.certificate == nullptr && peer.tls_version.empty()
                       ? api.options_.plain_identity
                       : peer.certificate),
      tls_(peer.tls_version),
      alpn_(peer.alpn),
      peer_address_(peer.peer_address),
      opened_at_(api.clock_.now()),
      now_(now),
      session_(session_options(), *this, api.threads_[thread_]->scratch, now),
      stream_limit_(first_limit()),
      usual_limit_(profile().max_concurrent_streams),
      quiet_since_(now) {
  auto& thread = *api_.threads_[thread_];
  thread.engines.insert(this);
  thread.connections.add(1);
  if (certificate_) {
    const std::string_view topic = certificate_->default_topic();
    auth_ = topic.empty() ? certificate_->common_name : std::string(topic);
  }
  record_opened();
  apply_open_rules();
  if (session_.is_over()) {
    return;  // by a rule
  }
  if (certificate_ && !certificate_->serves(api_.options_.environment)) {
    // As it was captured: sideshow/apns2#93, #117.
    session_.goaway(0, ErrorCode::NoError, row_of(Reason::BadCertificateEnvironment).body);
    end(Close::CloseNotify);
  } else if (thread.is_shut_down) {
    shut_down(now);  // its handshake was not over when the others were told
  }
}

ProviderApiEngine::~ProviderApiEngine() {
  api_.threads_[thread_]->engines.erase(this);
  record_closed();
}

const Http2Profile& ProviderApiEngine::profile() const {
  return api_.options_.profile->http2;
}

const http2::SessionOptions& ProviderApiEngine::session_options() const {
  return certificate_ ? *api_.with_certificate_ : *api_.with_provider_token_;
}

std::uint32_t ProviderApiEngine::first_limit() const {
  const bool is_limited = !certificate_ && profile().one_stream_until_token;
  return is_limited ? 1 : profile().max_concurrent_streams;
}

// ---- Engine ----

std::size_t ProviderApiEngine::feed(std::span<const std::byte> in, TimePoint now) {
  now_ = now;
  if (api_.ledger_ != nullptr) {
    arrived_at_ = api_.clock_.now();  // what arrives together is written down with one time
  }
  const std::size_t allowed = pace_.take(in.size(), now);
  const std::size_t taken = session_.feed(in.first(allowed), now);
  session_.pause_reading(!pace_.reads());
  await_silence(now);
  arrived_at_.reset();
  return session_.is_over() ? in.size() : taken;
}

void ProviderApiEngine::ended(End end, TimePoint now) {
  now_ = now;
  if (!session_.is_over()) {
    ended_by_peer_ = true;
    how_ended_ = end == End::Reset ? "rst" : "fin";
  }
  session_.ended(end, now);
  end_if_done();
}

void ProviderApiEngine::sent(std::size_t n, TimePoint now) {
  now_ = now;
  session_.sent(n, now);
  end_if_done();
}

TimePoint ProviderApiEngine::deadline() const {
  if (session_.is_over()) {
    return kNever;
  }
  // Who is not read cannot be silent.
  const TimePoint pause_or_idle = pace_.is_paused() ? pace_.resumes_at() : idle_deadline_;
  return std::min({session_.deadline(), due_.next(), held_.due, pause_or_idle});
}

void ProviderApiEngine::on_time(TimePoint now) {
  now_ = now;
  session_.at(now);
  const bool is_reading = pace_.resume(now);
  session_.pause_reading(!pace_.reads());
  while (!session_.is_over()) {
    const std::optional<std::uint32_t> place = due_.take_due(now);
    if (!place) {
      break;
    }
    conclude(requests_[*place]);
  }
  if (now >= held_.due) {
    const Held held = std::exchange(held_, Held{});
    act(*held.action);
  }
  if (is_reading) {
    end_if_idle();
  }
  session_.on_time(now);
  end_if_done();
}

// ---- Requests ----

void ProviderApiEngine::message(const http2::Message& message) {
  if (message.kind == http2::MessageKind::Trailers) {
    if (Request* const request = arriving(message.stream)) {
      request->has_ended = true;
      finish(*request, request->body);
    }
    return;
  }
  const std::uint32_t place = take_place();
  session_.set_user(message.stream, place + 1);
  Request& request = requests_[place];
  begin(request, message);
  if (message.end_stream) {
    finish(request, {});
  } else if (profile().early_rejection != EarlyRejection::Never) {
    reject_early(request);
  }
}

void ProviderApiEngine::data(StreamId stream, ByteView content, bool end_stream) {
  Request* const request = arriving(stream);
  if (request == nullptr) {
    return;  // it is decided already
  }
  request->has_ended = end_stream;
  request->body_len += content.size();
  if (end_stream && request->body.empty()) {
    finish(*request, content);  // it came whole
    return;
  }
  const std::size_t room = kMaxKeptBody - std::min(kMaxKeptBody, request->body.size());
  const ByteView kept = content.first(std::min(room, content.size()));
  request->body.insert(request->body.end(), kept.begin(), kept.end());
  if (end_stream) {
    finish(*request, request->body);
  }
}

void ProviderApiEngine::closed(StreamId stream, http2::StreamEnd end, ErrorCode code,
                               std::uint64_t user) {
  if (Request* const request = request_of(stream, user)) {
    switch (request->state) {
      case Request::State::Arriving:
        api_.threads_[thread_]->discarded.add(1);
        record_cut_off(*request, end, code);
        free(*request);
        break;
      case Request::State::Waiting:
        give_up_waiting(*request);
        break;
      case Request::State::Silent:
      case Request::State::Free:
        free(*request);
        break;
    }
  }
  end_if_done();
}

void ProviderApiEngine::goaway(StreamId /*last_stream*/, ErrorCode /*code*/,
                               std::string_view /*debug*/) {
  is_goaway_received_ = true;
  end_if_done();
}

/// Nothing more is to be said to anybody: those who wait for our end get it.
void ProviderApiEngine::end_if_done() {
  // Who is not read any more asks for nothing, and opens no windows.
  const bool is_done =
      pace_.is_stopped() ? due_.size() == 0 : num_open_ == 0 && session_.queued_bytes() == 0;
  if (session_.is_over() || !is_done) {
    return;
  }
  if (ends_when_done_) {
    end(*ends_when_done_);
  } else if (session_.is_finishing()) {
    session_.hang_up(ended_by_peer_ ? Close::CloseNotify : Close::CloseNotifyThenDrain);
  } else if (is_goaway_received_ && session_.num_streams() == 0) {
    // Who says GOAWAY waits for our end. Our choice: the RFC leaves it to either side.
    ended_by_peer_ = true;
    how_ended_ = "fin";
    session_.hang_up();
  }
}

std::uint32_t ProviderApiEngine::take_place() {
  if (free_places_.empty()) {
    requests_.emplace_back();
    return static_cast<std::uint32_t>(requests_.size() - 1);
  }
  const std::uint32_t place = free_places_.back();
  free_places_.pop_back();
  return place;
}

ProviderApiEngine::Request* ProviderApiEngine::request_of(StreamId stream, std::uint64_t user) {
  if (user == 0 || requests_[user - 1].stream != stream) {
    return nullptr;
  }
  return &requests_[user - 1];
}

ProviderApiEngine::Request* ProviderApiEngine::arriving(StreamId stream) {
  Request* const request = request_of(stream, session_.user(stream));
  return request != nullptr && request->state == Request::State::Arriving ? request : nullptr;
}

std::uint32_t ProviderApiEngine::place_of(const Request& request) const {
  return static_cast<std::uint32_t>(&request - requests_.data());
}

StreamId ProviderApiEngine::leave(Request& request) {
  const bool is_waited_for =
      request.state == Request::State::Arriving || request.state == Request::State::Waiting;
  num_open_ -= is_waited_for && request.stream != 0 ? 1U : 0U;
  request.state = Request::State::Free;
  return std::exchange(request.stream, 0);
}

void ProviderApiEngine::free(Request& request) {
  (void)leave(request);
  request.cause = Cause{};
  request.body.clear();
  if (request.body.capacity() > kKeepCapacity) {
    request.body.shrink_to_fit();
  }
  free_places_.push_back(place_of(request));
}

void ProviderApiEngine::begin(Request& request, const http2::Message& message) {
  const PushHead head(message);
  ++num_open_;
  request.state = Request::State::Arriving;
  request.is_caused = false;
  request.has_ended = message.end_stream;
  request.stream = message.stream;
  request.nth = ++nth_;
  streams_.note(request.nth, request.stream);
  request.body_len = 0;
  request.why = Why{};
  judge_head(request, head);
  request.device_token = DeviceToken::parse(head.device_token);
  request.topic = topic_of(head, certificate_.get());
  request.collapse_id = head.text(PushField::CollapseId).substr(0, kMaxCollapseIdLen);
  request.push_type = head.push_type;
  request.priority = head.priority;
  request.expiration = head.expiration;
  request.is_head = head.method == "HEAD";
  if (head.is_id_uuid) {
    std::ranges::copy(head.text(PushField::Id), request.id.begin());
  } else {
    request.id = make_id(2 * request.nth, true);
  }
}

/// What a stranger's first bytes look like, for one helpful line in the log.
std::string ProviderApiEngine::stranger_text(const http2::Violation& violation) {
  if (violation.detail == "an HTTP/1.x request") {
    return "these are HTTP/1.x bytes on the HTTP/2 port. Use a client that speaks HTTP/2 (curl "
           "--http2).";
  }
  if (http2::kPreface.starts_with(as_text(violation.frame))) {
    return "half of HTTP/2's connection preface, and then nothing.";
  }
  return "these bytes are not HTTP/2: " + std::string(violation.detail) +
         ". The binary protocol is on the gateway's port.";
}

std::uint64_t ProviderApiEngine::accept(Request& request, ByteView payload,
                                        const PushVerdict& verdict) {
  auto& thread = *api_.threads_[thread_];
  const auto& scratch = api_.front_.scratch(thread_).bytes;
  const std::byte* const begin = payload.data();
  const bool is_padded = begin >= scratch.data() && begin < scratch.data() + tls::Scratch::kLen;
  const bool is_json = thread.checker.is_json(payload, is_padded);
  ++num_accepted_;
  thread.accepted.add(1);
  if (!is_json) {
    thread.not_json.add(1);
  }
  const std::uint64_t seq = record_accepted(request, payload, is_json);
  if (World* world = api_.options_.world) {
    const ByteView device_token = request.device_token->bytes();
    if (verdict.magic && verdict.magic->times > 0) {
      world->drawn(device_token);
    }
    world->accepted(AcceptedPush{.device_token = device_token,
                                 .payload = as_text(payload),
                                 .expiration = request.expiration,
                                 .priority = request.priority,
                                 .push_type = request.push_type,
                                 .collapse_id = request.collapse_id,
                                 .of = seq,
                                 .thread = thread_},
                    verdict.token, verdict.magic, topic_id(request.topic),
                    api_.options_.environment);
  }
  return seq;
}

std::uint64_t ProviderApiEngine::reject(Request& request, ByteView payload,
                                        const PushVerdict& verdict) {
  api_.threads_[thread_]->count_rejected(request.reply.reason);
  const std::uint64_t seq = record_rejected(request, payload);
  if (World* world = api_.options_.world) {
    if (verdict.token && verdict.token->state == TokenState::Inactive && !verdict.accepted()) {
      world->rejected_as_inactive(request.device_token->bytes(), seq, thread_);
    }
  }
  return seq;
}

std::uint64_t ProviderApiEngine::lose(Request& request, ByteView payload) {
  api_.threads_[thread_]->discarded.add(1);
  return record_lost(request, payload);
}

// ---- The connection ----

void ProviderApiEngine::limit_streams(std::uint32_t limit) {
  if (limit == stream_limit_ || session_.is_over()) {
    return;
  }
  const std::array settings = {http2::Setting(http2::SettingId::MaxConcurrentStreams, limit)};
  if (session_.send_settings(settings)) {
    stream_limit_ = limit;
  }
}

void ProviderApiEngine::end(Close how) {
  if (!session_.is_over()) {
    how_ended_ = ledger_text_of(how);
    session_.hang_up(how);
  }
}

void ProviderApiEngine::violation(const http2::Violation& violation) {
  api_.threads_[thread_]->violations.add(1);
  record_violation(violation);
  if (violation.rule == http2::Rule::PrefaceInvalid) {
    api_.problem(connection_, "http2", stranger_text(violation));
  }
  if (violation.rule == http2::Rule::TooManyStreams && profile().goaway_past_limit) {
    // As it was captured: golang/go#17265.
    const StreamId refused = violation.stream;
    session_.goaway(refused - std::min(refused, 2U), ErrorCode::RefusedStream, kTooManyStreams);
    end(Close::CloseNotifyThenDrain);
  }
}

void ProviderApiEngine::bound_hit(const http2::BoundHit& hit) {
  const http2::BoundRow& row = bound_row(hit.bound);
  api_.problem(connection_, "http2",
               "bound " + std::string(row.id) + ": " + std::string(row.says) + " " +
                   http2::limit_text(hit.bound, hit.limit) + ".");
}

}  // namespace apns::mock
