#pragma once

#include <cstdint>
#include <memory>

#include "apns/base/network.h"
#include "mock_apns/feedback_service.h"
#include "mock_apns/ledger.h"
#include "mock_apns/world/team_keys.h"
#include "mock_apns/world/world.h"
#include "scenarios/runner/observations.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/scripted_api.h"
#include "scenarios/runner/tls_setup.h"

namespace apns::scenarios {

/// The production service of one run: gateway or provider API, feedback, world, ledger and rules.
/// Outlives the host that runs its engines.
class ServiceSide final : private AcceptEvents {
 public:
  /// All references outlive it; `tls` null: no TLS. `now` is what `after` and `until` of rules
  /// count from.
  ServiceSide(const Scenario& scenario, std::uint64_t seed, const WorldClock& clock,
              Observations& observations, const TlsSetup* tls, TimePoint now);

  // For the host's listen().

  /// What takes notifications, by the scenario's protocol.
  [[nodiscard]] AcceptEvents& front() { return *this; }

  [[nodiscard]] AcceptEvents& feedback() { return feedback_; }

  [[nodiscard]] mock::World& world() { return world_; }

  [[nodiscard]] unsigned outside_ring() const { return ledger_.outside_ring(); }

 private:
  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) override;
  void gone(const PeerInfo& peer, Gone why, TimePoint now) override;

  [[nodiscard]] std::unique_ptr<AcceptEvents> make_gateway(const WorldClock& clock,
                                                           const tls::Context* context);
  void make_scripted(const Scenario& scenario, const WorldClock& clock,
                     const tls::Context* context);
  [[nodiscard]] std::unique_ptr<AcceptEvents> make_api(const Scenario& scenario, std::uint64_t seed,
                                                       const WorldClock& clock,
                                                       const tls::Context* context);

  std::uint64_t refuse_connections_;
  Profile profile_;
  mock::Ledger ledger_;
  mock::World world_;
  mock::FaultRules rules_;
  mock::TeamKeys team_keys_;
  std::unique_ptr<AcceptEvents> front_;
  std::unique_ptr<ScriptedApi> scripted_;  // null: no connection goes by a script
  mock::FeedbackService feedback_;
};

}  // namespace apns::scenarios
