#include "scenarios/runner/conversation.h"

#include <utility>

namespace apns::scenarios {
namespace {

mock::GatewayOptions gateway_options(const Scenario& scenario) {
  mock::GatewayOptions options;
  options.profile = scenario.profile;
  return options;
}

// What a step waits for, and what the last look sees, must not depend on a collector's thread.
mock::Ledger::Options ledger_options() {
  mock::Ledger::Options options;
  options.listening = mock::Listening::AtOnce;
  options.ring_bytes = std::size_t{64} * 1024;
  return options;
}

provider::BinaryClientOptions client_options(const Scenario& scenario, std::uint64_t seed,
                                             Endpoint gateway) {
  provider::BinaryClientOptions options = scenario.client;
  options.gateway = std::move(gateway);
  options.seed = seed;
  return options;
}

}  // namespace

ServiceSide::ServiceSide(const Scenario& scenario, std::uint64_t seed, const WorldClock& clock,
                         Observations& observations, const TlsSetup* tls)
    : refuse_connections_(scenario.refuse_connections),
      ledger_(ledger_options()),
      rules_(scenario.faults, seed),
      gateway_(gateway_options(scenario), clock, &ledger_, &rules_, {}) {
  ledger_.set_listener(
      [&observations](const mock::LedgerEvent& event) { observations.event(event); });
  if (tls != nullptr) {
    gateway_.use_tls(tls->server());
  }
}

std::unique_ptr<Engine> ServiceSide::accepted(const PeerInfo& peer, EngineHost& host,
                                              TimePoint now) {
  return peer.connection <= refuse_connections_ ? nullptr : gateway_.accepted(peer, host, now);
}

void ServiceSide::gone(const PeerInfo& peer, Gone why, TimePoint now) {
  gateway_.gone(peer, why, now);
}

ProviderSide::ProviderSide(const Scenario& scenario, std::uint64_t seed, Endpoint gateway,
                           const WorldClock& clock, Observations& observations, const TlsSetup* tls)
    : observations_(observations),
      scratch_(tls::make_scratch(1)),
      client_(client_options(scenario, seed, std::move(gateway)), transport(clock, tls),
              observations) {}

Transport ProviderSide::transport(const WorldClock& clock, const TlsSetup* tls) {
  if (tls == nullptr) {
    return tap_transport(plain_transport(), tap_);
  }
  // The client, which wants to hear of refused certificates, exists once the first connection does.
  Transport over_tls = [this, &clock, tls](const PeerInfo& peer, EngineHost& host,
                                           EngineFactory inner, TimePoint now) {
    return std::make_unique<tls::TlsEngine>(tls->client(), peer, host, std::move(inner), clock,
                                            *scratch_.at(peer.thread), &client_,
                                            tls::TlsEngine::Options(), now);
  };
  return tap_transport(std::move(over_tls), tap_);
}

std::unique_ptr<Engine> ProviderSide::connected(const PeerInfo& peer, EngineHost& host,
                                                TimePoint now) {
  return client_.connected(peer, host, now);
}

void ProviderSide::gone(std::uint64_t connection, Gone why, const std::string& detail,
                        TimePoint now) {
  client_.gone(connection, why, detail, now);
  observations_.connection_closed();
}

void ProviderSide::on_alarm(TimePoint now) {
  client_.on_alarm(now);
}

}  // namespace apns::scenarios
