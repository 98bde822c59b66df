#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/out_buffer.h"
#include "apns/net/socket_host.h"
#include "apns/tls/tls_engine.h"

namespace apns::test {

/// A provider on a real socket that knows nothing of the protocol: writes the bytes it is given and
/// remembers what comes back. One connection; every wait has a limit and says what it waited for.
class SocketProvider final : private DialEvents, private tls::Observer {
 public:
  static constexpr std::chrono::seconds kLimit{10};

  /// `closes`: it ends its side when the service ends; otherwise it stays for ever.
  explicit SocketProvider(const tls::ClientOptions& options, bool closes = true)
      : closes_(closes), context_(options), scratch_(tls::make_scratch(1)) {
    transport_ = tls::make_transport(context_, clock_, scratch_, this, {});
    dialer_ = host_.make_dialer(*this);
    host_.start();
  }

  ~SocketProvider() override {
    host_.run_on(0, [this] { dialer_.reset(); });
    host_.stop();
  }

  void dial(std::uint16_t port, Bytes to_say) {
    to_say_ = std::move(to_say);
    host_.run_on(0, [this, port] { dialer_->dial(Endpoint{"127.0.0.1", port}, kLimit); });
  }

  [[nodiscard]] testing::AssertionResult wait_until_up() {
    return wait("the handshake", [this] { return is_up_; });
  }

  [[nodiscard]] testing::AssertionResult wait_until_gone() {
    return wait("the end of the connection", [this] { return gone_.has_value(); });
  }

  /// Hex, up to now.
  [[nodiscard]] std::string received() {
    const std::lock_guard lock(mutex_);
    return to_hex(received_);
  }

  [[nodiscard]] std::optional<Gone> why_gone() {
    const std::lock_guard lock(mutex_);
    return gone_;
  }

  [[nodiscard]] std::optional<std::uint8_t> alert_received() {
    const std::lock_guard lock(mutex_);
    return alert_received_;
  }

 private:
  class Line final : public Engine {
   public:
    explicit Line(SocketProvider& owner) : owner_(owner) { out_.append(owner.to_say_); }

    std::size_t feed(std::span<const std::byte> in, TimePoint /*now*/) override {
      owner_.change([&] { owner_.received_.insert(owner_.received_.end(), in.begin(), in.end()); });
      return in.size();
    }

    void ended(End /*end*/, TimePoint /*now*/) override {
      close_ = owner_.closes_ ? Close::CloseNotify : Close::None;
    }

    [[nodiscard]] std::span<const std::byte> pending() const override { return out_.pending(); }

    void sent(std::size_t n, TimePoint /*now*/) override { out_.consume(n); }

    [[nodiscard]] TimePoint deadline() const override { return kNever; }

    void on_time(TimePoint /*now*/) override {}

    [[nodiscard]] bool wants_read() const override { return true; }

    [[nodiscard]] Close close() const override { return close_; }

   private:
    SocketProvider& owner_;
    OutBuffer out_;
    Close close_ = Close::None;
  };

  template <class Change>
  void change(Change make_it) {
    const std::lock_guard lock(mutex_);
    make_it();
    changed_.notify_all();
  }

  testing::AssertionResult wait(const char* what, const std::function<bool()>& done) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kLimit, done)) {
      return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "waited in vain for " << what;
  }

  std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                    TimePoint now) override {
    return transport_(
        peer, host,
        [this](const PeerInfo& /*known*/, EngineHost& /*inner*/, TimePoint /*when*/) {
          change([this] { is_up_ = true; });
          return std::make_unique<Line>(*this);
        },
        now);
  }

  void gone(std::uint64_t /*connection*/, Gone why, const std::string& /*detail*/,
            TimePoint /*now*/) override {
    change([&] { gone_ = why; });
  }

  void on_alarm(TimePoint /*now*/) override {}

  void tls_failed(const PeerInfo& /*peer*/, const tls::Failure& failure) override {
    change([&] { alert_received_ = failure.alert_received; });
  }

  const bool closes_;
  net::SystemClock clock_;
  tls::Context context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  Transport transport_;
  Bytes to_say_;

  std::mutex mutex_;  // over what stands below, up to the dialer
  std::condition_variable changed_;
  Bytes received_;
  bool is_up_ = false;
  std::optional<Gone> gone_;
  std::optional<std::uint8_t> alert_received_;

  std::unique_ptr<Dialer> dialer_;
  net::SocketHost host_;
};

}  // namespace apns::test
