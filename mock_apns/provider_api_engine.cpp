#include "mock_apns/provider_api_engine.h"

#include <algorithm>
#include <utility>

#include "mock_apns/provider_api_thread.h"
#include "mock_apns/topic_scope.h"
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
      session_(certificate_ ? *api.with_certificate_ : *api.with_provider_token_, *this,
               api.threads_[thread_]->scratch, now),
      stream_limit_(certificate_ || !profile().one_stream_until_token
                        ? profile().max_concurrent_streams
                        : 1) {
  auto& thread = *api_.threads_[thread_];
  thread.engines.insert(this);
  thread.connections.add(1);
  if (certificate_) {
    const std::string_view topic = certificate_->default_topic();
    auth_ = topic.empty() ? certificate_->common_name : std::string(topic);
  }
  record_opened();
  if (certificate_ && !certificate_->serves(api_.options_.environment)) {
    // As it was captured: sideshow/apns2#93, #117.
    const ReasonRow& row = row_of(Reason::BadCertificateEnvironment);
    say_goaway(0, ErrorCode::NoError, row.body);
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

PushContext ProviderApiEngine::context() const {
  return PushContext{.profile = *api_.options_.profile,
                     .environment = api_.options_.environment,
                     .certificate = certificate_.get(),
                     .world = api_.options_.world};
}

// ---- Engine ----

std::size_t ProviderApiEngine::feed(std::span<const std::byte> in, TimePoint now) {
  now_ = now;
  if (api_.ledger_ == nullptr) {
    return session_.feed(in, now);
  }
  // What arrives together is written down with one time.
  arrived_at_ = api_.clock_.now();
  const std::size_t taken = session_.feed(in, now);
  arrived_at_.reset();
  return taken;
}

void ProviderApiEngine::ended(End end, TimePoint now) {
  now_ = now;
  if (!session_.is_over()) {
    ended_by_peer_ = true;
    how_ended_ = end == End::Reset ? "rst" : "fin";
  }
  session_.ended(end, now);
}

void ProviderApiEngine::on_time(TimePoint now) {
  now_ = now;
  session_.on_time(now);
}

// ---- What people do ----

void ProviderApiEngine::shut_down(TimePoint now) {
  session_.at(now);
  goaway_ = row_of(Reason::Shutdown).body;
  session_.shut_down(ErrorCode::NoError, goaway_);
  host_.wake(*this);
}

void ProviderApiEngine::hang_up() {
  end(Close::CloseNotify);
  host_.wake(*this);
}

void ProviderApiEngine::reset(TimePoint now) {
  now_ = now;
  session_.at(now);
  nth_ = 0;
  num_accepted_ = 0;
  tokens_.reset();
  limit_streams(certificate_ || !profile().one_stream_until_token ? profile().max_concurrent_streams
                                                                  : 1);
  host_.wake(*this);
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
  info.state = session_.is_over() ? ConnectionState::Closing : ConnectionState::Reading;
  info.notifications = nth_;
  info.accepted = num_accepted_;
  return info;
}

// ---- Requests ----

void ProviderApiEngine::message(const http2::Message& message) {
  if (message.kind == http2::MessageKind::Trailers) {
    if (const std::uint64_t place = session_.user(message.stream); place != 0) {
      Request& request = requests_[place - 1];
      finish(request, request.body);
    }
    return;
  }
  const std::uint32_t place = take_place();
  session_.set_user(message.stream, place + 1);
  Request& request = requests_[place];
  begin(request, message);
  if (message.end_stream) {
    finish(request, {});
  }
}

void ProviderApiEngine::data(StreamId stream, ByteView content, bool end_stream) {
  const std::uint64_t place = session_.user(stream);
  if (place == 0) {
    return;
  }
  Request& request = requests_[place - 1];
  request.body_len += content.size();
  if (end_stream && request.body.empty()) {
    finish(request, content);  // it came whole
    return;
  }
  const std::size_t room = kMaxKeptBody - std::min(kMaxKeptBody, request.body.size());
  const ByteView kept = content.first(std::min(room, content.size()));
  request.body.insert(request.body.end(), kept.begin(), kept.end());
  if (end_stream) {
    finish(request, request.body);
  }
}

void ProviderApiEngine::closed(StreamId stream, http2::StreamEnd end, ErrorCode code,
                               std::uint64_t user) {
  if (user != 0 && requests_[user - 1].stream == stream) {
    Request& request = requests_[user - 1];
    // Neither answered nor to be.
    api_.threads_[thread_]->discarded.add(1);
    record_discarded(request, end, code);
    free(request);
  }
  end_if_done();
}

void ProviderApiEngine::goaway(StreamId /*last_stream*/, ErrorCode /*code*/,
                               std::string_view /*debug*/) {
  is_goaway_received_ = true;
  end_if_done();
}

/// Who says GOAWAY waits for our end. Our choice: the RFC leaves it to either side.
void ProviderApiEngine::end_if_done() {
  if (is_goaway_received_ && session_.num_streams() == 0 && !session_.is_over()) {
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

void ProviderApiEngine::free(Request& request) {
  request.stream = 0;
  request.body.clear();
  if (request.body.capacity() > kKeepCapacity) {
    request.body.shrink_to_fit();
  }
  free_places_.push_back(static_cast<std::uint32_t>(&request - requests_.data()));
}

void ProviderApiEngine::begin(Request& request, const http2::Message& message) {
  const PushHead head(message);
  const PushContext look = context();
  Why* const why = api_.ledger_ != nullptr ? &request.why : nullptr;
  request.stream = message.stream;
  request.nth = ++nth_;
  request.arrived = now_;
  request.body_len = 0;
  request.why = Why{};
  request.verdict = judge_line(head, look, why);
  if (request.verdict.accepted()) {
    request.verdict = judge_credential(head, why);
  }
  if (request.verdict.accepted()) {
    request.verdict = judge_fields(head, look, why);
  }
  if (request.verdict.accepted() && !certificate_) {
    request.verdict = judge_scope(topic_of(head, nullptr), tokens_, why);
  }
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
  return "these bytes are not HTTP/2: " + std::string(violation.detail) +
         ". The binary protocol is on the gateway's port.";
}

PushVerdict ProviderApiEngine::judge_credential(const PushHead& head, Why* why) {
  if (certificate_) {
    return PushVerdict{};
  }
  const TokenTime time = TokenTime::of(api_.clock_);
  const TokenContext look{.policy = profile().provider_token,
                          .environment = api_.options_.environment,
                          .verifier = api_.threads_[thread_]->verifier,
                          .memory = *api_.options_.token_memory};
  const TokenVerdict verdict = tokens_.check(head.text(PushField::Authorization), time, look);
  if (!verdict.accepted() && why != nullptr) {
    *why = tokens_.explain(verdict, time, look);
  }
  tokens_.commit(verdict, time, look);
  if (verdict.accepted()) {
    limit_streams(profile().max_concurrent_streams);
  }
  return PushVerdict{.reason = reason_of(verdict.outcome, profile()),
                     .rule = rule_of(verdict.outcome)};
}

void ProviderApiEngine::finish(Request& request, ByteView payload) {
  api_.threads_[thread_]->bytes.add(request.body_len);
  PushVerdict verdict = request.verdict;
  if (verdict.accepted()) {
    const PushBody body{.device_token = request.device_token,
                        .topic = request.topic,
                        .topic_id = topic_id(request.topic),
                        .push_type = request.push_type.value_or(PushType::Alert),
                        .payload_len = request.body_len};
    verdict = judge_body(body, context(), api_.ledger_ != nullptr ? &request.why : nullptr);
  }
  const bool is_accepted = verdict.accepted();
  is_accepted ? accept(request, payload, verdict) : reject(request, payload, verdict);
  if (profile().one_stream_after_rejection) {
    limit_streams(is_accepted ? profile().max_concurrent_streams : 1);
  }
}

void ProviderApiEngine::accept(Request& request, ByteView payload, const PushVerdict& verdict) {
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
  answer(request, nullptr, std::nullopt);
  if (World* world = api_.options_.world) {
    const ByteView device_token = request.device_token->bytes();
    if (verdict.magic && verdict.magic->times > 0) {
      world->drawn(device_token);
    }
    world->accepted(AcceptedPush{.device_token = device_token,
                                 .payload = as_text(payload),
                                 .expiration = request.expiration,
                                 .priority = request.priority,
                                 .of = seq,
                                 .thread = thread_},
                    verdict.token, verdict.magic, topic_id(request.topic),
                    api_.options_.environment);
  }
  free(request);
}

void ProviderApiEngine::reject(Request& request, ByteView payload, const PushVerdict& verdict) {
  api_.threads_[thread_]->count_rejected(*verdict.reason);
  const std::uint64_t seq = record_rejected(request, payload, verdict);
  answer(request, &row_of(*verdict.reason), verdict.timestamp_ms);
  if (World* world = api_.options_.world) {
    if (verdict.token && verdict.token->state == TokenState::Inactive) {
      world->rejected_as_inactive(request.device_token->bytes(), seq, thread_);
    }
  }
  free(request);
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

void ProviderApiEngine::say_goaway(StreamId last, ErrorCode code, std::string_view debug) {
  goaway_ = debug;
  session_.goaway(last, code, debug);
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
    say_goaway(session_.last_peer_stream(), ErrorCode::RefusedStream, kTooManyStreams);
    end(Close::CloseNotifyThenDrain);
  }
}

void ProviderApiEngine::bound_hit(const http2::BoundHit& hit) {
  const http2::BoundRow& row = bound_row(hit.bound);
  api_.problem(connection_, "http2",
               "bound " + std::string(row.id) + ": " + std::string(row.says) + " " +
                   std::to_string(hit.limit) + ".");
}

std::uint32_t ProviderApiEngine::topic_id(std::string_view topic) {
  if (api_.options_.world == nullptr) {
    return 0;
  }
  if (topic != last_topic_ || last_topic_id_ == 0) {
    last_topic_ = topic;
    last_topic_id_ = api_.options_.world->topic_id(topic);
  }
  return last_topic_id_;
}

}  // namespace apns::mock
