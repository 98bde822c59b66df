#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apns/tls/tls_engine.h"
#include "tests/support/checked_engine.h"
#include "tests/support/probe_engine.h"

namespace apns::test {

/// A world's clock that stands still.
struct FixedClock final : public WorldClock {
  explicit FixedClock(WorldTime t = kManualStart) : time(t) {}

  [[nodiscard]] WorldTime now() const override { return time; }

  WorldTime time;
};

/// The outer form of a TLS record: RFC 5246 section 6.2.1.
struct TlsRecord {
  std::uint8_t type = 0;
  std::size_t len = 0;  // of the fragment

  [[nodiscard]] bool operator==(const TlsRecord&) const = default;
};

inline constexpr std::uint8_t kChangeCipherSpecRecord = 20;
inline constexpr std::uint8_t kAlertRecord = 21;
inline constexpr std::uint8_t kHandshakeRecord = 22;
inline constexpr std::uint8_t kDataRecord = 23;

/// The records of one direction. Bytes that are not whole records stop the program.
[[nodiscard]] inline std::vector<TlsRecord> parse_records(ByteView wire) {
  std::vector<TlsRecord> records;
  for (ByteReader in(wire); in.left() > 0;) {
    require(in.has(5), "a whole record header");
    const auto type = in.read<std::uint8_t>();
    in.skip(2);
    const auto len = in.read<std::uint16_t>();
    require(in.has(len), "a whole record");
    in.skip(len);
    records.push_back(TlsRecord{type, len});
  }
  return records;
}

/// One TLS engine with a probe inside, and what a host keeps for it. Both are held to the contract
/// of Engine.
class TlsEnd final : public EngineHost, public tls::Observer {
 public:
  TlsEnd(const tls::Context& context, const WorldClock& clock, tls::TlsEngine::Options options,
         TimePoint now) {
    auto checked = std::make_unique<CheckedEngine>(*this, [&](EngineHost& host) {
      EngineFactory inner = [this](const PeerInfo& peer, EngineHost& inner_host,
                                   TimePoint /*when*/) -> std::unique_ptr<Engine> {
        if (refuses) {
          return nullptr;
        }
        return std::make_unique<CheckedEngine>(inner_host, [&](EngineHost& checked_host) {
          return std::make_unique<ProbeEngine>(probe, peer, checked_host);
        });
      };
      return std::make_unique<tls::TlsEngine>(context, PeerInfo{}, host, std::move(inner), clock,
                                              scratch_, this, options, now);
    });
    engine = std::move(checked);
  }

  void tls_failed(const PeerInfo& /*peer*/, const tls::Failure& failure) override {
    failures.push_back(failure);
  }

  std::optional<std::uint8_t> refuse_handshake(const PeerInfo& /*peer*/,
                                               TimePoint /*now*/) override {
    ++num_asked;
    return ordered_alert;
  }

  void wake(Engine& /*engine*/) override { woken = true; }

  Probe probe;
  std::optional<std::uint8_t> ordered_alert;  // in place of the ServerHello
  std::size_t num_asked = 0;                  // for such an alert
  bool refuses = false;                       // the inner factory gives no engine
  std::unique_ptr<Engine> engine;  // null once its close() was carried out, or it heard a reset
  std::vector<tls::Failure> failures;
  Close closed = Close::None;     // how it ended
  Bytes inbox;                    // arrived, not taken
  Bytes wire;                     // all that it sent
  std::vector<std::size_t> runs;  // lengths of the runs of pending()
  bool woken = false;
  bool heard_end = false;

 private:
  tls::Scratch scratch_;
};

/// Two TLS engines back to back, with nothing between them but the test.
class TlsPair {
 public:
  TlsPair(const tls::Context& server_context, const tls::Context& client_context,
          const WorldClock& clock, tls::TlsEngine::Options options = {})
      : server(server_context, clock, options, TimePoint{}),
        client(client_context, clock, options, TimePoint{}) {}

  /// How many of the bytes that wait are fed at once.
  std::function<std::size_t(std::size_t waiting)> cut = [](std::size_t waiting) { return waiting; };

  /// May change what is on its way; `offset` is that of its first byte in what `from` sent.
  std::function<void(const TlsEnd& from, std::size_t offset, std::span<std::byte> bytes)> tamper;

  /// Until nothing moves.
  void run() {
    while (step(client, server) || step(server, client)) {
    }
  }

  /// A stream that ends without a word of TLS.
  void end_stream(TlsEnd& from, TlsEnd& to) {
    from.engine.reset();
    from.closed = Close::FinOnly;
    run();
    require(to.heard_end || to.engine == nullptr, "the end was told");
  }

  TlsEnd server;
  TlsEnd client;
  TimePoint now{};

 private:
  bool step(TlsEnd& end, TlsEnd& other) {
    if (!end.engine) {
      end.inbox.clear();
      return false;
    }
    bool moved = std::exchange(end.woken, false);
    if (moved || end.engine->deadline() <= now) {
      end.engine->on_time(now);
    }
    moved |= take_pending(end, other);
    if (perform_close(end)) {
      return true;
    }
    moved |= feed(end, other);
    return moved;
  }

  bool feed(TlsEnd& end, TlsEnd& other) {
    if (!end.inbox.empty() && end.engine->wants_read()) {
      const std::size_t n = std::clamp<std::size_t>(cut(end.inbox.size()), 1, end.inbox.size());
      // A block of its exact size, so that a read past it is seen by the address sanitizer.
      const Bytes part(end.inbox.begin(), end.inbox.begin() + static_cast<std::ptrdiff_t>(n));
      const std::size_t taken = end.engine->feed(part, now);
      end.inbox.erase(end.inbox.begin(), end.inbox.begin() + static_cast<std::ptrdiff_t>(taken));
      return taken > 0;
    }
    if (end.inbox.empty() && other.closed != Close::None && other.closed != Close::Vanish &&
        !end.heard_end) {
      end.heard_end = true;
      end.engine->ended(other.closed == Close::Reset ? End::Reset : End::Fin, now);
      if (other.closed == Close::Reset) {
        end.engine.reset();
      }
      return true;
    }
    return false;
  }

  static bool perform_close(TlsEnd& end) {
    if (!end.engine->pending().empty() || end.engine->close() == Close::None) {
      return false;
    }
    end.closed = end.engine->close();
    end.engine.reset();
    return true;
  }

  bool take_pending(TlsEnd& end, TlsEnd& other) const {
    const ByteView run = end.engine->pending();
    if (run.empty()) {
      return false;
    }
    const std::size_t offset = end.wire.size();
    end.wire.insert(end.wire.end(), run.begin(), run.end());
    end.runs.push_back(run.size());
    other.inbox.insert(other.inbox.end(), run.begin(), run.end());
    if (tamper) {
      tamper(end, offset, std::span(other.inbox).last(run.size()));
    }
    end.engine->sent(run.size(), now);
    return true;
  }
};

}  // namespace apns::test
