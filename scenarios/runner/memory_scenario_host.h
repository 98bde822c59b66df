#pragma once

#include "apns/base/memory_host.h"
#include "scenarios/runner/provider_side.h"
#include "scenarios/runner/scenario_host.h"
#include "scenarios/runner/service_side.h"

namespace apns::scenarios {

/// A scenario in memory, under a manual clock that starts at kManualStart: one seed gives one run.
class MemoryScenarioHost final : public ScenarioHost {
 public:
  MemoryScenarioHost(const Scenario& scenario, std::uint64_t seed, Observations& observations,
                     const TlsSetup* tls);
  ~MemoryScenarioHost() override;

  void with_client(const std::function<void(provider::Client&)>& task) override;

  [[nodiscard]] mock::World& world() override { return service_.world(); }

  [[nodiscard]] unsigned outside_ring() const override { return service_.outside_ring(); }

  void read_feedback() override;
  [[nodiscard]] bool run_until(const Observations::Predicate& done, Duration limit) override;
  void run_for(Duration span) override;
  void abandon() override;
  bool finish() override;
  [[nodiscard]] std::vector<std::string> frames() const override;
  [[nodiscard]] std::map<std::uint64_t, WireFacts> wire_facts() const override;
  [[nodiscard]] std::string provider_error() const override;
  [[nodiscard]] provider::ClientStats provider_stats() const override;

 private:
  /// Stands before a service, and writes down which of the provider's attempts got there.
  class Door final : public AcceptEvents {
   public:
    Door(AcceptEvents& inside, Observations& observations)
        : inside_(inside), observations_(observations) {}

    [[nodiscard]] std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                                   TimePoint now) override;

    void gone(const PeerInfo& peer, Gone why, TimePoint now) override {
      inside_.gone(peer, why, now);
    }

   private:
    AcceptEvents& inside_;
    Observations& observations_;
  };

  Observations& observations_;
  ManualClock clock_;
  ServiceSide service_;
  Door front_;
  ProviderSide provider_;
  MemoryHost host_;
};

/// The link of the provider's connection of this number: as the scenario has it, or link_of.
[[nodiscard]] LinkOptions planned_link(const Scenario& scenario, std::uint64_t seed,
                                       std::uint64_t connection);

/// The link that a seed stands for: a latency of up to 2 ms each way and, for half of the seeds,
/// deliveries in small pieces. Exact expectations must hold on every one of them.
[[nodiscard]] LinkOptions link_of(std::uint64_t seed, std::uint64_t connection);

}  // namespace apns::scenarios
