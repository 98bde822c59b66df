#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apns/base/engine.h"
#include "apns/base/out_buffer.h"

namespace apns::test {

/// Letters that differ from their neighbours, and from those a row above.
inline std::string text_of(std::size_t len) {
  std::string text(len, '\0');
  for (std::size_t i = 0; i < len; ++i) {
    text[i] = static_cast<char>('a' + i % 26 + i / 26 % 3);
  }
  return text;
}

/// A test's hold on one end of a connection: what its engine is to do, and what it saw. It outlives
/// the engine. The engine looks at it in every call; what is changed outside of one needs wake().
struct Probe {
  // What the engine does.
  OutBuffer out;
  bool reads = true;
  std::size_t stop_reading_at = SIZE_MAX;  // `reads` falls once that many bytes have come in all
  std::size_t close_at =
      SIZE_MAX;  // `close` becomes close_at_end once so many bytes have come in all
  Close close = Close::None;
  Close close_at_end = Close::CloseNotifyThenDrain;  // None: goes on after the peer ended
  TimePoint deadline = kNever;
  std::function<void(TimePoint)> on_time;  // the deadline is off when it is called

  // What it saw.
  std::string received;
  std::vector<std::size_t> feeds;  // bytes taken by each
  std::vector<TimePoint> feed_times;
  std::optional<End> end;
  std::size_t num_on_time = 0;
  std::size_t num_sent = 0;
  bool is_built = false;
  bool is_destroyed = false;
  PeerInfo peer;

  EngineHost* host = nullptr;  // while the engine lives
  Engine* engine = nullptr;

  void wake() const {
    if (engine != nullptr) {
      host->wake(*engine);
    }
  }

  void say(std::string_view text) {
    out.append(as_bytes(text));
    wake();
  }

  void end_with(Close how) {
    close = how;
    wake();
  }
};

class ProbeEngine final : public Engine {
 public:
  ProbeEngine(Probe& probe, const PeerInfo& peer, EngineHost& host) : probe_(probe) {
    probe.is_built = true;
    probe.peer = peer;
    probe.host = &host;
    probe.engine = this;
  }

  ~ProbeEngine() override {
    probe_.is_destroyed = true;
    probe_.engine = nullptr;
    probe_.host = nullptr;
  }

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
    const std::size_t room =
        probe_.stop_reading_at - std::min(probe_.stop_reading_at, probe_.received.size());
    const std::size_t n = std::min(in.size(), room);
    probe_.received.append(as_text(in.first(n)));
    probe_.feeds.push_back(n);
    probe_.feed_times.push_back(now);
    if (probe_.received.size() >= probe_.stop_reading_at) {
      probe_.reads = false;
    }
    if (probe_.received.size() >= probe_.close_at) {
      probe_.close = probe_.close_at_end;
    }
    return n;
  }

  void ended(End end, TimePoint /*now*/) override {
    probe_.end = end;
    if (probe_.close == Close::None) {
      probe_.close = probe_.close_at_end;
    }
  }

  [[nodiscard]] std::span<const std::byte> pending() const override { return probe_.out.pending(); }

  void sent(std::size_t n, TimePoint /*now*/) override {
    probe_.num_sent += n;
    probe_.out.consume(n);
  }

  [[nodiscard]] TimePoint deadline() const override { return probe_.deadline; }

  void on_time(TimePoint now) override {
    ++probe_.num_on_time;
    if (now >= probe_.deadline) {
      probe_.deadline = kNever;
      if (probe_.on_time) {
        probe_.on_time(now);
      }
    }
  }

  [[nodiscard]] bool wants_read() const override { return probe_.reads; }

  [[nodiscard]] Close close() const override { return probe_.close; }

 private:
  Probe& probe_;
};

[[nodiscard]] inline EngineFactory probe_factory(Probe& probe) {
  return [&probe](const PeerInfo& peer, EngineHost& host, TimePoint /*now*/) {
    return std::make_unique<ProbeEngine>(probe, peer, host);
  };
}

}  // namespace apns::test
