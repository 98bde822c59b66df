#include "scenarios/runner/memory_scenario_host.h"

#include <algorithm>
#include <array>
#include <string>

#include "apns/base/random.h"

namespace apns::scenarios {
namespace {

constexpr std::uint16_t kGatewayPort = 2195;
constexpr std::uint16_t kFeedbackPort = 2196;
constexpr std::uint16_t kApiPort = 443;
constexpr std::size_t kShownFrames = 8;

// Names of draws, for random_u64.
constexpr std::uint64_t kLatencyDraw = 1;
constexpr std::uint64_t kSplitDraw = 2;

ServiceEndpoints endpoints_of(const Scenario& scenario) {
  return ServiceEndpoints{scenario.is_http2() ? Endpoint{std::string(kApiName), kApiPort}
                                              : Endpoint{std::string(kGatewayName), kGatewayPort},
                          Endpoint{std::string(kGatewayName), kFeedbackPort}};
}

}  // namespace

LinkOptions link_of(std::uint64_t seed, std::uint64_t connection) {
  constexpr std::array<std::size_t, 4> kSplits = {0, 0, 37, 1000};
  LinkOptions options;
  options.latency = std::chrono::microseconds(
      random_between(random_u64(seed, connection, kLatencyDraw), 50, 2000));
  options.split_max = kSplits.at(random_u64(seed, connection, kSplitDraw) % kSplits.size());
  return options;
}

LinkOptions planned_link(const Scenario& scenario, std::uint64_t seed, std::uint64_t connection) {
  if (!scenario.network) {
    return link_of(seed, connection);
  }
  for (const LinkPlan& plan : *scenario.network) {
    if (plan.connections.contains(connection)) {
      return plan.link;
    }
  }
  return LinkOptions();
}

std::unique_ptr<Engine> MemoryScenarioHost::Door::accepted(const PeerInfo& peer, EngineHost& host,
                                                           TimePoint now) {
  observations_.accepted(MemoryHost::dialled_number(peer), peer.connection);
  return inside_.accepted(peer, host, now);
}

MemoryScenarioHost::MemoryScenarioHost(const Scenario& scenario, std::uint64_t seed,
                                       Observations& observations, const TlsSetup* tls)
    : observations_(observations),
      service_(scenario, seed, clock_, observations, tls, clock_.io_now()),
      front_(service_.front(), observations),
      provider_(scenario, seed, endpoints_of(scenario), clock_, observations, tls),
      host_(clock_, seed) {
  host_.set_links([&scenario, &observations, seed](std::uint64_t connection) {
    const LinkOptions link = planned_link(scenario, seed, connection);
    observations.dialled(connection, link);
    return link;
  });
  const ServiceEndpoints endpoints = endpoints_of(scenario);
  host_.listen(endpoints.front, front_);
  host_.listen(endpoints.feedback, service_.feedback());
  provider_.use_dialers([this](DialEvents& events) { return host_.make_dialer(events); });
}

MemoryScenarioHost::~MemoryScenarioHost() {
  provider_.release_dialers();
}

void MemoryScenarioHost::with_client(const std::function<void(provider::Client&)>& task) {
  task(provider_.client());
  observations_.open(provider_.client().num_open(), provider_.open_bytes());
}

void MemoryScenarioHost::read_feedback() {
  provider_.read_feedback();
}

bool MemoryScenarioHost::run_until(const Observations::Predicate& done, Duration limit) {
  return host_.run_until([this, &done] { return observations_.holds(done); }, host_.now() + limit);
}

void MemoryScenarioHost::run_for(Duration span) {
  host_.run_for(span);
  service_.world().on_time(service_.outside_ring());
}

void MemoryScenarioHost::abandon() {
  provider_.release_dialers();
}

bool MemoryScenarioHost::finish() {
  if (host_.run_until([this] { return host_.num_open() == 0; }, host_.now() + kFinishLimit)) {
    return true;
  }
  // A side of the service that does not read never hears that the provider is gone.
  return observations_.holds([](const Seen& seen) {
    return std::ranges::all_of(seen.attempts,
                               [](const Attempt& attempt) { return attempt.end.has_value(); });
  });
}

std::vector<std::string> MemoryScenarioHost::frames() const {
  return provider_.tap().describe(kShownFrames);
}

std::map<std::uint64_t, WireFacts> MemoryScenarioHost::wire_facts() const {
  return provider_.tap().facts();
}

std::string MemoryScenarioHost::provider_error() const {
  return provider_.client().last_error();
}

provider::ClientStats MemoryScenarioHost::provider_stats() const {
  return provider_.client().stats();
}

}  // namespace apns::scenarios
