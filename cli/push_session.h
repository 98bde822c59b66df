#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "apns/net/socket_host.h"
#include "cli/target.h"
#include "provider/binary_client.h"

namespace apns::cli {

/// One notification as push reports on it.
struct PushItem {
  std::uint64_t n = 0;  // its number: the line, or what the line says
  Notification notification;
};

/// What became of it. `reason` is for people; empty when sent.
struct PushResult {
  std::uint64_t n = 0;
  provider::OutcomeKind kind = provider::OutcomeKind::Sent;
  std::uint8_t status = 0;   // 0: none
  std::string device_token;  // hex, whole
  std::string reason;
};

/// A binary client on a thread of its own, fed from the caller's: send() waits while the client is
/// full, so that input of any length needs a bounded amount of memory. `on_result` is called on the
/// client's thread.
class PushSession final : private provider::OutcomeSink {
 public:
  PushSession(const Target& target, provider::BinaryClientOptions options,
              std::function<void(const PushResult&)> on_result, net::DialOptions dial = {});
  ~PushSession() override;

  void send(PushItem item);

  /// Waits until every notification has its result and the connection is closed.
  void drain(Duration limit);

  [[nodiscard]] std::string last_error();
  [[nodiscard]] provider::ClientStats stats();

 private:
  void outcomes(std::span<const provider::Outcome> batch) override;
  void writable() override;
  void drained() override;
  void flush();
  /// Client's thread: hands queued items over until the client is full.
  void hand_over();
  void refuse(const PushItem& item, const std::string& reason);

  static constexpr std::size_t kBatch = 512;
  static constexpr std::size_t kMaxQueued = 4 * kBatch;

  net::SystemClock clock_;
  tls::Context context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  std::function<void(const PushResult&)> on_result_;
  std::size_t payload_limit_;
  std::vector<PushItem> collected_;  // caller's thread: not yet posted

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PushItem> queue_;  // posted, not yet taken by the client
  bool drained_ = false;

  std::unordered_map<std::uint64_t, PushResult> open_;  // client's thread: by ticket
  std::uint64_t next_ticket_ = 1;
  provider::BinaryClient client_;
  net::SocketHost host_;
};

}  // namespace apns::cli
