#include "scenarios/runner/scenario_host.h"

#include <cassert>

#include "scenarios/runner/memory_scenario_host.h"
#include "scenarios/runner/socket_scenario_host.h"

namespace apns::scenarios {

std::unique_ptr<ScenarioHost> make_scenario_host(HostKind kind, const Scenario& scenario,
                                                 std::uint64_t seed, Observations& observations,
                                                 const TlsSetup* tls) {
  switch (kind) {
    case HostKind::Memory:
      return std::make_unique<MemoryScenarioHost>(scenario, seed, observations, nullptr);
    case HostKind::MemoryTls:
      assert(tls != nullptr);
      return std::make_unique<MemoryScenarioHost>(scenario, seed, observations, tls);
    case HostKind::Sockets:
      assert(tls != nullptr);
      return std::make_unique<SocketScenarioHost>(scenario, seed, observations, *tls);
  }
  return nullptr;
}

}  // namespace apns::scenarios
