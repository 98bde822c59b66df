// What a gateway's connection tells the ledger. Nothing is made when there is none.
#include <string>

#include "mock_apns/gateway_engine.h"
#include "mock_apns/gateway_thread.h"
#include "mock_apns/ledger.h"

namespace apns::mock {

using binary::FrameErrorInfo;
using binary::NotificationView;

std::string GatewayEngine::Cause::text() const {
  return is_magic ? "magic" : rule != nullptr ? "fault:" + rule->name : "rule";
}

LedgerRecord GatewayEngine::record(EventKind kind, EventOutcome outcome) const {
  LedgerRecord made;
  made.at = arrived_at_ ? *arrived_at_ : gateway_.clock_.now();
  made.kind = kind;
  made.outcome = outcome;
  made.connection = connection_;
  made.environment = gateway_.options_.environment;
  return made;
}

LedgerRecord GatewayEngine::record(EventOutcome outcome,
                                   const NotificationView& notification) const {
  LedgerRecord made = record(EventKind::Notification, outcome);
  made.nth = nth_;
  made.identifier = notification.identifier;
  made.device_token = notification.device_token;
  made.topic = topic_;
  made.priority = notification.priority;
  made.expiration = notification.expiration;
  made.payload = notification.payload;
  made.payload_bytes = notification.payload_len;
  if (outcome != EventOutcome::Accepted) {
    // Accepted payloads were checked already; here nothing depends on it but how the ledger prints
    // it.
    made.payload_is_json = gateway_.threads_[thread_]->checker.is_json(notification.payload, false);
  }
  return made;
}

std::uint64_t GatewayEngine::record_accepted(const NotificationView& notification,
                                             bool is_json) const {
  if (gateway_.ledger_ == nullptr) {
    return 0;
  }
  LedgerRecord accepted = record(EventOutcome::Accepted, notification);
  accepted.payload_is_json = is_json;
  if (!is_json) {
    accepted.why = WhyView{"binary/payload-is-json", "a payload that is not JSON",
                           "send a JSON object; the service takes it, but no phone will show "
                           "anything"};
  }
  return gateway_.ledger_->add(thread_, accepted);
}

std::uint64_t GatewayEngine::record_lost(const NotificationView& notification,
                                         const std::string& cause) const {
  if (gateway_.ledger_ == nullptr) {
    return 0;
  }
  LedgerRecord lost = record(EventOutcome::Discarded, notification);
  lost.answered = false;
  lost.cause = cause;
  return gateway_.ledger_->add(thread_, lost);
}

std::uint64_t GatewayEngine::record_rejected(const NotificationView& notification,
                                             std::uint8_t status, const Verdict& verdict,
                                             const Cause& cause, bool is_answered) const {
  if (gateway_.ledger_ == nullptr) {
    return 0;
  }
  // Shutdown names the last one that was accepted; this one and what follows is discarded, not at
  // fault.
  const bool is_shutdown = status == static_cast<std::uint8_t>(BinaryStatus::Shutdown);
  LedgerRecord rejected =
      record(is_shutdown ? EventOutcome::Discarded : EventOutcome::Rejected, notification);
  rejected.status = status;
  if (!is_answered) {
    rejected.answered = false;
  }
  std::string text = "rule";
  Why why;
  if (cause.rejects()) {
    text = cause.text();
  } else {
    why = explain(verdict, notification, context());
    rejected.why = view(why);
  }
  rejected.cause = text;
  return gateway_.ledger_->add(thread_, rejected);
}

void GatewayEngine::record_rejected(const FrameErrorInfo& error, const Verdict& verdict) const {
  if (gateway_.ledger_ == nullptr) {
    return;
  }
  LedgerRecord rejected = record(EventKind::Notification, EventOutcome::Rejected);
  rejected.nth = nth_;
  rejected.identifier = error.identifier;
  rejected.status = static_cast<std::uint8_t>(verdict.status);
  rejected.cause = "rule";
  const Why why = explain(verdict, error);
  rejected.why = view(why);
  gateway_.ledger_->add(thread_, rejected);
}

void GatewayEngine::record_discarded(const NotificationView& notification) const {
  if (gateway_.ledger_ != nullptr) {
    gateway_.ledger_->add(thread_, record(EventOutcome::Discarded, notification));
  }
}

void GatewayEngine::record_fired(const FaultRule& rule, std::uint64_t of) const {
  if (gateway_.ledger_ != nullptr) {
    LedgerRecord fired = record(EventKind::Fault, EventOutcome::Fired);
    fired.name = rule.name;
    fired.of = of;
    gateway_.ledger_->add(thread_, fired);
  }
}

void GatewayEngine::record_applied() const {
  if (gateway_.ledger_ != nullptr) {
    LedgerRecord fired = record(EventKind::Fault, EventOutcome::Fired);
    fired.name = kAppliedName;
    gateway_.ledger_->add(thread_, fired);
  }
}

}  // namespace apns::mock
