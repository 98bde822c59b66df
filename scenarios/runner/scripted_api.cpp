#include "scenarios/runner/scripted_api.h"

#include <utility>

#include "mock_apns/push_request.h"
#include "scenarios/runner/scripted_connection.h"

namespace apns::scenarios {

ScriptedApi::ScriptedApi(const std::vector<ConnectionScript>& scripts,
                         const std::vector<http2::Setting>& settings, const WorldClock& clock,
                         mock::Ledger& ledger, mock::FaultRules& rules)
    : scripts_(scripts),
      front_(mock::FrontEnd::Options{mock::Protocol::Http2, Environment::Production, 1}, clock,
             &ledger, &rules, {}) {
  for (const ConnectionScript& script : scripts) {
    auto made = std::make_unique<http2::SessionOptions>(mock::push_field_names());
    made->settings = script.settings.value_or(settings);
    options_.push_back(std::move(made));
  }
}

ScriptedApi::~ScriptedApi() = default;

bool ScriptedApi::is_scripted(std::uint64_t connection) const {
  return connection >= 1 && connection <= scripts_.size() &&
         !scripts_[connection - 1].steps.empty();
}

std::unique_ptr<Engine> ScriptedApi::accepted(const PeerInfo& peer, EngineHost& host,
                                              TimePoint now) {
  const std::size_t index = peer.connection - 1;
  return front_.accepted(
      peer, host,
      [this, index](const PeerInfo& known, EngineHost& /*host*/, TimePoint when) {
        return std::make_unique<ScriptedConnection>(scripts_[index], *options_[index], front_,
                                                    scratch_, known, when);
      },
      now);
}

}  // namespace apns::scenarios
