#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "apns/base/memory_host.h"

namespace apns {

/// One end of a link. `engine` is null before the connection is up and after it ended.
struct MemoryHost::Side final : public EngineHost {
  enum class State { Waiting, Open, Draining, Vanished, Over };

  Side(MemoryHost& owner, bool is_server) : host(owner), server(is_server) {}

  void wake(Engine& /*engine*/) override { host.wake_side(*this); }

  /// See Dialer::unacknowledged; bytes that were lost stay so.
  [[nodiscard]] std::optional<std::size_t> unacknowledged() const {
    if (state == State::Waiting || state == State::Over) {
      return std::nullopt;
    }
    return other->num_sent - other->num_taken + (engine ? engine->pending().size() : 0);
  }

  MemoryHost& host;
  bool server;
  Link* link = nullptr;
  Side* other = nullptr;
  PeerInfo peer;
  std::unique_ptr<Engine> engine;
  State state = State::Waiting;
  Bytes inbox;                  // arrived, not yet taken by the engine
  std::size_t on_the_way = 0;   // bytes sent to this side that have not arrived
  std::uint64_t num_sent = 0;   // bytes sent to this side so far
  std::uint64_t num_taken = 0;  // of them those that its engine took, or a close made it drop
  std::uint64_t num_arrived = 0;
  std::uint64_t num_chunks = 0;  // drawn chunk sizes so far, for writes of this side
  bool write_shut = false;       // this side sent FIN or RST
  bool end_pending = false;      // the peer's end has arrived, the engine has not been told
  bool end_reset = false;
  bool end_told = false;
  bool service_scheduled = false;
  bool woken = false;
  TimePoint armed = kNever;
};

struct MemoryHost::Link {
  std::uint64_t number = 0;
  LinkOptions options;
  DialEvents* dial_events = nullptr;  // null: the dialer is gone
  AcceptEvents* accept_events = nullptr;
  std::unique_ptr<Side> client;
  std::unique_ptr<Side> server;
  std::string target;
};

}  // namespace apns
