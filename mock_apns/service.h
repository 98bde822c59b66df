#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apns/net/socket_host.h"
#include "certs/state_folder.h"
#include "mock_apns/controlled_clock.h"
#include "mock_apns/feedback_service.h"
#include "mock_apns/gateway.h"
#include "mock_apns/provider_api.h"
#include "mock_apns/world/world_file.h"

namespace apns::mock {

/// Where each of the six services can be found beside its port: production and development may
/// share a port when their addresses differ, as Apple's do.
struct MoreEndpoints {
  std::vector<Endpoint> http2;  // numeric addresses
  std::vector<Endpoint> http2_development;
  std::vector<Endpoint> gateway;
  std::vector<Endpoint> gateway_development;
  std::vector<Endpoint> feedback;
  std::vector<Endpoint> feedback_development;
};

struct ServiceOptions {
  /// Numeric addresses; each port is bound on all of them. An IPv6 address that the machine does
  /// not have is left out.
  std::vector<std::string> listen = {"127.0.0.1", "::1"};
  std::uint16_t http2_port = 2197;  // 0: a free one
  std::uint16_t http2_port_development = 3197;
  std::uint16_t gateway_port = 2195;
  std::uint16_t gateway_port_development = 3195;
  std::uint16_t feedback_port = 2196;
  std::uint16_t feedback_port_development = 3196;
  MoreEndpoints also_at{};
  unsigned threads = 1;
  const Profile* profile = &default_profile();
  std::uint64_t seed = 0;
  WorldPlan world;         // its faults come behind `faults`; its teams have KEY0000001, too
  bool open_world = true;  // if the plan does not say
  bool magic_tokens = true;
  FeedbackSource* feedback = nullptr;  // instead of the world's lists; outlives the service
  std::vector<FaultRule> faults;
  bool keep_ledger =
      true;  // false: for load; HTTP/2 is then as ProviderApiOptions::for_load has it
  std::size_t keep = 100'000;  // ledger events
  // Of the gateways and feedback services; HTTP/2 goes by 1.2 and 1.3, as Apple's does.
  tls::Version min_tls = tls::Version::Tls12;  // those below take keys and digests of any strength
  tls::Version max_tls = tls::Version::Tls12;  // known clients hang on what TLS 1.3 sends unasked
};

struct ServiceEvents {
  Ledger::Listener ledger;      // may be empty; told within milliseconds, on a thread of its own
  Gateway::ProblemLog problem;  // may be empty
  net::HostLog host;            // may be empty
};

/// The whole simulated service on sockets: the HTTP/2 provider API, a gateway and a feedback
/// service per environment over one host, one world, one ledger and one set of rules. Threads run
/// from construction to destruction.
class Service {
 public:
  /// Throws net::ListenError, WorldError, or std::runtime_error with a full sentence. `credentials`
  /// may go away afterwards.
  Service(const ServiceOptions& options, const certs::StateFolder& credentials,
          ServiceEvents events);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// The port that was really bound.
  [[nodiscard]] std::uint16_t http2_port(Environment environment) const;
  [[nodiscard]] std::uint16_t gateway_port(Environment environment) const;
  [[nodiscard]] std::uint16_t feedback_port(Environment environment) const;
  [[nodiscard]] ProviderApiCounters http2_counters(Environment environment) const;
  [[nodiscard]] GatewayCounters counters(Environment environment) const;
  [[nodiscard]] FeedbackCounters feedback_counters(Environment environment) const;
  [[nodiscard]] std::size_t num_open_connections() const;
  /// All rules, in their order.
  [[nodiscard]] std::vector<ArmedFault> faults() const;
  /// FaultRules::arm, disarm; what is armed applies to connections that are open, too.
  std::shared_ptr<const FaultRule> arm(FaultRule rule);
  bool disarm(std::string_view name);
  void disarm_all();
  // ---- At run time. Each from any thread that is not the host's. ----

  /// Open connections that are past their handshake, in the order of opening.
  [[nodiscard]] std::vector<ConnectionInfo> connections() const;
  /// Does a rule's `then` now, to the connection of this number or to all.
  Applied apply(std::optional<std::uint64_t> connection, const FaultAction& action);

  /// What the checks of notifications go by; on open connections, too. Kept as a copy for as long
  /// as the service lives, equal ones once. False: a thread is busy for ten seconds, and nothing
  /// has changed. Throws WorldError: there have been kMaxProfiles besides profiles().
  [[nodiscard]] bool set_profile(const Profile& profile);
  [[nodiscard]] const Profile& profile() const;

  static constexpr std::size_t kMaxProfiles = 1'000;

  /// As at the start, as a whole, while no thread does anything else: the world as `world` has it
  /// (null: as the options have it), the rules of the options and of the plan, the clock, the
  /// profile, the teams' keys, the ledger, which is empty then. Open connections are taken back to
  /// where they began, or with `hang_up` ended; what was written before on one whose reading was
  /// held up is discarded. seq and counters go on. Returns the last seq that is gone, 0 without a
  /// ledger. Throws WorldError: the plan cannot be carried out, and nothing has changed. Nullopt:
  /// as false of set_profile().
  std::optional<std::uint64_t> reset(const WorldPlan* world = nullptr, bool hang_up = false);

  /// The teams' keys that provider tokens are verified with; from any thread.
  [[nodiscard]] TeamKeys& team_keys();
  /// The world's. What becomes due when it is moved has been done when the call returns.
  [[nodiscard]] ControlledClock& clock();
  [[nodiscard]] World& world();
  /// Of the ledger, for who changes the world from outside.
  [[nodiscard]] unsigned outside_ring() const;
  /// Null without keep_ledger.
  [[nodiscard]] const Ledger* ledger() const;

  /// Waits until no provider is connected, at most `limit`: then all that they sent has been
  /// judged. True: none is.
  [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit);

  /// Stops as Apple does for maintenance: no new connections, GOAWAY with the reason Shutdown on
  /// the open ones of HTTP/2, status 10 on those of the gateways, the end of the list on those of
  /// the feedback services, drain. What the ledger has then, its listener has been told. True: all
  /// had ended within `limit`.
  [[nodiscard]] bool shut_down(std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace apns::mock
