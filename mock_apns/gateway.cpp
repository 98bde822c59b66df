#include "mock_apns/gateway.h"

#include <utility>

#include "mock_apns/gateway_engine.h"
#include "mock_apns/gateway_thread.h"

namespace apns::mock {

Gateway::Gateway(GatewayOptions options, const WorldClock& clock, Ledger* ledger, FaultRules* rules,
                 ProblemLog log)
    : options_(std::move(options)),
      clock_(clock),
      ledger_(ledger),
      rules_(rules),
      front_(FrontEnd::Options{Protocol::Binary, options_.environment, options_.threads}, clock,
             ledger, rules, std::move(log)) {
  for (unsigned i = 0; i < options_.threads; ++i) {
    threads_.push_back(std::make_unique<ThreadState>());
  }
}

Gateway::~Gateway() = default;

void Gateway::use_tls(const tls::Context& context, tls::TlsEngine::Options options) {
  front_.use_tls(context, options);
}

std::unique_ptr<Engine> Gateway::accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) {
  return front_.accepted(
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

}  // namespace apns::mock
