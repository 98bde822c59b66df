#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apns/base/network.h"
#include "apns/tls/tls_engine.h"
#include "mock_apns/gateway.h"
#include "mock_apns/ledger.h"
#include "provider/binary_client.h"
#include "scenarios/runner/observations.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/tap_engine.h"
#include "scenarios/runner/tls_setup.h"

namespace apns::scenarios {

/// The gateway of one run with its ledger and rules. Outlives the host that runs its engines.
class ServiceSide final : private AcceptEvents {
 public:
  /// All references outlive it; `tls` null: no TLS.
  ServiceSide(const Scenario& scenario, std::uint64_t seed, const WorldClock& clock,
              Observations& observations, const TlsSetup* tls);

  /// For the host's listen().
  [[nodiscard]] AcceptEvents& events() { return *this; }

 private:
  std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) override;
  void gone(const PeerInfo& peer, Gone why, TimePoint now) override;

  std::uint64_t refuse_connections_;
  mock::Ledger ledger_;
  mock::FaultRules rules_;
  mock::Gateway gateway_;
};

/// The provider of one run, with a tap on its connections. Outlives the host that runs its engines,
/// except for the dialer, which goes first (release_dialer).
class ProviderSide final : private DialEvents {
 public:
  /// All references outlive it; `tls` null: no TLS.
  ProviderSide(const Scenario& scenario, std::uint64_t seed, Endpoint gateway,
               const WorldClock& clock, Observations& observations, const TlsSetup* tls);

  /// For the host's make_dialer().
  [[nodiscard]] DialEvents& events() { return *this; }

  [[nodiscard]] provider::BinaryClient& client() { return client_; }

  [[nodiscard]] const provider::BinaryClient& client() const { return client_; }

  [[nodiscard]] const TapLog& tap() const { return tap_; }

 private:
  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host, TimePoint now) override;
  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now) override;
  void on_alarm(TimePoint now) override;
  [[nodiscard]] Transport transport(const WorldClock& clock, const TlsSetup* tls);

  Observations& observations_;
  TapLog tap_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  provider::BinaryClient client_;
};

}  // namespace apns::scenarios
