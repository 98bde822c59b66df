#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apns/base/time.h"
#include "mock_apns/world/world.h"
#include "provider/client.h"
#include "scenarios/runner/http2_witness.h"
#include "scenarios/runner/observations.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/tls_setup.h"

namespace apns::scenarios {

/// One provider and one service, ready to talk: what a script runs in, so that it need not know
/// whether there are sockets. Every wait has a limit, on the provider's clock.
class ScenarioHost {
 public:
  virtual ~ScenarioHost() = default;

  /// Runs `task` on the provider's thread, between its events, and returns when it has run.
  virtual void with_client(const std::function<void(provider::Client&)>& task) = 0;

  /// The service's world. Its phones may be changed from the caller's thread, as `outside_ring`.
  [[nodiscard]] virtual mock::World& world() = 0;
  [[nodiscard]] virtual unsigned outside_ring() const = 0;

  /// Starts to read the feedback service; Observations gathers what comes.
  virtual void read_feedback() = 0;

  /// Lets things happen until `done` holds, at most for `limit`. False: it did not.
  [[nodiscard]] virtual bool run_until(const Observations::Predicate& done, Duration limit) = 0;

  /// Lets things happen for `span`.
  virtual void run_for(Duration span) = 0;

  /// Drops the provider's connections, for a script that got stuck. The client may not be used any
  /// more.
  virtual void abandon() = 0;

  /// Lets the service read what was sent to it to the end, then stops everything: no event follows.
  /// False: a connection of the service was still open after kFinishLimit, which only a half-open
  /// one should be.
  virtual bool finish() = 0;

  /// After finish(): the last frames of the provider's connections, in hex with named fields.
  [[nodiscard]] virtual std::vector<std::string> frames() const = 0;

  /// After finish(): what was seen of the provider's connections over HTTP/2, by its own numbers.
  [[nodiscard]] virtual std::map<std::uint64_t, WireFacts> wire_facts() const = 0;

  /// After finish(): what the provider said of its last failure; empty: nothing.
  [[nodiscard]] virtual std::string provider_error() const = 0;

  /// After finish().
  [[nodiscard]] virtual provider::ClientStats provider_stats() const = 0;

  static constexpr Duration kFinishLimit = std::chrono::seconds(10);
};

/// `scenario`, `observations` and `tls` outlive the host; `tls` may be null for HostKind::Memory.
/// The seed decides latency and splits of the memory hosts, the draws of fault rules and the
/// provider's jitter.
[[nodiscard]] std::unique_ptr<ScenarioHost> make_scenario_host(HostKind kind,
                                                               const Scenario& scenario,
                                                               std::uint64_t seed,
                                                               Observations& observations,
                                                               const TlsSetup* tls);

}  // namespace apns::scenarios
