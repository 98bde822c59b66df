#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "apns/model/notification.h"
#include "apns/net/socket_host.h"
#include "apns/tls/tls_engine.h"
#include "provider/client.h"

namespace apns::bench {

/// What became of what a Sender sent.
struct Tally {
  std::uint64_t sent = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unknown = 0;
  std::uint64_t again = 0;  // a second outcome for one notification, which must not be

  [[nodiscard]] std::uint64_t all() const { return sent + rejected + unknown; }
};

/// A client of either protocol over TLS and a socket host, given the same notifications over and
/// over, as fast as it takes them and in batches, then drained.
class Sender final : private provider::OutcomeSink, private tls::Observer {
 public:
  struct Options {
    std::vector<Notification> notifications;  // not empty
    std::uint64_t count = 0;
    std::uint64_t batch = 512;
    std::chrono::seconds limit{600};
    /// Called at each tenth of the outcomes; on the client's thread.
    std::function<void(std::uint64_t)> at_tenth = {};
  };

  using MakeClient = std::function<std::unique_ptr<provider::Client>(
      Transport transport, const WorldClock& clock, provider::OutcomeSink& sink)>;

  Sender(Options options, tls::Context context, const MakeClient& make_client);
  ~Sender() override;
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// Throws std::runtime_error, a full sentence, when the client is not done within the limit, or
  /// not every notification has one outcome.
  Tally run();

  // After run()

  [[nodiscard]] const std::string& tls_version() const { return tls_version_; }

  [[nodiscard]] const std::string& last_error() const { return error_; }

  [[nodiscard]] provider::ClientStats stats();

 private:
  [[nodiscard]] Transport watched(Transport inner);
  /// Gives one batch; the next comes when the host has written what it can of this one.
  void give();
  void finish();

  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;
  void outcomes(std::span<const provider::Outcome> batch) override;

  void writable() override { give(); }

  void drained() override { finish(); }

  const Options options_;
  net::SystemClock clock_;
  tls::Context context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  net::SocketHost host_;

  // On the host's thread, until is_over_.
  std::uint64_t num_given_ = 0;
  std::vector<bool> has_outcome_;  // by number
  Tally tally_;
  std::string tls_version_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  std::string error_;

  std::unique_ptr<provider::Client> client_;  // its dialer ends before the host
};

/// With a client certificate, PEM files, unless `certificate` is empty. Trusts any server.
[[nodiscard]] tls::Context sender_context(const std::string& certificate, const std::string& key,
                                          std::vector<std::string> alpn);

/// The cipher that a connection of sender_context() has.
[[nodiscard]] std::string cipher_of(const std::string& tls_version);

/// Runs it, and prints one line of JSON: what floor_sender prints (`frames` are notifications),
/// the outcomes, and how many connections there were.
void run_and_print(Sender& sender, std::uint64_t count);

}  // namespace apns::bench
