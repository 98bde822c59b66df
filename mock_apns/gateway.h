#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apns/base/network.h"
#include "apns/model/environment.h"
#include "apns/model/profile.h"
#include "apns/tls/tls_engine.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/front_end.h"
#include "mock_apns/ledger.h"
#include "mock_apns/open_connection.h"

namespace apns::mock {

class GatewayEngine;
class PayloadChecker;
class World;

struct GatewayOptions {
  Environment environment = Environment::Production;
  const Profile* profile = &default_profile();
  World* world = nullptr;  // null: every device token is taken on trust; outlives the gateway
  unsigned threads = 1;    // of the host it will run in
  /// A plain connection has no certificate; this is its topic (memory host without TLS).
  std::string plain_topic = "com.example.app";
};

/// What a gateway counted since its start; sums over its threads.
struct GatewayCounters {
  std::uint64_t connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::array<std::uint64_t, 256> rejected_with{};  // by status; sum: rejected
  std::uint64_t discarded = 0;
  std::uint64_t not_json = 0;  // accepted payloads that no phone could show
  std::uint64_t bytes = 0;     // of notifications, as framed
};

using GatewayProblem = ServiceProblem;

/// The binary gateway of one environment: what Apple had behind port 2195. Give it to an Acceptor.
///
///   accepted(peer) -> an engine -> notifications -> verdict
///                  -> silence, or an error packet and the end
///
/// Ledger (with a ring per thread), clock and rules outlive it; it outlives the host that runs its
/// engines. Calls come on the host's threads; what is kept per thread is indexed by
/// PeerInfo::thread.
class Gateway final : public AcceptEvents {
 public:
  using ProblemLog = mock::ProblemLog;

  /// `ledger` may be null: nothing is recorded. `rules` may be null.
  Gateway(GatewayOptions options, const WorldClock& clock, Ledger* ledger, FaultRules* rules,
          ProblemLog log);
  ~Gateway() override;

  /// Plain until this is called. `context` outlives the gateway; it must require a client
  /// certificate.
  void use_tls(const tls::Context& context, tls::TlsEngine::Options options = {});

  [[nodiscard]] std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                                 TimePoint now) override;
  void gone(const PeerInfo& peer, Gone why, TimePoint now) override;

  /// Ends every connection of a thread as Apple does for maintenance: status 10 with the last
  /// accepted identifier (0: none was), close_notify, drain. So it goes with those whose handshake
  /// ends later. Call it on that thread.
  void shut_down(unsigned thread, TimePoint now);

  // What people do to the connections of a thread that are past their handshake. Call each on that
  // thread, or while all stand still.

  [[nodiscard]] std::vector<ConnectionInfo> connections(unsigned thread) const;
  /// To the one of this number, or to all.
  Applied apply(unsigned thread, std::optional<std::uint64_t> connection, const FaultAction& action,
                TimePoint now);
  /// GatewayEngine::discard_backlog for all. Returns how many have one.
  std::size_t discard_backlogs(unsigned thread, TimePoint now);
  /// GatewayEngine::reset for all; `hang_up`: they are ended instead.
  void reset_connections(unsigned thread, bool hang_up, TimePoint now);
  /// After rules were armed or disarmed: an idle connection may be due earlier, or later.
  void rules_changed(unsigned thread, TimePoint now);
  /// Another profile from now on, on open connections too. `profile` outlives the gateway. Only
  /// while all threads stand still.
  void set_profile(const Profile& profile, TimePoint now);

  [[nodiscard]] GatewayCounters counters() const;

  [[nodiscard]] const GatewayOptions& options() const { return options_; }

 private:
  friend class GatewayEngine;
  struct ThreadState;

  [[nodiscard]] std::unique_ptr<Engine> make_engine(const PeerInfo& peer, EngineHost& host,
                                                    TimePoint now);

  void problem(std::uint64_t connection, std::string_view area, std::string text) const {
    front_.problem(connection, area, std::move(text));
  }

  GatewayOptions options_;
  const WorldClock& clock_;
  Ledger* ledger_;
  FaultRules* rules_;
  FrontEnd front_;
  std::vector<std::unique_ptr<ThreadState>> threads_;
};

}  // namespace apns::mock
