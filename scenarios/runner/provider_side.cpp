#include "scenarios/runner/provider_side.h"

#include <utility>

#include "provider/http2_client.h"
#include "scenarios/runner/shown_provider_token.h"
#include "scenarios/runner/signing_keys.h"

namespace apns::scenarios {
namespace {

/// Null: no TLS.
const tls::Context* client_context(const Scenario& scenario, const TlsSetup* tls) {
  if (tls == nullptr) {
    return nullptr;
  }
  if (!scenario.is_http2()) {
    return &tls->client(scenario.certificate);
  }
  return scenario.auth == Auth::Certificate ? &tls->api_client(scenario.certificate)
                                            : &tls->api_client_without_certificate();
}

}  // namespace

ProviderSide::ProviderSide(const Scenario& scenario, std::uint64_t seed, ServiceEndpoints service,
                           const WorldClock& clock, Observations& observations, const TlsSetup* tls)
    : clock_(clock),
      observations_(observations),
      is_of_reader_(scenario.deviation != nullptr &&
                    scenario.deviation->of == Deviant::FeedbackReader),
      deviator_(scenario.deviation == nullptr ? nullptr : scenario.deviation->make()),
      sink_(observations, deviator_of(false)),
      tap_(scenario.is_http2() ? TapLog::Protocol::Http2 : TapLog::Protocol::Binary),
      tokens_(clock),
      token_source_(make_token_source(scenario)),
      scratch_(tls::make_scratch(1)),
      reader_(reader_options(std::move(service.feedback)),
              deviating_transport(
                  transport(tls == nullptr ? nullptr : &tls->client(scenario.certificate), reader_),
                  deviator_of(true)),
              observations),
      reading_(reader_, observations) {
  if (scenario.is_http2()) {
    make_http2_client(scenario, seed, std::move(service.front), client_transport(scenario, tls));
  } else {
    make_binary_client(scenario, seed, std::move(service.front), client_transport(scenario, tls));
  }
}

Transport ProviderSide::client_transport(const Scenario& scenario, const TlsSetup* tls) {
  tls::Observer& observer = *this;
  return deviating_transport(
      tap_transport(transport(client_context(scenario, tls), observer), tap_), deviator_of(false));
}

void ProviderSide::make_binary_client(const Scenario& scenario, std::uint64_t seed,
                                      Endpoint service, Transport transport) {
  provider::BinaryClientOptions options = scenario.client;
  options.gateway = std::move(service);
  options.seed = seed;
  if (Deviator* deviator = deviator_of(false)) {
    deviator->change_client(options);
  }
  auto client =
      std::make_unique<provider::BinaryClient>(std::move(options), std::move(transport), sink_);
  binary_ = client.get();
  client_ = std::move(client);
}

void ProviderSide::make_http2_client(const Scenario& scenario, std::uint64_t seed, Endpoint service,
                                     Transport transport) {
  provider::Http2ClientOptions options = scenario.http2_client;
  options.service = std::move(service);
  options.authority = kApiName;
  options.provider_token = token_source_.get();
  options.token_interval = Duration::zero();  // what is shown when is the scenario's to say
  options.seed = seed;
  if (Deviator* deviator = deviator_of(false)) {
    deviator->change_http2_client(options);
  }
  client_ =
      std::make_unique<provider::Http2Client>(std::move(options), std::move(transport), sink_);
}

std::unique_ptr<provider::ProviderTokenSource> ProviderSide::make_token_source(
    const Scenario& scenario) {
  if (scenario.auth == Auth::Certificate) {
    return nullptr;
  }
  const Deviator* const deviator = deviator_of(false);
  std::string_view shown = scenario.provider_token;
  if (deviator != nullptr && !deviator->provider_token().empty()) {
    shown = deviator->provider_token();
  }
  if (!shown.empty()) {
    return make_shown_source(shown, clock_);
  }
  return tokens_.source(auth::ProviderTokenSigner(*auth::TenCharacterId::parse(kTeamKey.key_id),
                                                  *auth::TenCharacterId::parse(kTeamKey.team_id),
                                                  make_signer(kTeamKey)));
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

Transport ProviderSide::transport(const tls::Context* context, tls::Observer& observer) {
  if (context == nullptr) {
    return plain_transport();
  }
  return [this, context, &observer](const PeerInfo& peer, EngineHost& host, EngineFactory inner,
                                    TimePoint now) {
    return std::make_unique<tls::TlsEngine>(*context, peer, host, std::move(inner), clock_,
                                            *scratch_.at(peer.thread), &observer,
                                            tls::TlsEngine::Options(), now);
  };
}

std::unique_ptr<Engine> ProviderSide::connected(const PeerInfo& peer, EngineHost& host,
                                                TimePoint now) {
  return client_->connected(peer, host, now);
}

void ProviderSide::gone(std::uint64_t connection, Gone why, const std::string& detail,
                        TimePoint now) {
  client_->gone(connection, why, detail, now);
  observations_.connection_closed(connection, why);
}

void ProviderSide::on_alarm(TimePoint now) {
  client_->on_alarm(now);
}

void ProviderSide::tls_failed(const PeerInfo& peer, const tls::Failure& failure) {
  client_->tls_failed(peer, failure);
}

}  // namespace apns::scenarios
