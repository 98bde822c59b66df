#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apns/base/network.h"
#include "apns/model/environment.h"
#include "apns/model/profile.h"
#include "apns/tls/tls_engine.h"
#include "mock_apns/front_end.h"
#include "mock_apns/ledger.h"
#include "mock_apns/open_connection.h"
#include "mock_apns/world/feedback_lists.h"

namespace apns::mock {

class FeedbackEngine;

struct FeedbackOptions {
  Environment environment = Environment::Production;
  const Profile* profile = &default_profile();
  unsigned threads = 1;              // of the host it will run in
  FeedbackSource* source = nullptr;  // outlives the service; null: every list is empty
  /// A plain connection has no certificate; this is its topic (memory host without TLS).
  std::string plain_topic = "com.example.app";
  /// A profile that clears at accept takes at most so many tuples then; the rest stays on the list.
  std::size_t max_cleared_at_accept = 100'000;
};

/// What a feedback service counted since its start; sums over its threads.
struct FeedbackCounters {
  std::uint64_t polls = 0;     // connections that got past TLS
  std::uint64_t tuples = 0;    // handed over whole
  std::uint64_t put_back = 0;  // taken off a list and returned to it
  std::uint64_t lost = 0;      // cleared at accept, and not handed over
};

/// The feedback service of one environment: what Apple had behind port 2196. Give it to an
/// Acceptor. docs/wire/feedback.md
///
///   accepted(peer) -> an engine -> tuples of the certificate's topic -> close_notify and the end
///
/// Source, clock, ledger and rules outlive it; it outlives the host that runs its engines. Calls
/// come on the host's threads; what is kept per thread is indexed by PeerInfo::thread.
class FeedbackService final : public AcceptEvents {
 public:
  /// `ledger` may be null: nothing is recorded. `rules` may be null.
  FeedbackService(FeedbackOptions options, const WorldClock& clock, Ledger* ledger,
                  FaultRules* rules, ProblemLog log);
  ~FeedbackService() override;

  /// Plain until this is called. `context` outlives the service; it must require a client
  /// certificate.
  void use_tls(const tls::Context& context, tls::TlsEngine::Options options = {});

  [[nodiscard]] std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                                 TimePoint now) override;
  void gone(const PeerInfo& peer, Gone why, TimePoint now) override;

  /// Ends every connection of a thread behind what it has pending, also those whose handshake ends
  /// later; what they have not been given stays on the lists. Call it on that thread.
  void shut_down(unsigned thread);

  // What people do to the connections of a thread that are past their handshake. Call each on that
  // thread, or while all stand still.

  [[nodiscard]] std::vector<ConnectionInfo> connections(unsigned thread) const;
  /// To the one of this number, or to all.
  Applied apply(unsigned thread, std::optional<std::uint64_t> connection, const FaultAction& action,
                TimePoint now);
  /// FeedbackEngine::reset for all; `hang_up`: they are ended instead.
  void reset_connections(unsigned thread, bool hang_up);

  /// Another profile for connections that open from now on. `profile` outlives the service. Only
  /// while all threads stand still.
  void set_profile(const Profile& profile) { options_.profile = &profile; }

  [[nodiscard]] FeedbackCounters counters() const;

  [[nodiscard]] const FeedbackOptions& options() const { return options_; }

 private:
  friend class FeedbackEngine;
  struct ThreadState;

  FeedbackOptions options_;
  FrontEnd front_;
  std::vector<std::unique_ptr<ThreadState>> threads_;
};

}  // namespace apns::mock
