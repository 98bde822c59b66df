#include "scenarios/runner/conversation.h"

#include <utility>

namespace apns::scenarios {
namespace {

constexpr std::string_view kTopic = "com.example.app";

bool is_open(const Scenario& scenario) {
  return scenario.world && scenario.world->open.value_or(false);
}

mock::WorldOptions world_options(const Scenario& scenario, std::uint64_t seed) {
  mock::WorldOptions options;
  options.open = is_open(scenario);
  options.seed = seed;
  return options;
}

/// Makes the scenario's world, or one in which every device token of the workload is registered.
void people(mock::World& world, const Scenario& scenario, unsigned ring) {
  if (scenario.world) {
    mock::carry_out(*scenario.world, world, ring);
    return;
  }
  for (const Notification& notification : scenario.notifications) {
    if (!mock::looks_magic(notification.device_token.bytes())) {
      world.register_token(notification.device_token.bytes(), kTopic, Environment::Production);
    }
  }
}

mock::GatewayOptions gateway_options(const Scenario& scenario, mock::World& world) {
  mock::GatewayOptions options;
  options.profile = scenario.profile;
  options.world = &world;
  return options;
}

mock::FeedbackOptions feedback_options(const Scenario& scenario, mock::World& world) {
  mock::FeedbackOptions options;
  options.profile = scenario.profile;
  options.source = &world;
  return options;
}

// What a step waits for, and what the last look sees, must not depend on a collector's thread.
mock::Ledger::Options ledger_options() {
  mock::Ledger::Options options;
  options.listening = mock::Listening::AtOnce;
  options.ring_bytes = std::size_t{64} * 1024;
  return options;
}

}  // namespace

ServiceSide::ServiceSide(const Scenario& scenario, std::uint64_t seed, const WorldClock& clock,
                         Observations& observations, const TlsSetup* tls, TimePoint now)
    : refuse_connections_(scenario.refuse_connections),
      ledger_(ledger_options()),
      world_(world_options(scenario, seed), clock, &ledger_),
      rules_(scenario.faults, seed, now),
      gateway_(gateway_options(scenario, world_), clock, &ledger_, &rules_, {}),
      feedback_(feedback_options(scenario, world_), clock, &ledger_, &rules_, {}) {
  ledger_.set_listener(
      [&observations](const mock::LedgerEvent& event) { observations.event(event); });
  people(world_, scenario, ledger_.outside_ring());
  if (tls != nullptr) {
    gateway_.use_tls(tls->server(is_open(scenario)));
    feedback_.use_tls(tls->server(is_open(scenario)));
  }
}

std::unique_ptr<Engine> ServiceSide::accepted(const PeerInfo& peer, EngineHost& host,
                                              TimePoint now) {
  return peer.connection <= refuse_connections_ ? nullptr : gateway_.accepted(peer, host, now);
}

void ServiceSide::gone(const PeerInfo& peer, Gone why, TimePoint now) {
  gateway_.gone(peer, why, now);
}

ProviderSide::ProviderSide(const Scenario& scenario, std::uint64_t seed, ServiceEndpoints service,
                           const WorldClock& clock, Observations& observations, const TlsSetup* tls)
    : clock_(clock),
      observations_(observations),
      is_of_reader_(scenario.deviation != nullptr && scenario.deviation->is_of_reader),
      deviator_(scenario.deviation == nullptr ? nullptr : scenario.deviation->make()),
      sink_(observations, deviator_of(false)),
      scratch_(tls::make_scratch(1)),
      client_(client_options(scenario, seed, std::move(service.gateway)),
              deviating_transport(tap_transport(transport(scenario, tls, client_), tap_),
                                  deviator_of(false)),
              sink_),
      reader_(reader_options(std::move(service.feedback)),
              deviating_transport(transport(scenario, tls, reader_), deviator_of(true)),
              observations),
      reading_(reader_, observations) {}

provider::BinaryClientOptions ProviderSide::client_options(const Scenario& scenario,
                                                           std::uint64_t seed,
                                                           Endpoint gateway) const {
  provider::BinaryClientOptions options = scenario.client;
  options.gateway = std::move(gateway);
  options.seed = seed;
  if (Deviator* deviator = deviator_of(false)) {
    deviator->change_client(options);
  }
  return options;
}

provider::FeedbackReaderOptions ProviderSide::reader_options(Endpoint service) const {
  provider::FeedbackReaderOptions options;
  options.service = std::move(service);
  options.idle_limit = std::chrono::seconds(1);
  if (Deviator* deviator = deviator_of(true)) {
    deviator->change_reader(options);
  }
  return options;
}

// The observer, which wants to hear of refused certificates, exists once the first connection does.
Transport ProviderSide::transport(const Scenario& scenario, const TlsSetup* tls,
                                  tls::Observer& observer) {
  if (tls == nullptr) {
    return plain_transport();
  }
  const tls::Context& context = tls->client(scenario.certificate);
  return [this, &context, &observer](const PeerInfo& peer, EngineHost& host, EngineFactory inner,
                                     TimePoint now) {
    return std::make_unique<tls::TlsEngine>(context, peer, host, std::move(inner), clock_,
                                            *scratch_.at(peer.thread), &observer,
                                            tls::TlsEngine::Options(), now);
  };
}

std::unique_ptr<Engine> ProviderSide::connected(const PeerInfo& peer, EngineHost& host,
                                                TimePoint now) {
  return client_.connected(peer, host, now);
}

void ProviderSide::gone(std::uint64_t connection, Gone why, const std::string& detail,
                        TimePoint now) {
  client_.gone(connection, why, detail, now);
  observations_.connection_closed(connection, why);
}

void ProviderSide::on_alarm(TimePoint now) {
  client_.on_alarm(now);
}

}  // namespace apns::scenarios
