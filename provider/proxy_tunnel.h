#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apns/base/bytes.h"
#include "apns/base/engine.h"
#include "apns/base/network.h"
#include "apns/base/time.h"

namespace apns::provider {

/// An HTTP proxy on the way to a service.
struct Proxy {
  Endpoint at;
  // Basic authentication, RFC 7617; user empty: none is sent. A user has no colon.
  std::string user = {};
  std::string password = {};
  Duration limit = std::chrono::seconds(10);  // from the connection to the proxy's answer
};

class ProxyObserver {
 public:
  virtual ~ProxyObserver() = default;
  /// There is no way through: `what` goes behind the service's name. `is_final`: nor will there be
  /// one, it is for us to be known to the proxy.
  virtual void proxy_failed(const PeerInfo& peer, const std::string& what, bool is_final) = 0;
};

/// The client's side of a tunnel through an HTTP proxy: asks for it, and is not there any more when
/// it has been given.
///
///   > CONNECT api.push.apple.com:443 HTTP/1.1      the name, which the proxy resolves
///   < HTTP/1.1 200 Connection established          any 2xx, with whatever fields
///   <> what the engine inside says and hears, from the byte behind the empty line on
///   < HTTP/1.1 407 ...                             proxy_failed(final)
///   < HTTP/1.1 503 ... | nothing | anything else   proxy_failed
///
/// Source: RFC 9110 section 9.3.6: of a 2xx, content-length and transfer-encoding are ignored.
class ProxyTunnel final : public Engine, private EngineHost {
 public:
  /// `service`: host and port, as CONNECT has them. `inner` makes the engine that is to run in the
  /// tunnel. `observer` outlives the engine.
  ProxyTunnel(const PeerInfo& peer, EngineHost& host, const Proxy& proxy,
              const std::string& service, EngineFactory inner, ProxyObserver& observer,
              TimePoint now);

  // Engine
  std::size_t feed(std::span<const std::byte> in, TimePoint now) override;
  void ended(End end, TimePoint now) override;
  [[nodiscard]] std::span<const std::byte> pending() const override;
  void sent(std::size_t n, TimePoint now) override;
  [[nodiscard]] TimePoint deadline() const override;
  void on_time(TimePoint now) override;

  [[nodiscard]] bool wants_read() const override {
    return inner_ == nullptr || inner_->wants_read();
  }

  [[nodiscard]] Close close() const override {
    return inner_ == nullptr ? close_ : inner_->close();
  }

 private:
  void wake(Engine& /*inner*/) override { host_.wake(*this); }

  /// The head of the answer is whole.
  void read_answer(TimePoint now);
  void fail(const std::string& what, bool is_final = false);

  const PeerInfo peer_;
  EngineHost& host_;
  const std::string at_;  // the proxy, for messages
  EngineFactory make_inner_;
  ProxyObserver& observer_;
  const TimePoint limit_;
  std::string request_;
  std::size_t num_sent_ = 0;  // of the request
  std::string head_;          // of the answer, as far as it has come
  Close close_ = Close::None;
  std::unique_ptr<Engine> inner_;  // null: the tunnel is not there yet
};

/// Through `proxy` to `service`, and what `below` is from there on. `observer` outlives it.
[[nodiscard]] Transport proxy_transport(Proxy proxy, const Endpoint& service, Transport below,
                                        ProxyObserver& observer);

}  // namespace apns::provider
