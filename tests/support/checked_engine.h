#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "apns/base/engine.h"
#include "apns/base/network.h"

namespace apns::test {

/// Stops the program: for what must hold in unit tests and fuzz targets alike.
inline void require(bool holds, const char* what) {
  if (!holds) {
    (void)std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
  }
}

/// Stands between a host and an engine and holds both to the contract of Engine.
class CheckedEngine final : public Engine, private EngineHost {
 public:
  /// `make` is given the host that the engine is to call.
  template <class Make>
  CheckedEngine(EngineHost& outer, Make make)
      : outer_(outer), inner_(make(static_cast<EngineHost&>(*this))) {}

  /// A factory that refuses gives no engine to check.
  [[nodiscard]] bool has_engine() const { return inner_ != nullptr; }

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
    const Call call(*this);
    require(!in.empty(), "feed() is given something");
    require(inner_->wants_read(), "feed() only when wants_read()");
    require(!ended_, "no feed() behind ended()");
    require(!is_over(), "no feed() once close() can be carried out");
    const std::size_t taken = inner_->feed(in, now);
    require(taken <= in.size(), "feed() takes what it was given");
    require(taken == in.size() || !inner_->wants_read(),
            "feed() takes less only when wants_read() falls");
    return taken;
  }

  void ended(End end, TimePoint now) override {
    const Call call(*this);
    require(!std::exchange(ended_, true), "ended() once");
    require(!is_over(), "no ended() once close() can be carried out");
    inner_->ended(end, now);
  }

  [[nodiscard]] std::span<const std::byte> pending() const override { return inner_->pending(); }

  void sent(std::size_t n, TimePoint now) override {
    const Call call(*this);
    require(n > 0 && n <= inner_->pending().size(), "sent() no more than pending()");
    inner_->sent(n, now);
  }

  [[nodiscard]] TimePoint deadline() const override { return inner_->deadline(); }

  void on_time(TimePoint now) override {
    const Call call(*this);
    inner_->on_time(now);
  }

  [[nodiscard]] bool wants_read() const override { return inner_->wants_read(); }

  [[nodiscard]] Close close() const override { return inner_->close(); }

 private:
  /// One call at a time: a host never calls an engine from inside wake() or another call.
  class Call {
   public:
    explicit Call(CheckedEngine& engine) : engine_(engine) {
      require(!std::exchange(engine_.in_call_, true), "no call inside a call");
    }

    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    ~Call() { engine_.in_call_ = false; }

   private:
    CheckedEngine& engine_;
  };

  [[nodiscard]] bool is_over() const {
    return inner_->close() != Close::None && inner_->pending().empty();
  }

  void wake(Engine& /*inner*/) override { outer_.wake(*this); }

  EngineHost& outer_;
  bool ended_ = false;
  bool in_call_ = false;
  std::unique_ptr<Engine> inner_;
};

/// `transport` with its engines held to the contract, outside and inside.
[[nodiscard]] inline Transport checked(Transport transport) {
  return [transport = std::move(transport)](const PeerInfo& peer, EngineHost& host,
                                            EngineFactory inner,
                                            TimePoint now) -> std::unique_ptr<Engine> {
    EngineFactory checked_inner = [inner = std::move(inner)](
                                      const PeerInfo& known, EngineHost& inner_host,
                                      TimePoint when) -> std::unique_ptr<Engine> {
      auto engine = std::make_unique<CheckedEngine>(
          inner_host, [&](EngineHost& checked_host) { return inner(known, checked_host, when); });
      return engine->has_engine() ? std::move(engine) : nullptr;
    };
    auto engine = std::make_unique<CheckedEngine>(host, [&](EngineHost& checked_host) {
      return transport(peer, checked_host, std::move(checked_inner), now);
    });
    return engine->has_engine() ? std::move(engine) : nullptr;
  };
}

}  // namespace apns::test
