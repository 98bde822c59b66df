#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apns/base/engine.h"
#include "apns/base/network.h"
#include "scenarios/runner/frame_keeper.h"
#include "scenarios/runner/http2_witness.h"

namespace apns::scenarios {

/// What a provider's connections carried, above TLS, for the report of a failure. One thread at a
/// time.
class TapLog {
 public:
  enum class Protocol : std::uint8_t { Binary, Http2 };

  struct Connection {
    std::unique_ptr<FrameKeeper> to_service;
    std::unique_ptr<FrameKeeper> to_provider;
    std::unique_ptr<Http2Witness> witness;  // null: another protocol
  };

  explicit TapLog(Protocol protocol) : protocol_(protocol) {}

  [[nodiscard]] Connection& connection(std::uint64_t number);

  /// The last frames of each connection, at most `limit` lines, newest connection last: "#1 service
  /// > provider   08 08 00 00 00 04   error packet, status 8 (invalid token), identifier 4".
  [[nodiscard]] std::vector<std::string> describe(std::size_t limit) const;

  /// What was seen of each connection over HTTP/2, by its number.
  [[nodiscard]] std::map<std::uint64_t, WireFacts> facts() const;

 private:
  const Protocol protocol_;
  std::map<std::uint64_t, Connection> connections_;
};

/// An engine that keeps the last bytes of the one inside and is otherwise not there.
class TapEngine final : public Engine, private EngineHost {
 public:
  /// `log` outlives the engine.
  TapEngine(TapLog::Connection& log, EngineHost& outer) : log_(log), outer_(outer) {}

  /// What the engine inside is built with; it must not call it before use().
  [[nodiscard]] EngineHost& inner_host() { return *this; }

  void use(std::unique_ptr<Engine> inner) { inner_ = std::move(inner); }

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;

  void ended(End end, TimePoint now) override { inner_->ended(end, now); }

  [[nodiscard]] std::span<const std::byte> pending() const override { return inner_->pending(); }

  void sent(std::size_t n, TimePoint now) override;

  [[nodiscard]] TimePoint deadline() const override { return inner_->deadline(); }

  void on_time(TimePoint now) override { inner_->on_time(now); }

  [[nodiscard]] bool wants_read() const override { return inner_->wants_read(); }

  [[nodiscard]] Close close() const override { return inner_->close(); }

 private:
  void wake(Engine& /*inner*/) override { outer_.wake(*this); }

  TapLog::Connection& log_;
  EngineHost& outer_;
  std::unique_ptr<Engine> inner_;
};

/// `below` with a tap between it and the protocol.
[[nodiscard]] Transport tap_transport(Transport below, TapLog& log);

}  // namespace apns::scenarios
