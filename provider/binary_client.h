#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apns/base/network.h"
#include "apns/binary/error_packet.h"
#include "apns/model/notification.h"
#include "apns/tls/tls_engine.h"
#include "provider/outcome.h"
#include "provider/sent_window.h"

namespace apns::provider {

struct BinaryClientOptions {
  Endpoint gateway;
  /// Silence means success on this protocol: a notification counts as sent when nothing named it,
  /// or one before it, for this long after its last byte was written.
  Duration settle_after = std::chrono::seconds(1);
  std::size_t window_bytes = 4U << 20U;  // encoded frames that are queued or not settled
  std::size_t window_len = 65536;        // notifications, likewise
  Duration connect_limit = std::chrono::seconds(10);
  Duration backoff_first =
      std::chrono::milliseconds(100);  // doubled per attempt without progress, half of it jitter
  Duration backoff_max = std::chrono::seconds(30);
  unsigned max_attempts = 6;  // connections in a row without progress, then the rest is Unsent
  /// The connection ended without an error packet: written notifications are reported Unknown, or
  /// sent again at the risk of a double.
  bool resend_unknown = false;
  std::size_t payload_limit = 2048;  // checked before anything is written
  std::uint64_t seed = 0;            // of the jitter
};

enum class SendResult : std::uint8_t {
  Queued,          // one outcome will follow
  Full,            // nothing was taken; OutcomeSink::writable follows
  PayloadTooLong,  // nothing was taken; the identifier was not used up either
  PayloadEmpty,
  Draining,  // after drain() nothing more is taken
  Stopped,   // after stop(), or a configuration error: see last_error()
};

/// The provider's side of the binary protocol: command 2, one connection, everything pipelined.
/// Records before it writes; what an error packet leaves undecided goes again, in order, on a new
/// connection.
///
///   try_send x 5, error packet (8, id of 3)   -> 1, 2 Sent; 3 Rejected(8); 4, 5 go again
///   try_send x 5, error packet (10, id of 3)  -> 1, 2, 3 Sent; 4, 5 go again
///   try_send x 5, silence for settle_after    -> 1 to 5 Sent
///   try_send x 5, connection lost             -> those wholly written Unknown; others go again
///
/// All calls and events on the dialer's thread.
class BinaryClient final : public DialEvents, public tls::Observer {
 public:
  /// `sink` outlives the client. `transport` is what lies between the network and the protocol
  /// (TLS, or nothing).
  BinaryClient(BinaryClientOptions options, Transport transport, OutcomeSink& sink);
  ~BinaryClient() override;

  /// Before anything else; the dialer must have been made for this client.
  void use_dialer(std::unique_ptr<Dialer> dialer);

  /// Drops every connection without further events; call it on the dialer's thread before
  /// destruction.
  void release_dialer() { dialer_.reset(); }

  [[nodiscard]] SendResult try_send(const Notification& notification, std::uint64_t ticket);

  /// Takes nothing more, settles what there is, closes, then OutcomeSink::drained; at `limit` from
  /// now what is still open is reported. A second call only shortens the limit.
  void drain(Duration limit);

  /// Connecting again is pointless: everything that is left is reported, and nothing more is taken.
  void stop(const std::string& why);

  /// The client observes its own TLS engines (give it to tls::make_transport): a refused
  /// certificate, ours or the gateway's, is a configuration error and stops it; other failures
  /// count as a lost connection.
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;

  [[nodiscard]] const std::string& last_error() const { return last_error_; }

  [[nodiscard]] std::uint64_t num_connections() const { return num_connections_; }

  [[nodiscard]] std::uint64_t num_resent() const { return num_resent_; }

  /// Notifications that are queued or not settled, and the bytes of their frames: what window_len
  /// and window_bytes bound.
  [[nodiscard]] std::size_t num_open() const { return window_.size(); }

  [[nodiscard]] std::size_t open_bytes() const { return window_.num_bytes(); }

  // DialEvents
  [[nodiscard]] std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                                  TimePoint now) override;
  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now) override;
  void on_alarm(TimePoint now) override;

 private:
  class Connection;

  enum class State : std::uint8_t { Idle, Waiting, Dialling, Up };

  std::unique_ptr<Engine> make_connection(EngineHost& host, TimePoint now);
  void on_packet(const binary::ErrorPacket& packet);
  void settle_by(const binary::ErrorPacket& packet);
  void on_lost();
  void settle(TimePoint now);
  void settle_front(OutcomeKind kind, OutcomeReason reason, std::uint8_t status = 0);
  /// The written ones: reported Unknown, or by policy kept to go again.
  void leave_in_doubt(OutcomeReason reason);
  /// The connection goes on ending by itself; a new one need not wait for it.
  void detach();
  void report_all(OutcomeReason written_reason);
  void dial(TimePoint now);
  /// At once after progress, else after a pause that grows with each attempt.
  void dial_or_wait(TimePoint now);
  void connect_again(TimePoint now);
  void finish_drain(TimePoint now);
  void after_event(TimePoint now);
  void set_alarm();
  [[nodiscard]] bool was_on_this_connection(std::uint32_t identifier) const;

  BinaryClientOptions options_;
  Transport transport_;
  OutcomeSink& sink_;
  std::unique_ptr<Dialer> dialer_;
  SentWindow window_;
  std::vector<Outcome> batch_;  // to be handed to the sink when the current event is over
  State state_ = State::Idle;
  std::uint64_t dialled_ = 0;             // the connection's number while Dialling or Up
  std::vector<std::uint64_t> lingering_;  // connections that are ending
  Connection* connection_ = nullptr;      // while Up
  std::uint32_t first_identifier_ = 0;    // the first that this connection could have carried
  TimePoint dial_at_ = kNever;            // while Waiting
  unsigned attempts_ = 0;                 // connections in a row without progress
  bool is_failure_told_ = false;          // last_error_ says why the attempt will have failed
  // drain() or stop() was called: what follows happens as an event, because the sink is never
  // called from inside a call.
  bool is_event_due_ = false;
  bool said_full_ = false;
  bool stopped_ = false;
  bool draining_ = false;
  bool drained_said_ = false;
  TimePoint drain_deadline_ = kNever;
  std::string last_error_;
  std::uint64_t num_connections_ = 0;
  std::uint64_t num_resent_ = 0;
};

}  // namespace apns::provider
