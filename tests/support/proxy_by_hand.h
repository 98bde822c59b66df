#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apns/base/bytes.h"
#include "apns/base/network.h"

namespace apns::test {

/// What a proxy does, and has been asked.
struct ProxyScript {
  std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";
  bool answers = true;
  bool hangs_up = false;           // behind the answer
  std::vector<std::string> asked;  // the head of each request
};

/// An HTTP proxy in front of a service in memory: when CONNECT has come it answers, and what the
/// service has to say first stands right behind the answer.
class ProxyByHand final : public Engine, private EngineHost {
 public:
  ProxyByHand(ProxyScript& script, const PeerInfo& peer, EngineHost& host, EngineFactory inner)
      : script_(script), peer_(peer), host_(host), make_inner_(std::move(inner)) {}

  std::size_t feed(std::span<const std::byte> in, TimePoint now) override {
    if (inner_ != nullptr) {
      return inner_->feed(in, now);
    }
    head_ += as_text(in);
    if (!head_.ends_with("\r\n\r\n")) {
      return in.size();  // a client must not say more before it has an answer
    }
    script_.asked.push_back(std::exchange(head_, {}));
    if (script_.answers) {
      out_ = script_.answer;
      if (script_.hangs_up) {
        close_ = Close::FinOnly;
      } else {
        inner_ = make_inner_(peer_, static_cast<EngineHost&>(*this), now);
        const auto first = inner_->pending();
        out_ += as_text(first);
        inner_->sent(first.size(), now);
      }
    }
    return in.size();
  }

  void ended(End end, TimePoint now) override {
    if (inner_ != nullptr) {
      inner_->ended(end, now);
    } else {
      close_ = Close::Reset;
    }
  }

  [[nodiscard]] std::span<const std::byte> pending() const override {
    return !out_.empty() || inner_ == nullptr ? as_bytes(out_) : inner_->pending();
  }

  void sent(std::size_t n, TimePoint now) override {
    if (!out_.empty()) {
      out_.erase(0, n);
    } else {
      inner_->sent(n, now);
    }
  }

  [[nodiscard]] TimePoint deadline() const override {
    return inner_ == nullptr ? kNever : inner_->deadline();
  }

  void on_time(TimePoint now) override {
    if (inner_ != nullptr) {
      inner_->on_time(now);
    }
  }

  [[nodiscard]] bool wants_read() const override {
    return inner_ == nullptr || inner_->wants_read();
  }

  [[nodiscard]] Close close() const override {
    return inner_ == nullptr ? close_ : inner_->close();
  }

 private:
  void wake(Engine& /*inner*/) override { host_.wake(*this); }

  ProxyScript& script_;
  const PeerInfo peer_;
  EngineHost& host_;
  EngineFactory make_inner_;
  std::string head_;
  std::string out_;
  Close close_ = Close::None;
  std::unique_ptr<Engine> inner_;
};

/// The service's side of `below`, behind such a proxy. `script` outlives it.
[[nodiscard]] inline Transport behind_proxy(ProxyScript& script, Transport below) {
  return [&script, below = std::move(below)](const PeerInfo& peer, EngineHost& host,
                                             EngineFactory inner, TimePoint /*now*/) {
    return std::make_unique<ProxyByHand>(
        script, peer, host,
        [below, inner = std::move(inner)](const PeerInfo& known, EngineHost& outer,
                                          TimePoint when) {
          return below(known, outer, inner, when);
        });
  };
}

}  // namespace apns::test
