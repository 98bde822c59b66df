#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "apns/base/network.h"
#include "apns/http2/session.h"
#include "apns/tls/tls_engine.h"
#include "mock_apns/counter.h"
#include "mock_apns/front_end.h"
#include "mock_apns/null_answer.h"

namespace apns::mock {

class NullEngine;

/// What a null service counted since its start; sums over its threads.
struct NullCounters {
  std::uint64_t connections = 0;                             // past their handshake
  std::uint64_t requests = 0;                                // answered
  std::uint64_t resets = 0;                                  // streams that clients have reset
  std::array<std::uint64_t, http2::kNumRules> violations{};  // by http2::Rule
  std::array<std::uint64_t, http2::kNumBounds> bounds{};     // how often each http2::Bound was hit
};

/// HTTP/2 that says yes to everything: what a load is measured against. Give it to an Acceptor.
///
///   accepted(peer) -> a NullEngine, behind TLS if there is any
///
/// The clock outlives it; it outlives the host that runs its engines. Calls come on the host's
/// threads; what is kept per thread is indexed by PeerInfo::thread.
class NullEndpoint final : public AcceptEvents, private tls::Observer {
 public:
  struct ThreadState {
    explicit ThreadState(std::uint64_t seed) : answer(seed) {}

    std::unordered_set<NullEngine*> engines;  // alive, on this thread
    bool is_shut_down = false;                // connections that open from now on are ended at once
    http2::HpackScratch scratch;
    NullAnswer answer;
    Bytes size_updates;  // and the block behind them; empty between answers
    Counter connections;
    Counter requests;
    Counter resets;
    std::array<Counter, http2::kNumRules> violations;
    std::array<Counter, http2::kNumBounds> bounds;
  };

  /// `threads`: of the host. `seed`: of the apns-ids. `log` may be empty.
  NullEndpoint(unsigned threads, std::uint64_t seed, const WorldClock& clock, ProblemLog log);
  ~NullEndpoint() override;

  /// Plain until this is called. `context` outlives the endpoint.
  void use_tls(const tls::Context& context, tls::TlsEngine::Options options = {});

  [[nodiscard]] std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                                 TimePoint now) override;
  void gone(const PeerInfo& peer, Gone why, TimePoint now) override;

  /// Ends every connection of a thread in two steps, also those whose handshake ends later. Call it
  /// on that thread.
  void shut_down(unsigned thread);

  [[nodiscard]] NullCounters counters() const;

  // For its engines.

  [[nodiscard]] const http2::SessionOptions& session_options() const { return session_options_; }

  [[nodiscard]] ThreadState& thread(unsigned index) { return *threads_[index]; }

  void problem(std::uint64_t connection, std::string_view area, std::string text) const;

 private:
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;

  http2::SessionOptions session_options_;
  const WorldClock& clock_;
  const ProblemLog log_;
  std::vector<std::unique_ptr<ThreadState>> threads_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  Transport transport_;
};

}  // namespace apns::mock
