#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/base/network.h"
#include "apns/model/environment.h"
#include "apns/tls/tls_engine.h"
#include "mock_apns/fault_rule.h"
#include "mock_apns/ledger.h"

namespace apns::mock {

/// What a part of the service tells its shell, for the log. One call per connection at most.
struct ServiceProblem {
  std::uint64_t connection = 0;
  std::string_view area;  // "tls", "binary", "feedback"
  std::string text;       // a sentence; what would be right is part of it
};

using ProblemLog = std::function<void(const ServiceProblem&)>;

/// How the service ended a connection, as the ledger has it: "fin", "rst", "half-open".
[[nodiscard]] const char* ledger_text_of(Close close);

/// How a connection ends when a rule says so.
[[nodiscard]] Close close_of(FaultClose close);

/// What every port of the service has in front of its engines: TLS or nothing, one scratch per
/// thread of the host, and the account of handshakes that fail.
///
///   handshake fails   -> ledger: connection refused; problem log: what would help
///   a rule refuses it -> ledger: fault fired; then as above
///   later TLS errors  -> problem log
///
/// Clock, ledger and rules outlive it; it outlives the host that runs its engines.
class FrontEnd final : private tls::Observer {
 public:
  struct Options {
    Protocol protocol = Protocol::Binary;
    Environment environment = Environment::Production;
    unsigned threads = 1;  // of the host
  };

  /// `ledger` may be null: nothing is recorded. `rules` may be null. `log` may be empty.
  FrontEnd(Options options, const WorldClock& clock, Ledger* ledger, FaultRules* rules,
           ProblemLog log);

  /// Plain until this is called. `context` outlives the front end.
  void use_tls(const tls::Context& context, tls::TlsEngine::Options options);

  /// `inner` makes the engine behind TLS, at once or when the handshake is over.
  [[nodiscard]] std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                                 EngineFactory inner, TimePoint now) {
    return transport_(peer, host, std::move(inner), now);
  }

  /// The plaintext that TLS gives to the engines of a thread lies here.
  [[nodiscard]] const tls::Scratch& scratch(unsigned thread) const { return *scratch_.at(thread); }

  [[nodiscard]] WorldTime now() const { return clock_.now(); }

  /// An event of a connection, now; for the caller to complete.
  [[nodiscard]] LedgerRecord event(EventKind kind, EventOutcome outcome,
                                   std::uint64_t connection) const;

  /// Returns the event's seq; without a ledger nothing happens, and it is 0.
  std::uint64_t record(unsigned thread, const LedgerRecord& record) const;

  /// The first rule that fires for a connection as such, which is recorded. Null: none.
  std::shared_ptr<const FaultRule> fire(FaultRule::Trigger trigger, const PeerInfo& peer,
                                        std::string_view topic, TimePoint now) const;

  void problem(std::uint64_t connection, std::string_view area, std::string text) const;

 private:
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;
  [[nodiscard]] std::optional<std::uint8_t> refuse_handshake(const PeerInfo& peer,
                                                             TimePoint now) override;

  const Options options_;
  const WorldClock& clock_;
  Ledger* const ledger_;
  FaultRules* const rules_;
  const ProblemLog log_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  Transport transport_;
};

}  // namespace apns::mock
