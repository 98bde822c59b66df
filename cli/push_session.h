#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "apns/net/socket_host.h"
#include "cli/target.h"
#include "provider/binary_client.h"
#include "provider/http2_client.h"
#include "provider/retrying_client.h"

namespace apns::cli {

/// One notification as push reports on it.
struct PushItem {
  std::uint64_t n = 0;  // its number: the line, or what the line says
  Notification notification;
};

/// What HTTP/2 tells besides.
struct Http2Result {
  std::string reason;  // as the service said it; empty: it did not
  std::string apns_id;
  std::optional<std::uint64_t> timestamp_ms;
  Duration duration{};  // from its turn to its outcome
};

/// What became of it. `reason` is for people; empty when sent.
struct PushResult {
  std::uint64_t n = 0;
  provider::OutcomeKind kind = provider::OutcomeKind::Sent;
  std::uint16_t status = 0;  // 0: none
  std::string device_token;  // hex, whole
  std::string reason;
  std::optional<Http2Result> http2;  // of that protocol only
};

/// A client of either protocol on a thread of its own, fed from the caller's: send() waits while
/// the client is full, so that input of any length needs a bounded amount of memory. `on_result` is
/// called on the client's thread.
class PushSession final : private provider::OutcomeSink, private tls::Observer {
 public:
  using OnResult = std::function<void(const PushResult&)>;

  PushSession(const Target& target, provider::BinaryClientOptions options, OnResult on_result,
              net::DialOptions dial = {});
  /// `retry`: what goes again, of what the client cannot bring to an end by itself.
  PushSession(const Target& target, provider::Http2ClientOptions options,
              provider::RetryOptions retry, OnResult on_result, net::DialOptions dial = {});
  ~PushSession() override;

  void send(PushItem item);

  /// Waits until every notification has its result and the connection is closed.
  void drain(Duration limit);

  [[nodiscard]] std::string last_error();
  [[nodiscard]] provider::ClientStats stats();

 private:
  /// A notification that the client has.
  struct Open {
    PushResult result;
    std::chrono::steady_clock::time_point since;
  };

  PushSession(const tls::ClientOptions& tls, OnResult on_result, net::DialOptions dial);

  void start();
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;
  void outcomes(std::span<const provider::Outcome> batch) override;
  void writable() override;
  void drained() override;
  void flush();
  /// Client's thread: hands queued items over until the client is full.
  void hand_over();
  void refuse(const PushItem& item, const std::string& reason);
  [[nodiscard]] std::string too_long_text(const Notification& notification) const;

  static constexpr std::size_t kBatch = 512;
  static constexpr std::size_t kMaxQueued = 4 * kBatch;

  net::SystemClock clock_;
  tls::Context context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  OnResult on_result_;
  std::size_t payload_limit_ = 0;    // of the binary protocol; 0: it is HTTP/2
  std::vector<PushItem> collected_;  // caller's thread: not yet posted

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PushItem> queue_;  // posted, not yet taken by the client
  bool drained_ = false;

  std::unordered_map<std::uint64_t, Open> open_;  // client's thread: by ticket
  std::uint64_t next_ticket_ = 1;
  std::unique_ptr<provider::Client> client_;
  net::SocketHost host_;
};

}  // namespace apns::cli
