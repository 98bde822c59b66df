#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>

#include "apns/auth/provider_token_signer.h"
#include "apns/net/socket_host.h"
#include "apns/tls/tls_engine.h"
#include "provider/http2_client_options.h"
#include "provider/provider_tokens.h"
#include "provider/retrying_client.h"

namespace apns::provider {

struct ProviderOptions {
  /// `service` at least; `provider_token` is the Provider's to set.
  Http2ClientOptions client{};
  RetryOptions retry{};  // its clock and provider_token are the Provider's to set
  /// Certificate, key and authorities are needed in the constructor alone. `server_name`: that of
  /// the service, unless it is given.
  tls::ClientOptions tls{};
  /// Shown where there is no certificate.
  std::optional<auth::ProviderTokenSigner> provider_token{};
  /// Notifications that wait for the client, besides those that it has.
  std::size_t queue_len = 10'000;
};

/// What became of one notification, to keep.
struct PushOutcome {
  OutcomeKind kind = OutcomeKind::Rejected;
  OutcomeReason why = OutcomeReason::Unsent;
  /// Other than Queued: it was not taken, and never left. Full: wait for the outcome of another.
  SendResult taken = SendResult::Queued;
  std::uint16_t status = 0;      // 0: there was no answer
  std::optional<Reason> reason;  // of those that are known
  std::string text;              // for people: "410 Unregistered"; empty when sent
  std::string apns_id;
  /// Since when the device token is known to be gone: UNIX time in milliseconds.
  std::optional<std::uint64_t> timestamp_ms;

  [[nodiscard]] bool is_sent() const { return kind == OutcomeKind::Sent; }
};

/// The HTTP/2 provider for programs: a RetryingClient with its pool of connections on a thread of
/// its own. Any thread may push.
///
///   provider.push(notification, [](const PushOutcome& outcome) {...});       on the Provider's
///   thread std::future<PushOutcome> f = provider.push(notification, asio::use_future); PushOutcome
///   outcome = co_await provider.push(notification, asio::use_awaitable);
///
/// Exactly one outcome for each, which comes through the executor that the handler is associated
/// with, if any. A handler that runs on the Provider's thread keeps it from everything else, and
/// must not call drain() or the destructor.
class Provider final : private OutcomeSink, private tls::Observer {
 public:
  using Signature = void(PushOutcome);

  /// Dials with the first notification. Throws std::runtime_error, a full sentence: what TLS is
  /// given does not fit together.
  explicit Provider(ProviderOptions options);
  /// What has no outcome has one by then: drain with a limit of nothing.
  ~Provider() override;
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  /// `token`: any completion token of Asio's for void(PushOutcome).
  template <class CompletionToken>
  auto push(Notification notification, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, Signature>(
        [this](auto handler, Notification taken) {
          start(std::move(taken), Handler(std::move(handler)));
        },
        token, std::move(notification));
  }

  /// Takes nothing more, and waits until every notification has its outcome and no connection is
  /// left; at `limit` what is still open is reported.
  void drain(Duration limit);

  /// About the service, or what was found wrong with us; empty: nothing.
  [[nodiscard]] std::string last_error();
  [[nodiscard]] ClientStats stats();

 private:
  using Handler = boost::asio::any_completion_handler<Signature>;

  struct Waiting {
    Notification notification;
    Handler handler;
  };

  void start(Notification notification, Handler handler);
  /// Takes both if the answer is Queued.
  [[nodiscard]] SendResult put(Notification& notification, Handler& handler);
  void complete(Handler handler, PushOutcome outcome);
  /// Client's thread: gives what waits to the client until that is full.
  void hand_over();
  void hand_over_posted();
  /// The one whose turn it is, which stays where it is; null: nothing waits.
  [[nodiscard]] const Waiting* front();
  [[nodiscard]] Handler pop_front();

  void outcomes(std::span<const Outcome> batch) override;

  void writable() override { hand_over(); }

  void drained() override;
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;

  net::SystemClock clock_;
  const std::size_t queue_len_;
  tls::Context context_;
  std::vector<std::unique_ptr<tls::Scratch>> scratch_;
  ProviderTokens tokens_;
  std::unique_ptr<ProviderTokenSource> token_source_;  // null: a certificate

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  bool is_handing_over_ = false;  // the client's thread has been asked to
  bool is_draining_ = false;
  bool is_drained_ = false;

  // Client's thread
  std::unordered_map<std::uint64_t, Handler> open_;  // by ticket
  std::uint64_t next_ticket_ = 1;

  std::unique_ptr<RetryingClient> client_;
  net::SocketHost host_;  // ends first
};

}  // namespace apns::provider
