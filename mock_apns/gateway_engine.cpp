#include "mock_apns/gateway_engine.h"

#include <utility>

#include "apns/binary/error_packet.h"
#include "mock_apns/gateway_thread.h"

namespace apns::mock {

namespace {

using binary::Command;
using binary::FrameError;
using binary::FrameErrorInfo;
using binary::NotificationView;

Close to_close(FaultClose close) {
  switch (close) {
    case FaultClose::Fin:
      return Close::CloseNotifyThenDrain;
    case FaultClose::FinWithoutCloseNotify:
      return Close::FinOnly;
    case FaultClose::Rst:
      return Close::Reset;
    case FaultClose::HalfOpen:
      return Close::Vanish;
  }
  return Close::CloseNotifyThenDrain;
}

const char* to_ledger_text(Close close) {
  switch (close) {
    case Close::Reset:
      return "rst";
    case Close::Vanish:
      return "half-open";
    default:
      return "fin";
  }
}

/// Does the rule reject, whatever the verdict? Others only change how a rejection is answered.
bool is_by_rule(const FaultRule* rule) {
  return rule != nullptr &&
         (rule->then.reject || (rule->then.error_packet && rule->then.error_packet->status));
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
      decoder_(gateway.options_.profile->binary_payload_limit_framed),
      quiet_since_(now) {
  if (peer.certificate) {
    topic_ = peer.certificate->default_topic();
    auth_ = topic_.empty() ? peer.certificate->common_name : topic_;
  }
  auto& thread = *gateway_.threads_[thread_];
  thread.engines.insert(this);
  thread.connections.add(1);
  if (gateway_.ledger_ != nullptr) {
    LedgerEvent opened = event(EventKind::Connection, EventOutcome::Opened);
    opened.tls = tls_;
    opened.auth = auth_;
    gateway_.ledger_->add(std::move(opened));
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
    LedgerEvent closed = event(EventKind::Connection, EventOutcome::Closed);
    closed.by = ended_by_peer_ ? "provider" : "service";
    closed.close = how_ended_;
    gateway_.ledger_->add(std::move(closed));
  }
}

void GatewayEngine::apply_open_rules(TimePoint now) {
  if (gateway_.rules_ == nullptr) {
    return;
  }
  if (const FaultRule* rule = fire(FaultRule::Trigger::Open, nullptr)) {
    record_fired(*rule, 0);
    apply_without_reject(*rule, now);
  }
  await_silence(now);
}

void GatewayEngine::await_silence(TimePoint since) {
  quiet_since_ = since;
  const std::optional<Duration> idle = gateway_.rules_->idle_limit(subject({}));
  idle_deadline_ = idle ? since + *idle : kNever;
}

std::size_t GatewayEngine::feed(std::span<const std::byte> in, TimePoint now) {
  ByteReader reader(in);
  while (!ending_ && !stop_reading_) {
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
  if (gateway_.rules_ != nullptr) {
    await_silence(now);
  }
  if (stop_reading_ && !ending_) {
    return reader.position();
  }
  discard_rest(reader);  // nothing is left where the loop ended for want of bytes
  return in.size();
}

void GatewayEngine::take(const NotificationView& notification, TimePoint now) {
  ++nth_;
  auto& thread = *gateway_.threads_[thread_];
  thread.bytes.add(notification.wire_len);
  const FaultRule* rule = nullptr;
  if (gateway_.rules_ != nullptr) {
    rule = fire(FaultRule::Trigger::Notification, &notification);
  }
  const Verdict verdict = judge(notification, context());
  std::uint8_t status = static_cast<std::uint8_t>(verdict.status);
  if (rule != nullptr && rule->then.reject) {
    status = *rule->then.reject;
  } else if (rule != nullptr && rule->then.error_packet && rule->then.error_packet->status) {
    status = *rule->then.error_packet->status;
  }
  if (status == 0) {
    const std::uint64_t seq = accept(notification);
    if (rule != nullptr) {
      record_fired(*rule, seq);
      apply_without_reject(*rule, now);
    }
    return;
  }
  reject(notification, status, verdict, rule, now);
}

std::uint64_t GatewayEngine::accept(const NotificationView& notification) {
  auto& thread = *gateway_.threads_[thread_];
  const auto& scratch = gateway_.front_.scratch(thread_).bytes;
  const std::byte* const begin = notification.payload.data();
  const bool is_padded = begin >= scratch.data() && begin < scratch.data() + tls::Scratch::kLen;
  const bool is_json = thread.checker.is_json(notification.payload, is_padded);
  last_accepted_ = notification.identifier.value_or(0);
  thread.accepted.add(1);
  if (!is_json) {
    thread.not_json.add(1);
  }
  if (gateway_.ledger_ != nullptr) {
    LedgerEvent accepted = event(EventOutcome::Accepted, notification);
    accepted.payload_is_json = is_json;
    if (!is_json) {
      accepted.why =
          Why{"binary/payload-is-json", "a payload that is not JSON",
              "send a JSON object; the service takes it, but no phone will show anything"};
    }
    return gateway_.ledger_->add(std::move(accepted));
  }
  return 0;
}

GatewayEngine::Ending GatewayEngine::ending_of(const NotificationView& notification,
                                               std::uint8_t status, const FaultRule* rule) const {
  Ending ending;
  // Any error in the simple format: the connection is severed without a packet.
  if (notification.command != Command::Simple) {
    ending.status = status;
  }
  const bool is_shutdown = status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  ending.identifier = is_shutdown ? last_accepted_ : notification.identifier.value_or(0);
  if (rule == nullptr) {
    return ending;
  }
  if (rule->then.error_packet) {
    const ErrorPacketFault& packet = *rule->then.error_packet;
    ending.status = packet.status.value_or(status);
    ending.split = packet.split;
    ending.count = packet.count;
    if (packet.identifier == ErrorPacketFault::Identifier::Previous) {
      ending.identifier = last_accepted_;
    } else if (packet.identifier == ErrorPacketFault::Identifier::Number) {
      ending.identifier = packet.number;
    }
  }
  if (rule->then.close) {
    ending.close = to_close(*rule->then.close);
  }
  return ending;
}

void GatewayEngine::reject(const NotificationView& notification, std::uint8_t status,
                           const Verdict& verdict, const FaultRule* rule, TimePoint now) {
  auto& thread = *gateway_.threads_[thread_];
  const bool is_shutdown = status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  const Ending ending = ending_of(notification, status, rule);
  stop_reading_ = stop_reading_ || (rule != nullptr && rule->then.stop_reading);
  (is_shutdown ? thread.discarded : thread.rejected).add(1);
  if (gateway_.ledger_ != nullptr) {
    // Shutdown names the last one that was accepted; this one and what follows is discarded, not at
    // fault.
    LedgerEvent rejected =
        event(is_shutdown ? EventOutcome::Discarded : EventOutcome::Rejected, notification);
    rejected.status = status;
    if (!ending.status || ending.count == 0) {
      rejected.answered = false;
    }
    if (is_by_rule(rule)) {
      rejected.cause = "fault:" + rule->name;
    } else {
      rejected.cause = "rule";
      rejected.why = explain(verdict, notification, context());
    }
    const std::uint64_t seq = gateway_.ledger_->add(std::move(rejected));
    if (rule != nullptr) {
      record_fired(*rule, seq);
    }
  }
  end_after(rule != nullptr ? rule->then.delay : Duration{}, ending, now);
}

void GatewayEngine::take_error(const FrameErrorInfo& error, TimePoint now) {
  ++nth_;
  gateway_.threads_[thread_]->rejected.add(1);
  const Verdict verdict = judge(error);
  if (gateway_.ledger_ != nullptr) {
    LedgerEvent rejected = event(EventKind::Notification, EventOutcome::Rejected);
    rejected.nth = nth_;
    rejected.identifier = error.identifier;
    rejected.status = static_cast<std::uint8_t>(verdict.status);
    rejected.cause = "rule";
    rejected.why = explain(verdict, error);
    gateway_.ledger_->add(std::move(rejected));
  }
  end_after(Duration{},
            Ending{.status = static_cast<std::uint8_t>(verdict.status),
                   .identifier = error.identifier.value_or(0)},
            now);
}

void GatewayEngine::apply_without_reject(const FaultRule& rule, TimePoint now) {
  if (rule.then.stop_reading) {
    stop_reading_ = true;
  }
  if (rule.then.close) {
    Ending ending;
    ending.close = to_close(*rule.then.close);
    end_after(rule.then.delay, ending, now);
  }
}

void GatewayEngine::discard_rest(ByteReader& in) {
  while (in.left() > 0) {
    const auto decoded = decoder_.next(in);
    if (!decoded.has_value()) {
      return;
    }
    ++nth_;
    auto& thread = *gateway_.threads_[thread_];
    thread.discarded.add(1);
    thread.bytes.add(decoded.value().wire_len);
    if (gateway_.ledger_ != nullptr) {
      gateway_.ledger_->add(event(EventOutcome::Discarded, decoded.value()));
    }
  }
}

void GatewayEngine::end_after(Duration delay, Ending ending, TimePoint now) {
  if (ending_) {
    return;
  }
  ending_ = ending;
  ends_at_ = now + delay;
  if (delay <= Duration{}) {
    end_now();
  }
}

void GatewayEngine::end_now() {
  ends_at_ = kNever;
  if (ending_->status) {
    const auto packet = binary::encode_error_packet({*ending_->status, ending_->identifier});
    const std::size_t piece = ending_->split == 0 ? packet.size() : ending_->split;
    for (std::uint32_t i = 0; i < ending_->count; ++i) {
      for (ByteView rest(packet); !rest.empty();) {
        const std::size_t len = std::min(piece, rest.size());
        out_.append(rest.first(len));
        out_.add_break();
        rest = rest.subspan(len);
      }
    }
  }
  close_ = ending_->close;
  how_ended_ = to_ledger_text(close_);
}

void GatewayEngine::ended(End end, TimePoint /*now*/) {
  if (close_ != Close::None) {
    return;
  }
  ended_by_peer_ = true;
  how_ended_ = end == End::Reset ? "rst" : "fin";
  if (end == End::Reset) {
    close_ = Close::Reset;
  } else if (!ending_) {
    close_ = Close::CloseNotifyThenDrain;
  }
  // Else a provider that has finished writing still reads, and gets the packet when it is due.
}

TimePoint GatewayEngine::deadline() const {
  if (close_ != Close::None) {
    return kNever;
  }
  return ending_ ? ends_at_ : idle_deadline_;
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
  if (now < idle_deadline_) {
    return;
  }
  FaultRules::Subject silent = subject({});
  silent.silence = now - quiet_since_;
  if (const FaultRule* rule = gateway_.rules_->fire(FaultRule::Trigger::Idle, silent)) {
    record_fired(*rule, 0);
    apply_without_reject(*rule, now);
    await_silence(now);
  } else {
    await_silence(
        quiet_since_);  // another connection took the last firing; a longer one may be left
  }
}

void GatewayEngine::shut_down(TimePoint now) {
  end_after(Duration{}, shutdown_ending(), now);
  host_.wake(*this);
}

GatewayEngine::Ending GatewayEngine::shutdown_ending() const {
  return Ending{.status = static_cast<std::uint8_t>(BinaryStatus::Shutdown),
                .identifier = last_accepted_};
}

const FaultRule* GatewayEngine::fire(FaultRule::Trigger trigger,
                                     const NotificationView* notification) {
  std::string token_hex;
  if (notification != nullptr && gateway_.rules_->has_token_rules()) {
    token_hex = to_hex(notification->device_token);
  }
  return gateway_.rules_->fire(trigger, subject(token_hex));
}

FaultRules::Subject GatewayEngine::subject(std::string_view token_hex) const {
  return FaultRules::Subject{.environment = gateway_.options_.environment,
                             .connection = connection_,
                             .nth = nth_,
                             .topic = topic_,
                             .device_token_hex = token_hex};
}

VerdictContext GatewayEngine::context() const {
  return VerdictContext{*gateway_.options_.profile, topic_, gateway_.options_.open_world};
}

LedgerEvent GatewayEngine::event(EventKind kind, EventOutcome outcome) const {
  LedgerEvent event;
  event.at = gateway_.clock_.now();
  event.kind = kind;
  event.outcome = outcome;
  event.connection = connection_;
  event.environment = gateway_.options_.environment;
  return event;
}

LedgerEvent GatewayEngine::event(EventOutcome outcome, const NotificationView& notification) const {
  LedgerEvent made = event(EventKind::Notification, outcome);
  made.nth = nth_;
  made.identifier = notification.identifier;
  made.device_token = to_hex(notification.device_token);
  made.topic = topic_;
  made.priority = notification.priority;
  made.expiration = notification.expiration;
  made.payload = as_text(notification.payload);
  made.payload_bytes = notification.payload_len;
  if (outcome != EventOutcome::Accepted) {
    // Accepted payloads were checked already; here nothing depends on it but how the ledger prints
    // it.
    made.payload_is_json = gateway_.threads_[thread_]->checker.is_json(notification.payload, false);
  }
  return made;
}

void GatewayEngine::record_fired(const FaultRule& rule, std::uint64_t of) const {
  if (gateway_.ledger_ != nullptr) {
    LedgerEvent fired = event(EventKind::Fault, EventOutcome::Fired);
    fired.name = rule.name;
    fired.of = of;
    gateway_.ledger_->add(std::move(fired));
  }
}

}  // namespace apns::mock
