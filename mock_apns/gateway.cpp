#include "mock_apns/gateway.h"

#include <utility>

#include "mock_apns/gateway_engine.h"
#include "mock_apns/gateway_thread.h"

namespace apns::mock {

Gateway::Gateway(GatewayOptions options, const WorldClock& clock, Ledger* ledger, FaultRules* rules,
                 ProblemLog log)
    : options_(std::move(options)),
      clock_(clock),
      ledger_(ledger),
      rules_(rules),
      front_(FrontEnd::Options{Protocol::Binary, options_.environment, options_.threads}, clock,
             ledger, rules, std::move(log)) {
  for (unsigned i = 0; i < options_.threads; ++i) {
    threads_.push_back(std::make_unique<ThreadState>());
  }
}

Gateway::~Gateway() = default;

void Gateway::use_tls(const tls::Context& context, tls::TlsEngine::Options options) {
  front_.use_tls(context, options);
}

std::unique_ptr<Engine> Gateway::accepted(const PeerInfo& peer, EngineHost& host, TimePoint now) {
  return front_.accepted(
      peer, host,
      [this](const PeerInfo& known, EngineHost& inner_host, TimePoint when) {
        return make_engine(known, inner_host, when);
      },
      now);
}

std::unique_ptr<Engine> Gateway::make_engine(const PeerInfo& peer, EngineHost& host,
                                             TimePoint now) {
  return std::make_unique<GatewayEngine>(*this, peer, host, now);
}

void Gateway::gone(const PeerInfo& /*peer*/, Gone /*why*/, TimePoint /*now*/) {
  // The engine's destructor has told the ledger; it knows who ended the connection, and how.
}

void Gateway::shut_down(unsigned thread, TimePoint now) {
  threads_.at(thread)->is_shut_down = true;
  for (GatewayEngine* engine : threads_.at(thread)->engines) {
    engine->shut_down(now);
  }
}

std::vector<ConnectionInfo> Gateway::connections(unsigned thread) const {
  std::vector<ConnectionInfo> infos;
  for (const GatewayEngine* engine : threads_.at(thread)->engines) {
    infos.push_back(engine->describe());
  }
  return infos;
}

Applied Gateway::apply(unsigned thread, std::optional<std::uint64_t> connection,
                       const FaultAction& action, TimePoint now) {
  Applied applied;
  for (GatewayEngine* engine : threads_.at(thread)->engines) {
    if (!connection || *connection == engine->connection()) {
      ++applied.found;
      applied.done += engine->apply(action, now) ? 1U : 0U;
    }
  }
  return applied;
}

std::size_t Gateway::discard_backlogs(unsigned thread, TimePoint now) {
  std::size_t num_discarding = 0;
  for (GatewayEngine* engine : threads_.at(thread)->engines) {
    num_discarding += engine->discard_backlog(now) ? 1U : 0U;
  }
  return num_discarding;
}

void Gateway::reset_connections(unsigned thread, bool hang_up, TimePoint now) {
  for (GatewayEngine* engine : threads_.at(thread)->engines) {
    hang_up ? engine->hang_up() : engine->reset(now);
  }
}

void Gateway::rules_changed(unsigned thread, TimePoint now) {
  for (GatewayEngine* engine : threads_.at(thread)->engines) {
    engine->rules_changed(now);
  }
}

void Gateway::set_profile(const Profile& profile, TimePoint now) {
  options_.profile = &profile;
  for (const auto& thread : threads_) {
    for (GatewayEngine* engine : thread->engines) {
      engine->profile_changed(now);
    }
  }
}

GatewayCounters Gateway::counters() const {
  GatewayCounters sum;
  for (const auto& thread : threads_) {
    sum.connections += thread->connections.get();
    sum.accepted += thread->accepted.get();
    sum.rejected += thread->rejected.get();
    for (std::size_t status = 0; status < sum.rejected_with.size(); ++status) {
      sum.rejected_with.at(status) += thread->rejected_with.at(status).get();
    }
    sum.discarded += thread->discarded.get();
    sum.not_json += thread->not_json.get();
    sum.bytes += thread->bytes.get();
  }
  return sum;
}

}  // namespace apns::mock
