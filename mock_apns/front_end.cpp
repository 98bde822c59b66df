#include "mock_apns/front_end.h"

#include <utility>

#include "mock_apns/gateway_tls.h"

namespace apns::mock {

const char* ledger_text_of(Close close) {
  switch (close) {
    case Close::Reset:
      return "rst";
    case Close::Vanish:
      return "half-open";
    default:
      return "fin";
  }
}

Close close_of(FaultClose close) {
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

namespace {

FaultProtocol fault_protocol(Protocol protocol) {
  switch (protocol) {
    case Protocol::Http2:
      return FaultProtocol::Http2;
    case Protocol::Feedback:
      return FaultProtocol::Feedback;
    case Protocol::Binary:
    case Protocol::None:
      break;
  }
  return FaultProtocol::Binary;
}

}  // namespace

FrontEnd::FrontEnd(Options options, const WorldClock& clock, Ledger* ledger, FaultRules* rules,
                   ProblemLog log)
    : options_(options),
      clock_(clock),
      ledger_(ledger),
      rules_(rules),
      log_(std::move(log)),
      scratch_(tls::make_scratch(options.threads)),
      transport_(plain_transport()) {}

void FrontEnd::use_tls(const tls::Context& context, tls::TlsEngine::Options options) {
  transport_ = tls::make_transport(context, clock_, scratch_, this, options);
}

LedgerRecord FrontEnd::event(EventKind kind, EventOutcome outcome, std::uint64_t connection) const {
  LedgerRecord made;
  made.at = clock_.now();
  made.kind = kind;
  made.outcome = outcome;
  made.connection = connection;
  made.protocol = options_.protocol;
  made.environment = options_.environment;
  return made;
}

std::uint64_t FrontEnd::record(unsigned thread, const LedgerRecord& record) const {
  return ledger_ == nullptr ? 0 : ledger_->add(thread, record);
}

std::shared_ptr<const FaultRule> FrontEnd::fire(FaultRule::Trigger trigger, const PeerInfo& peer,
                                                std::string_view topic, TimePoint now) const {
  if (rules_ == nullptr) {
    return nullptr;
  }
  auto rule =
      rules_->fire(trigger, FaultRules::Subject{.protocol = fault_protocol(options_.protocol),
                                                .environment = options_.environment,
                                                .connection = peer.connection,
                                                .topic = topic,
                                                .now = now});
  if (rule != nullptr) {
    LedgerRecord fired = event(EventKind::Fault, EventOutcome::Fired, peer.connection);
    fired.name = rule->name;
    record(peer.thread, fired);
  }
  return rule;
}

void FrontEnd::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  if (failure.during_handshake) {
    LedgerRecord refused = event(EventKind::Connection, EventOutcome::Refused, peer.connection);
    refused.alert = failure.alert_sent ? failure.alert_sent : failure.alert_received;
    refused.by = failure.alert_received ? "provider" : "service";
    refused.detail = failure.text;
    record(peer.thread, refused);
  }
  problem(peer.connection, "tls", advice(failure));
}

std::optional<std::uint8_t> FrontEnd::refuse_handshake(const PeerInfo& peer, TimePoint now) {
  const auto rule = fire(FaultRule::Trigger::Handshake, peer, {}, now);
  return rule == nullptr ? std::nullopt : rule->then.tls_alert;
}

void FrontEnd::problem(std::uint64_t connection, std::string_view area, std::string text) const {
  if (log_) {
    log_(ServiceProblem{connection, area, std::move(text)});
  }
}

}  // namespace apns::mock
