#include "scenarios/runner/memory_scenario_host.h"

#include <array>
#include <string>

#include "apns/base/random.h"

namespace apns::scenarios {
namespace {

constexpr std::uint16_t kGatewayPort = 2195;
constexpr std::size_t kShownFrames = 8;

// Names of draws, for random_u64.
constexpr std::uint64_t kLatencyDraw = 1;
constexpr std::uint64_t kSplitDraw = 2;

Endpoint gateway_endpoint() {
  return Endpoint{std::string(kGatewayName), kGatewayPort};
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

MemoryScenarioHost::MemoryScenarioHost(const Scenario& scenario, std::uint64_t seed,
                                       Observations& observations, const TlsSetup* tls)
    : observations_(observations),
      service_(scenario, seed, clock_, observations, tls),
      provider_(scenario, seed, gateway_endpoint(), clock_, observations, tls),
      host_(clock_, seed) {
  host_.set_links([seed](std::uint64_t connection) { return link_of(seed, connection); });
  host_.listen(gateway_endpoint(), service_.events());
  provider_.client().use_dialer(host_.make_dialer(provider_.events()));
}

MemoryScenarioHost::~MemoryScenarioHost() {
  provider_.client().release_dialer();
}

void MemoryScenarioHost::with_client(const std::function<void(provider::BinaryClient&)>& task) {
  task(provider_.client());
}

bool MemoryScenarioHost::run_until(const Observations::Predicate& done, Duration limit) {
  return host_.run_until([this, &done] { return observations_.holds(done); }, host_.now() + limit);
}

void MemoryScenarioHost::run_for(Duration span) {
  host_.run_for(span);
}

void MemoryScenarioHost::abandon() {
  provider_.client().release_dialer();
}

bool MemoryScenarioHost::finish() {
  return host_.run_until([this] { return host_.num_open() == 0; }, host_.now() + kFinishLimit);
}

std::vector<std::string> MemoryScenarioHost::frames() const {
  return provider_.tap().describe(kShownFrames);
}

std::string MemoryScenarioHost::provider_error() const {
  return provider_.client().last_error();
}

}  // namespace apns::scenarios
