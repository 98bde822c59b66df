#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "apns/base/network.h"
#include "apns/http2/hpack_scratch.h"
#include "apns/http2/session.h"
#include "mock_apns/front_end.h"
#include "mock_apns/ledger.h"
#include "scenarios/runner/service_script.h"

namespace apns::scenarios {

/// Connections of the provider API that go by a script. On one thread.
class ScriptedApi final {
 public:
  /// `scripts` by connection, the first one is number 1's; `settings` are those of one that has
  /// none of its own. References outlive it; it outlives the host that runs its engines.
  ScriptedApi(const std::vector<ConnectionScript>& scripts,
              const std::vector<http2::Setting>& settings, const WorldClock& clock,
              mock::Ledger& ledger, mock::FaultRules& rules);
  ~ScriptedApi();

  /// Plain until this is called. `context` outlives it.
  void use_tls(const tls::Context& context) { front_.use_tls(context, {}); }

  /// Does a script say what happens on it?
  [[nodiscard]] bool is_scripted(std::uint64_t connection) const;

  /// For a connection that is_scripted().
  [[nodiscard]] std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                                 TimePoint now);

 private:
  const std::vector<ConnectionScript>& scripts_;
  mock::FrontEnd front_;
  http2::HpackScratch scratch_;
  std::vector<std::unique_ptr<const http2::SessionOptions>> options_;  // by script
};

}  // namespace apns::scenarios
