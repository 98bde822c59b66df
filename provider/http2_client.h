#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "provider/client.h"
#include "provider/http2_client_options.h"
#include "provider/http2_connection.h"
#include "provider/http2_pool.h"

namespace apns::provider {

/// The provider's side of the HTTP/2 interface: a request for each notification, over one
/// connection or several. Nothing is sent twice: what was not processed is reported so.
///
///   try_send x 5                          -> dials; 1 to 5 wait for the service's SETTINGS
///   200 | 410 {"reason":"Unregistered"}   -> Sent | Rejected(410), each with its apns-id
///   REFUSED_STREAM, GOAWAY(last 3)        -> Rejected(NotProcessed): that one, those behind 3
///   GOAWAY, then try_send   -> goes by a new connection; the old one ends what it has
///   403 ExpiredProviderToken              -> the same, as soon as there is another token
///   RST_STREAM, connection lost   -> Unknown; Rejected(Unsent), where the end never left
///   no answer in request_limit            -> RST_STREAM CANCEL, Unknown(NoAnswer)
///   as many open as may be                -> Full ... an answer -> writable()
///
/// A limit of streams that falls below what is open means Full until enough have been answered.
class Http2Client final : public Client, private Http2ConnectionOwner, private ProxyObserver {
 public:
  /// `sink` outlives the client. `transport` is what lies between the network and the protocol
  /// (TLS, where ALPN must give "h2", or nothing: prior knowledge).
  Http2Client(Http2ClientOptions options, Transport transport, OutcomeSink& sink);
  ~Http2Client() override;

  // Client

  void use_dialer(std::unique_ptr<Dialer> dialer) override { pool_.use_dialer(std::move(dialer)); }

  void release_dialer() override { pool_.release_dialer(); }

  /// Opens Http2ClientOptions::min_connections before there is a notification for them.
  void warm_up();

  [[nodiscard]] SendResult try_send(const Notification& notification,
                                    std::uint64_t ticket) override;
  void drain(Duration limit) override;
  void stop(const std::string& why) override;
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;

  [[nodiscard]] const std::string& last_error() const override { return shared_.last_error; }

  [[nodiscard]] const ClientStats& stats() const override { return shared_.stats; }

  [[nodiscard]] std::size_t num_open() const override;

  // DialEvents
  [[nodiscard]] std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                                  TimePoint now) override;
  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now) override;
  void on_alarm(TimePoint now) override;

 private:
  /// Waits for a connection.
  struct Queued {
    Notification notification;
    std::uint64_t ticket = 0;
    TimePoint deadline = kNever;
  };

  // Http2ConnectionOwner
  void after_event(TimePoint now) override;

  void destroyed(const Http2Connection& connection) override { pool_.destroyed(connection); }

  // ProxyObserver
  void proxy_failed(const PeerInfo& peer, const std::string& what, bool is_final) override;

  [[nodiscard]] SendResult check(const Notification& notification) const;
  [[nodiscard]] bool has_room() const;
  [[nodiscard]] bool has_queue_room() const;
  [[nodiscard]] bool speaks_http2(const PeerInfo& peer);
  void look(TimePoint now);
  void send_queued(TimePoint now);
  void reject_queued_until(TimePoint now);
  void reject_front();
  /// See Http2Pool::is_hopeless.
  void give_up_if_hopeless(TimePoint now);
  void end_all(OutcomeReason reason);
  void tell_sink();
  void set_alarm();
  [[nodiscard]] bool is_over() const;

  Transport transport_;
  OutcomeSink& sink_;
  Http2Shared shared_;
  const Http2ClientOptions& options_;
  Http2Pool pool_;
  std::deque<Queued> queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t refused_len_ = 0;  // of the payload for which there was no room
  bool is_stopped_ = false;
  bool is_draining_ = false;
  // drain() or stop() was called: what follows happens as an event, because the sink is never
  // called from inside a call.
  bool is_event_due_ = false;
  bool drained_said_ = false;
  TimePoint drain_deadline_ = kNever;
};

}  // namespace apns::provider
