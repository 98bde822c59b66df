#include "mock_apns/gateway_engine.h"

#include <utility>

#include "mock_apns/gateway_thread.h"
#include "mock_apns/world/world.h"

namespace apns::mock {

namespace {

using binary::FrameError;
using binary::FrameErrorInfo;
using binary::NotificationView;

/// The status that rejects: that of the action, else that of the verdict. 0: it is accepted.
std::uint8_t status_of(const FaultAction* action, const Verdict& verdict) {
  if (action != nullptr && action->reject) {
    return *action->reject;
  }
  if (action != nullptr && action->error_packet && action->error_packet->status) {
    return *action->error_packet->status;
  }
  return static_cast<std::uint8_t>(verdict.status);
}

/// What a stranger's first bytes look like, for one helpful line in the log.
std::string stranger_text(ByteView first) {
  const std::string_view text = as_text(first);
  if (text.starts_with("PRI ")) {
    return "these are HTTP/2 bytes on the binary gateway's port; the gateway speaks the legacy "
           "binary protocol "
           "only.";
  }
  if (text.starts_with("GET ") || text.starts_with("POST")) {
    return "these are HTTP/1 bytes on the binary gateway's port; the gateway speaks the legacy "
           "binary protocol "
           "only.";
  }
  return "the first byte is " + to_hex(first.first(1)) +
         ", which is no command of the binary protocol (00, 01 or 02).";
}

}  // namespace

GatewayEngine::GatewayEngine(Gateway& gateway, const PeerInfo& peer, EngineHost& host,
                             TimePoint now)
    : gateway_(gateway),
      host_(host),
      connection_(peer.connection),
      thread_(peer.thread),
      topic_(gateway.options_.plain_topic),
      tls_(peer.tls_version),
      peer_address_(peer.peer_address),
      opened_at_(gateway.clock_.now()),
      decoder_(gateway.options_.profile->binary_payload_limit_framed),
      quiet_since_(now) {
  if (peer.certificate) {
    topic_ = peer.certificate->default_topic();
    auth_ = topic_.empty() ? peer.certificate->common_name : topic_;
  }
  if (gateway_.options_.world != nullptr) {
    topic_id_ = gateway_.options_.world->topic_id(topic_);
  }
  auto& thread = *gateway_.threads_[thread_];
  thread.engines.insert(this);
  thread.connections.add(1);
  if (gateway_.ledger_ != nullptr) {
    LedgerRecord opened = record(EventKind::Connection, EventOutcome::Opened);
    opened.tls = tls_;
    opened.auth = auth_;
    gateway_.ledger_->add(thread_, opened);
  }
  apply_open_rules(now);
  if (thread.is_shut_down) {
    end_after(Duration{}, shutdown_ending(),
              now);  // its handshake was not over when the others were told
  }
}

GatewayEngine::~GatewayEngine() {
  gateway_.threads_[thread_]->engines.erase(this);
  if (gateway_.ledger_ != nullptr) {
    LedgerRecord closed = record(EventKind::Connection, EventOutcome::Closed);
    closed.by = ended_by_peer_ ? "provider" : "service";
    closed.close = how_ended_;
    gateway_.ledger_->add(thread_, closed);
  }
}

void GatewayEngine::apply_open_rules(TimePoint now) {
  const auto rule = fire(FaultRule::Trigger::Open, nullptr, now);
  if (rule != nullptr) {
    record_fired(*rule, 0);
    apply_without_reject(rule->then, now);
  }
  await_silence(now, now);
}

void GatewayEngine::await_silence(TimePoint since, TimePoint now) {
  quiet_since_ = since;
  idle_deadline_ = since + gateway_.options_.profile->gateway_idle_limit;
  if (gateway_.rules_ != nullptr) {
    idle_deadline_ =
        std::min(idle_deadline_, gateway_.rules_->idle_deadline(subject({}, now), since));
  }
}

std::size_t GatewayEngine::feed(std::span<const std::byte> in, TimePoint now) {
  if (gateway_.ledger_ == nullptr) {
    return take_bytes(in, now);
  }
  // What arrives together is written down with one time: to read the clock costs a fifth of an
  // event.
  arrived_at_ = gateway_.clock_.now();
  const std::size_t taken = take_bytes(in, now);
  arrived_at_.reset();
  return taken;
}

std::size_t GatewayEngine::take_bytes(std::span<const std::byte> in, TimePoint now) {
  if (is_discarding_) {
    ByteReader backlog(in);
    discard_rest(backlog);
    return in.size();
  }
  const std::size_t allowed = ending_ ? in.size() : pace_.take(in.size(), now);
  ByteReader reader(in.first(allowed));
  while (!ending_ && !pace_.is_stopped() && !is_delayed_) {
    const auto decoded = decoder_.next(reader);
    if (decoded.need_more()) {
      break;
    }
    if (decoded.has_error()) {
      if (nth_ == 0 && decoded.error().error == FrameError::BadCommand) {
        gateway_.problem(connection_, "binary", stranger_text(reader.rest()));
      }
      take_error(decoded.error(), now);
    } else {
      take(decoded.value(), now);
    }
  }
  await_silence(now, now);
  if (ending_) {
    discard_rest(reader);
    return in.size();
  }
  return wants_read() ? in.size() : reader.position();
}

void GatewayEngine::take(const NotificationView& notification, TimePoint now) {
  ++nth_;
  gateway_.threads_[thread_]->bytes.add(notification.wire_len);
  const auto rule = fire(FaultRule::Trigger::Notification, &notification, now);
  const Verdict verdict = judge(notification, context());
  const Cause cause = cause_of(rule.get(), verdict);
  if (cause.action != nullptr && cause.action->no_answer) {
    lose(notification, cause);
    apply_without_reject(*cause.action, now);
    return;
  }
  const std::uint8_t status = status_of(cause.action, verdict);
  if (status != 0) {
    reject(notification, status, verdict, cause, now);
    return;
  }
  const std::uint64_t seq = accept(notification, verdict);
  if (rule != nullptr) {
    record_fired(*rule, seq);
  }
  if (cause.action != nullptr) {
    apply_without_reject(*cause.action, now);
    if (cause.action->delay > Duration{} && !ending_) {
      pause(cause.action->delay, now);
    }
  }
}

void GatewayEngine::pause(Duration delay, TimePoint now) {
  is_delayed_ = true;
  pace_.pause_until(now + delay);
}

void GatewayEngine::lose(const NotificationView& notification, const Cause& cause) {
  gateway_.threads_[thread_]->discarded.add(1);
  const std::uint64_t seq = record_lost(notification, cause.text());
  if (cause.rule != nullptr) {
    record_fired(*cause.rule, seq);
  }
}

GatewayEngine::Cause GatewayEngine::cause_of(const FaultRule* rule, const Verdict& verdict) {
  if (rule != nullptr) {
    return Cause{.action = &rule->then, .rule = rule};
  }
  if (verdict.magic && verdict.magic->fate == MagicToken::Fate::Faulty) {
    return Cause{.action = &verdict.magic->action, .is_magic = true};
  }
  return Cause{};
}

std::uint64_t GatewayEngine::accept(const NotificationView& notification, const Verdict& verdict) {
  auto& thread = *gateway_.threads_[thread_];
  const auto& scratch = gateway_.front_.scratch(thread_).bytes;
  const std::byte* const begin = notification.payload.data();
  const bool is_padded = begin >= scratch.data() && begin < scratch.data() + tls::Scratch::kLen;
  const bool is_json = thread.checker.is_json(notification.payload, is_padded);
  last_accepted_ = notification.identifier.value_or(0);
  ++num_accepted_;
  thread.accepted.add(1);
  if (!is_json) {
    thread.not_json.add(1);
  }
  const std::uint64_t seq = record_accepted(notification, is_json);
  if (World* world = gateway_.options_.world) {
    if (verdict.magic && verdict.magic->times > 0) {
      world->drawn(notification.device_token);
    }
    world->accepted(AcceptedPush{.device_token = notification.device_token,
                                 .payload = as_text(notification.payload),
                                 .expiration = notification.expiration,
                                 .priority = notification.priority,
                                 .of = seq,
                                 .thread = thread_},
                    verdict.token, verdict.magic, topic_id_, gateway_.options_.environment);
  }
  return seq;
}

void GatewayEngine::reject(const NotificationView& notification, std::uint8_t status,
                           const Verdict& verdict, const Cause& cause, TimePoint now) {
  auto& thread = *gateway_.threads_[thread_];
  const bool is_shutdown = status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  const Ending ending = ending_of(notification, status, cause.action);
  if (cause.action != nullptr) {
    pace_.begin(*cause.action);
  }
  if (is_shutdown) {
    thread.discarded.add(1);
  } else {
    thread.count_rejected(status);
  }
  const std::uint64_t seq =
      record_rejected(notification, status, verdict, cause, ending.status && ending.count > 0);
  if (cause.rule != nullptr) {
    record_fired(*cause.rule, seq);
  }
  if (World* world = gateway_.options_.world) {
    if (verdict.magic && verdict.magic->times > 0 && cause.is_magic) {
      world->drawn(notification.device_token);
    }
    if (verdict.token && verdict.token->state == TokenState::Inactive && !verdict.accepted()) {
      world->rejected_as_inactive(notification.device_token, seq, thread_);
    }
  }
  end_after(cause.action != nullptr ? cause.action->delay : Duration{}, ending, now);
}

void GatewayEngine::take_error(const FrameErrorInfo& error, TimePoint now) {
  ++nth_;
  is_framing_lost_ = true;
  const Verdict verdict = judge(error);
  gateway_.threads_[thread_]->count_rejected(static_cast<std::uint8_t>(verdict.status));
  record_rejected(error, verdict);
  end_after(Duration{},
            Ending{.status = static_cast<std::uint8_t>(verdict.status),
                   .identifier = error.identifier.value_or(0)},
            now);
}

void GatewayEngine::apply_without_reject(const FaultAction& action, TimePoint now) {
  pace_.begin(action);
  if (!action.close) {
    say(action.raw);
  } else {
    Ending ending;
    shape(ending, action);
    end_after(action.delay, ending, now);
  }
}

void GatewayEngine::discard_rest(ByteReader& in) {
  while (in.left() > 0) {
    const auto decoded = decoder_.next(in);
    if (!decoded.has_value()) {
      is_framing_lost_ = is_framing_lost_ || decoded.has_error();
      return;
    }
    ++nth_;
    auto& thread = *gateway_.threads_[thread_];
    thread.discarded.add(1);
    thread.bytes.add(decoded.value().wire_len);
    record_discarded(decoded.value());
  }
}

TimePoint GatewayEngine::deadline() const {
  if (close_ != Close::None) {
    return kNever;
  }
  if (ending_) {
    return ends_at_;
  }
  return pace_.is_paused() ? pace_.resumes_at() : idle_deadline_;
}

void GatewayEngine::on_time(TimePoint now) {
  if (close_ != Close::None) {
    return;
  }
  if (ending_) {
    if (now >= ends_at_) {
      end_now();
    }
    return;
  }
  if (pace_.resume(now)) {
    is_delayed_ = false;
    say(words_after_pause_);
    words_after_pause_.clear();
    end_if_idle(now);
  }
}

void GatewayEngine::end_if_idle(TimePoint now) {
  if (now < idle_deadline_) {
    return;
  }
  std::shared_ptr<const FaultRule> rule;
  if (gateway_.rules_ != nullptr) {
    FaultRules::Subject silent = subject({}, now);
    silent.silence = now - quiet_since_;
    rule = gateway_.rules_->fire(FaultRule::Trigger::Idle, silent);
  }
  if (rule != nullptr) {
    record_fired(*rule, 0);
    apply_without_reject(rule->then, now);
    await_silence(now, now);
  } else if (now - quiet_since_ >= gateway_.options_.profile->gateway_idle_limit) {
    end_after(Duration{}, Ending{}, now);
  } else {
    // Another connection took the last firing; a longer one may be left.
    await_silence(quiet_since_, now);
  }
}

std::shared_ptr<const FaultRule> GatewayEngine::fire(FaultRule::Trigger trigger,
                                                     const NotificationView* notification,
                                                     TimePoint now) {
  if (gateway_.rules_ == nullptr || !gateway_.rules_->has(trigger)) {
    return nullptr;
  }
  std::string token_hex;
  if (notification != nullptr && gateway_.rules_->has_token_rules()) {
    token_hex = to_hex(notification->device_token);
  }
  return gateway_.rules_->fire(trigger, subject(token_hex, now));
}

FaultRules::Subject GatewayEngine::subject(std::string_view token_hex, TimePoint now) const {
  return FaultRules::Subject{.environment = gateway_.options_.environment,
                             .connection = connection_,
                             .nth = nth_,
                             .topic = topic_,
                             .device_token_hex = token_hex,
                             .now = now};
}

VerdictContext GatewayEngine::context() const {
  return VerdictContext{.profile = *gateway_.options_.profile,
                        .topic = topic_,
                        .environment = gateway_.options_.environment,
                        .world = gateway_.options_.world,
                        .topic_id = topic_id_};
}

}  // namespace apns::mock
