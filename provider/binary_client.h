#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apns/base/network.h"
#include "provider/binary_client_options.h"
#include "provider/binary_lane.h"
#include "provider/client.h"

namespace apns::provider {

/// The provider's side of the binary protocol: command 2, everything pipelined, over one or several
/// connections. Records before it writes; what an error packet leaves undecided goes again, in
/// order, on a new connection.
///
///   try_send x 5, error packet (8, id of 3)   -> 1, 2 Sent; 3 Rejected(8); 4, 5 go again
///   try_send x 5, error packet (10, id of 3)  -> 1, 2, 3 Sent; 4, 5 go again
///   try_send x 5, error packet (10, 0)        -> 1 to 5 go again: none was accepted
///   try_send x 5, silence for settle_after    -> 1 to 5 Sent
///   ... then error packet (8, id of 3)        -> 4, 5 go again; 3 counts as misreported
///   try_send x 5, connection lost             -> those wholly written Unknown; others go again
///
/// What of a notification only HTTP/2 can say is not sent.
class BinaryClient final : public Client, private LaneOwner {
 public:
  /// `sink` outlives the client. `transport` is what lies between the network and the protocol
  /// (TLS, or nothing).
  BinaryClient(BinaryClientOptions options, Transport transport, OutcomeSink& sink);
  ~BinaryClient() override;

  // Client

  void use_dialer(std::unique_ptr<Dialer> dialer) override { shared_.dialer = std::move(dialer); }

  void release_dialer() override { shared_.dialer.reset(); }

  [[nodiscard]] SendResult try_send(const Notification& notification,
                                    std::uint64_t ticket) override;
  void drain(Duration limit) override;
  void stop(const std::string& why) override;
  void tls_failed(const PeerInfo& peer, const tls::Failure& failure) override;

  [[nodiscard]] const std::string& last_error() const override { return shared_.last_error; }

  [[nodiscard]] const ClientStats& stats() const override { return shared_.stats; }

  /// Never above BinaryClientOptions::window_len; the bytes of the frames are above window_bytes by
  /// one frame a connection at most.
  [[nodiscard]] std::size_t num_open() const override;
  [[nodiscard]] std::size_t open_bytes() const;

  // DialEvents
  [[nodiscard]] std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                                  TimePoint now) override;
  void gone(std::uint64_t connection, Gone why, const std::string& detail, TimePoint now) override;
  void on_alarm(TimePoint now) override;

 private:
  // LaneOwner
  void after_event(TimePoint now) override;
  void set_alarm() override;

  /// Null: the connection is none of ours any more.
  [[nodiscard]] BinaryLane* lane_of(std::uint64_t connection);
  [[nodiscard]] BinaryLane& lane_for(const DeviceToken& token);
  void tell_sink();

  Transport transport_;
  OutcomeSink& sink_;
  LaneShared shared_;
  std::vector<std::unique_ptr<BinaryLane>> lanes_;
  std::vector<Outcome> batch_;  // empty but while the sink looks at it
  // drain() or stop() was called: what follows happens as an event, because the sink is never
  // called from inside a call.
  bool is_event_due_ = false;
  bool drained_said_ = false;
  TimePoint drain_deadline_ = kNever;
};

}  // namespace apns::provider
