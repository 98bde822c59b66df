#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apns/auth/certificate_identity.h"
#include "apns/base/network.h"
#include "apns/http2/session.h"
#include "apns/model/environment.h"
#include "apns/model/profile.h"
#include "apns/model/reason.h"
#include "apns/tls/tls_engine.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/front_end.h"
#include "mock_apns/ledger.h"
#include "mock_apns/open_connection.h"

namespace apns::mock {

class ProviderApiEngine;
class ProviderTokenMemory;
class TeamKeys;
class World;

struct ProviderApiOptions {
  Environment environment = Environment::Production;
  const Profile* profile = &default_profile();
  World* world = nullptr;  // null: every device token is taken on trust; outlives the service
  unsigned threads = 1;    // of the host it will run in
  std::uint64_t seed = 0;  // of the apns-ids that are made
  /// For measuring a provider: a wide receive window of the connection, and answers without Huffman
  /// code, which are longer and cost less. Else both are as the profile has them.
  bool for_load = false;
  /// A plain connection has no certificate; this stands for one (memory host without TLS, cleartext
  /// by prior knowledge). Null: provider tokens are wanted.
  std::shared_ptr<const auth::CertificateIdentity> plain_identity = nullptr;
  /// Of the teams whose provider tokens are verified; null: there are none, and a strict world
  /// takes no provider token. They outlive the service, which both environments share them with.
  const TeamKeys* team_keys = nullptr;
  ProviderTokenMemory* token_memory = nullptr;  // null: one of its own
};

/// What the provider API counted since its start; sums over its threads.
struct ProviderApiCounters {
  std::uint64_t connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  // By Reason. Sum: rejected, but for those that a rule gave a status without a reason.
  std::array<std::uint64_t, kNumReasons> rejected_with{};
  std::uint64_t discarded = 0;   // requests that were reset, never ended, or were lost by a rule
  std::uint64_t not_json = 0;    // accepted payloads that no phone could show
  std::uint64_t violations = 0;  // of HTTP/2
  std::uint64_t bytes = 0;       // of payloads
  std::uint64_t signatures = 0;  // of provider tokens, that were verified
};

/// The HTTP/2 provider API of one environment: what api.push.apple.com and
/// api.sandbox.push.apple.com are. Give it to an Acceptor.
///
///   accepted(peer) -> an engine -> POST /3/device/TOKEN -> verdict
///                  -> 200, or a status with {"reason":...}
///
/// Who shows a certificate is known by it; who shows none brings a provider token with each
/// request. Ledger (with a ring per thread), clock and rules outlive it; it outlives the host that
/// runs its engines. Calls come on the host's threads; what is kept per thread is indexed by
/// PeerInfo::thread.
class ProviderApi final : public AcceptEvents {
 public:
  /// `ledger` may be null: nothing is recorded. `rules` may be null.
  ProviderApi(ProviderApiOptions options, const WorldClock& clock, Ledger* ledger,
              FaultRules* rules, ProblemLog log);
  ~ProviderApi() override;

  /// Plain until this is called: HTTP/2 by prior knowledge. `context` outlives the service.
  void use_tls(const tls::Context& context, tls::TlsEngine::Options options = {});

  [[nodiscard]] std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                                 TimePoint now) override;
  void gone(const PeerInfo& peer, Gone why, TimePoint now) override;

  /// Ends every connection of a thread in two steps, the second GOAWAY with the reason Shutdown;
  /// requests that are under way are answered. So it goes with those whose handshake ends later.
  /// Call it on that thread.
  void shut_down(unsigned thread, TimePoint now);

  // What people do to the connections of a thread that are past their handshake. Call each on that
  // thread, or while all stand still.

  [[nodiscard]] std::vector<ConnectionInfo> connections(unsigned thread) const;
  /// To the one of this number, or to all.
  Applied apply(unsigned thread, std::optional<std::uint64_t> connection, const FaultAction& action,
                TimePoint now);
  /// ProviderApiEngine::discard_backlog for all. Returns how many have one.
  std::size_t discard_backlogs(unsigned thread, TimePoint now);
  /// After rules were armed or disarmed: an idle connection may be due earlier, or later.
  void rules_changed(unsigned thread, TimePoint now);
  /// Takes what connections carry back to where they began; `hang_up`: they are ended instead.
  void reset_connections(unsigned thread, bool hang_up, TimePoint now);
  /// Another profile from now on; SETTINGS are sent anew to connections that are opened from then
  /// on. `profile` outlives the service. Only while all threads stand still.
  void set_profile(const Profile& profile);

  [[nodiscard]] ProviderApiCounters counters() const;

  [[nodiscard]] const ProviderApiOptions& options() const { return options_; }

 private:
  friend class ProviderApiEngine;
  struct ThreadState;

  const http2::SessionOptions* keep_session_options(bool has_certificate);

  void problem(std::uint64_t connection, std::string_view area, std::string text) const {
    front_.problem(connection, area, std::move(text));
  }

  ProviderApiOptions options_;
  const WorldClock& clock_;
  Ledger* ledger_;
  FaultRules* rules_;
  FrontEnd front_;
  std::unique_ptr<const TeamKeys> no_keys_;          // unless the options have some
  std::unique_ptr<ProviderTokenMemory> own_memory_;  // the same
  // What sessions look at as long as they live: old ones are kept when the profile changes.
  std::vector<std::unique_ptr<const http2::SessionOptions>> session_options_;
  const http2::SessionOptions* with_certificate_ = nullptr;
  const http2::SessionOptions* with_provider_token_ = nullptr;
  std::vector<std::unique_ptr<ThreadState>> threads_;
};

}  // namespace apns::mock
