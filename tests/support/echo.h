#pragma once

#include <memory>
#include <string>
#include <utility>

#include "apns/base/engine.h"
#include "apns/base/network.h"
#include "apns/base/out_buffer.h"

namespace apns::test {

/// Sends back what it gets; ends when the peer does. Reads no more while much is waiting to go out.
class EchoServer final : public Engine {
 public:
  static constexpr std::size_t kHighWater = 4096;

  std::size_t feed(std::span<const std::byte> in, TimePoint /*now*/) override {
    const std::size_t n = std::min(in.size(), kHighWater - std::min(kHighWater, out_.size()));
    out_.append(in.first(n));
    return n;
  }

  void ended(End end, TimePoint /*now*/) override {
    last_end = end;
    close_ = Close::CloseNotifyThenDrain;
  }

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint /*now*/) override { out_.consume(n); }

  [[nodiscard]] TimePoint deadline() const override { return kNever; }

  void on_time(TimePoint /*now*/) override {}

  [[nodiscard]] bool wants_read() const override { return out_.size() < kHighWater; }

  [[nodiscard]] Close close() const override { return close_; }

  End last_end = End::Reset;

 private:
  OutBuffer out_;
  Close close_ = Close::None;
};

/// Sends a text, collects what comes back, and closes when it has it all.
class EchoClient final : public Engine {
 public:
  EchoClient(std::string text, std::string& received)
      : wanted_(std::move(text)), received_(received) {
    out_.append(as_bytes(wanted_));
  }

  std::size_t feed(std::span<const std::byte> in, TimePoint /*now*/) override {
    received_.append(as_text(in));
    return in.size();
  }

  void ended(End /*end*/, TimePoint /*now*/) override { ended_ = true; }

  [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

  void sent(std::size_t n, TimePoint /*now*/) override { out_.consume(n); }

  [[nodiscard]] TimePoint deadline() const override { return kNever; }

  void on_time(TimePoint /*now*/) override {}

  [[nodiscard]] bool wants_read() const override { return true; }

  [[nodiscard]] Close close() const override {
    return ended_ || received_.size() >= wanted_.size() ? Close::CloseNotifyThenDrain : Close::None;
  }

 private:
  std::string wanted_;
  std::string& received_;
  OutBuffer out_;
  bool ended_ = false;
};

}  // namespace apns::test
