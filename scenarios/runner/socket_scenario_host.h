#pragma once

#include "apns/net/socket_host.h"
#include "scenarios/runner/provider_side.h"
#include "scenarios/runner/scenario_host.h"
#include "scenarios/runner/service_side.h"

namespace apns::scenarios {

/// A scenario over TLS on loopback sockets: the service and the provider each in a socket host of
/// their own.
class SocketScenarioHost final : public ScenarioHost {
 public:
  SocketScenarioHost(const Scenario& scenario, std::uint64_t seed, Observations& observations,
                     const TlsSetup& tls);
  ~SocketScenarioHost() override;

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
  [[nodiscard]] ServiceEndpoints listen();
  void stop();

  Observations& observations_;
  net::SystemClock clock_;
  ServiceSide service_;
  net::SocketHost service_host_;
  ProviderSide provider_;
  net::SocketHost provider_host_;
  bool stopped_ = false;
};

}  // namespace apns::scenarios
