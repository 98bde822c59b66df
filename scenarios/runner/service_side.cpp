#include "scenarios/runner/service_side.h"

#include <utility>

#include "mock_apns/gateway.h"
#include "mock_apns/provider_api.h"
#include "scenarios/runner/provider_certificate.h"
#include "scenarios/runner/signing_keys.h"

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

/// Of a device token that the script only uses: what it is sent to as.
std::string_view registered_topic(const Notification& notification) {
  return notification.topic.empty() ? kTopic : notification.topic;
}

/// Makes the scenario's world, or one in which every device token of the workload is registered.
void people(mock::World& world, const Scenario& scenario, unsigned ring) {
  if (scenario.world) {
    mock::carry_out(*scenario.world, world, ring);
    return;
  }
  for (const Notification& notification : scenario.notifications) {
    if (!mock::looks_magic(notification.device_token.bytes())) {
      world.register_token(notification.device_token.bytes(), registered_topic(notification),
                           Environment::Production);
    }
  }
}

/// The scenario's, with its own SETTINGS.
Profile profile_of(const Scenario& scenario) {
  Profile profile = *scenario.profile;
  const mock::SettingsFault& settings = scenario.settings;
  Http2Profile& http2 = profile.http2;
  http2.header_table_size = settings.header_table_size.value_or(http2.header_table_size);
  http2.max_concurrent_streams =
      settings.max_concurrent_streams.value_or(http2.max_concurrent_streams);
  http2.max_frame_size = settings.max_frame_size.value_or(http2.max_frame_size);
  http2.max_header_list_size = settings.max_header_list_size.value_or(http2.max_header_list_size);
  if (settings.initial_window_size) {
    http2.initial_window = settings.initial_window_size;
  }
  return profile;
}

/// Of a connection that goes by a script, which knows nothing of provider tokens.
std::vector<http2::Setting> first_settings(const Http2Profile& profile) {
  using http2::SettingId;
  std::vector<http2::Setting> settings = {
      {SettingId::HeaderTableSize, profile.header_table_size},
      {SettingId::MaxConcurrentStreams, profile.max_concurrent_streams}};
  if (profile.initial_window) {
    settings.emplace_back(SettingId::InitialWindowSize, *profile.initial_window);
  }
  settings.emplace_back(SettingId::MaxFrameSize, profile.max_frame_size);
  settings.emplace_back(SettingId::MaxHeaderListSize, profile.max_header_list_size);
  return settings;
}

mock::FeedbackOptions feedback_options(const Profile& profile, mock::World& world) {
  mock::FeedbackOptions options;
  options.profile = &profile;
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
      profile_(profile_of(scenario)),
      ledger_(ledger_options()),
      world_(world_options(scenario, seed), clock, &ledger_),
      rules_(scenario.faults, seed, now),
      feedback_(feedback_options(profile_, world_), clock, &ledger_, &rules_, {}) {
  ledger_.set_listener(
      [&observations](const mock::LedgerEvent& event) { observations.event(event); });
  people(world_, scenario, ledger_.outside_ring());
  const bool open = is_open(scenario);
  const tls::Context* const server = tls == nullptr ? nullptr : &tls->server(open);
  if (server != nullptr) {
    feedback_.use_tls(*server);
  }
  if (!scenario.is_http2()) {
    front_ = make_gateway(clock, server);
    return;
  }
  const tls::Context* const api_server =
      tls == nullptr ? nullptr : &tls->api_server(open, profile_.http2);
  front_ = make_api(scenario, seed, clock, api_server);
  if (!scenario.connections.empty()) {
    make_scripted(scenario, clock, api_server);
  }
}

std::unique_ptr<AcceptEvents> ServiceSide::make_gateway(const WorldClock& clock,
                                                        const tls::Context* context) {
  mock::GatewayOptions options;
  options.profile = &profile_;
  options.world = &world_;
  auto gateway =
      std::make_unique<mock::Gateway>(options, clock, &ledger_, &rules_, mock::ProblemLog());
  if (context != nullptr) {
    gateway->use_tls(*context);
  }
  return gateway;
}

std::unique_ptr<AcceptEvents> ServiceSide::make_api(const Scenario& scenario, std::uint64_t seed,
                                                    const WorldClock& clock,
                                                    const tls::Context* context) {
  mock::ProviderApiOptions options;
  options.profile = &profile_;
  options.world = &world_;
  options.seed = seed;
  if (scenario.auth == Auth::Certificate) {
    options.plain_identity = plain_identity(shown_certificate(scenario.certificate));
  } else {
    add_signing_keys(team_keys_);
    if (scenario.world) {
      mock::carry_out(scenario.world->teams, team_keys_);
    }
    options.team_keys = &team_keys_;
  }
  auto api = std::make_unique<mock::ProviderApi>(std::move(options), clock, &ledger_, &rules_,
                                                 mock::ProblemLog());
  if (context != nullptr) {
    api->use_tls(*context);
  }
  return api;
}

void ServiceSide::make_scripted(const Scenario& scenario, const WorldClock& clock,
                                const tls::Context* context) {
  scripted_ = std::make_unique<ScriptedApi>(scenario.connections, first_settings(profile_.http2),
                                            clock, ledger_, rules_);
  if (context != nullptr) {
    scripted_->use_tls(*context);
  }
}

std::unique_ptr<Engine> ServiceSide::accepted(const PeerInfo& peer, EngineHost& host,
                                              TimePoint now) {
  if (peer.connection <= refuse_connections_) {
    return nullptr;
  }
  if (scripted_ && scripted_->is_scripted(peer.connection)) {
    return scripted_->accepted(peer, host, now);
  }
  return front_->accepted(peer, host, now);
}

void ServiceSide::gone(const PeerInfo& peer, Gone why, TimePoint now) {
  // A scripted connection's engine has told the ledger.
  front_->gone(peer, why, now);
}

}  // namespace apns::scenarios
