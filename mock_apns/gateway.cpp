#include "mock_apns/gateway.h"

#include <utility>

#include "mock_apns/gateway_engine.h"
#include "mock_apns/gateway_thread.h"
#include "mock_apns/gateway_tls.h"

namespace apns::mock {

Gateway::Gateway(GatewayOptions options, const WorldClock& clock, Ledger* ledger, FaultRules* rules,
                 ProblemLog log)
    : options_(std::move(options)),
      clock_(clock),
      ledger_(ledger),
      rules_(rules != nullptr && rules->empty() ? nullptr : rules),
      log_(std::move(log)),
      transport_(plain_transport()),
      scratch_(tls::make_scratch(options_.threads)) {
  for (unsigned i = 0; i < options_.threads; ++i) {
    threads_.push_back(std::make_unique<ThreadState>());
  }
}

Gateway::~Gateway() = default;

void Gateway::use_tls(const tls::Context& context, tls::TlsEngine::Options options) {
  transport_ = tls::make_transport(context, clock_, scratch_, this, options);
}

std::unique_ptr<Engine> Gateway::accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) {
  return transport_(
      peer, host,
      [this](const PeerInfo& known, EngineHost& inner_host, TimePoint when) {
        return make_engine(known, inner_host, when);
      },
      now);
}

std::unique_ptr<Engine> Gateway::make_engine(const PeerInfo& peer, EngineHost& host,
                                             TimePoint now) {
  return std::make_unique<GatewayEngine>(*this, peer, host, now);
}

void Gateway::gone(const PeerInfo& /*peer*/, Gone /*why*/, TimePoint /*now*/) {
  // The engine's destructor has told the ledger; it knows who ended the connection, and how.
}

void Gateway::shut_down(unsigned thread, TimePoint now) {
  threads_.at(thread)->is_shut_down = true;
  for (GatewayEngine* engine : threads_.at(thread)->engines) {
    engine->shut_down(now);
  }
}

GatewayCounters Gateway::counters() const {
  GatewayCounters sum;
  for (const auto& thread : threads_) {
    sum.connections += thread->connections.get();
    sum.accepted += thread->accepted.get();
    sum.rejected += thread->rejected.get();
    sum.discarded += thread->discarded.get();
    sum.not_json += thread->not_json.get();
    sum.bytes += thread->bytes.get();
  }
  return sum;
}

void Gateway::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  if (failure.during_handshake && ledger_ != nullptr) {
    LedgerRecord refused;
    refused.at = clock_.now();
    refused.kind = EventKind::Connection;
    refused.outcome = EventOutcome::Refused;
    refused.connection = peer.connection;
    refused.environment = options_.environment;
    refused.alert = failure.alert_sent ? failure.alert_sent : failure.alert_received;
    refused.by = failure.alert_received ? "provider" : "service";
    refused.detail = failure.text;
    ledger_->add(peer.thread, refused);
  }
  problem(peer.connection, "tls", advice(failure));
}

std::optional<std::uint8_t> Gateway::refuse_handshake(const PeerInfo& peer, TimePoint now) {
  const FaultRule* rule =
      rules_ == nullptr ? nullptr
                        : rules_->fire(FaultRule::Trigger::Handshake,
                                       FaultRules::Subject{.environment = options_.environment,
                                                           .connection = peer.connection,
                                                           .now = now});
  if (rule == nullptr) {
    return std::nullopt;
  }
  if (ledger_ != nullptr) {
    LedgerRecord fired;
    fired.at = clock_.now();
    fired.kind = EventKind::Fault;
    fired.outcome = EventOutcome::Fired;
    fired.connection = peer.connection;
    fired.environment = options_.environment;
    fired.name = rule->name;
    ledger_->add(peer.thread, fired);
  }
  return rule->then.tls_alert;
}

void Gateway::problem(std::uint64_t connection, std::string_view area, std::string text) const {
  if (log_) {
    log_(GatewayProblem{connection, area, std::move(text)});
  }
}

}  // namespace apns::mock
