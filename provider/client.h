#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "apns/base/network.h"
#include "apns/model/notification.h"
#include "apns/tls/tls_engine.h"
#include "provider/outcome.h"
#include "provider/send_result.h"

namespace apns::provider {

/// What a client counted since its start.
struct ClientStats {
  std::uint64_t connections = 0;  // that came up

  // Binary.
  std::uint64_t resent = 0;  // written wholly once more, each time counted
  /// Error packets that name one that was settled: what came behind it goes again.
  std::uint64_t late_packets = 0;
  /// An error packet that came after settle_after says otherwise than what was reported: that
  /// settle_after is too short for this gateway.
  std::uint64_t misreported = 0;

  // HTTP/2.
  std::uint64_t goaways = 0;    // connections that the service said would end
  std::uint64_t cancelled = 0;  // requests without an answer within their limit
  /// Connections that were left because one request after the other got no answer.
  std::uint64_t unanswering = 0;
};

/// A provider's side of either protocol: takes notifications, dials as it needs to, and tells an
/// OutcomeSink what became of each, once. All calls and events on the dialer's thread.
///
/// It observes its own TLS engines (give it to tls::make_transport): a refused certificate, ours or
/// the service's, is a configuration error and stops it; other failures count as a lost connection.
class Client : public DialEvents, public tls::Observer {
 public:
  /// Before anything else; the dialer must have been made for this client.
  virtual void use_dialer(std::unique_ptr<Dialer> dialer) = 0;

  /// Drops every connection without further events; call it on the dialer's thread before
  /// destruction.
  virtual void release_dialer() = 0;

  /// `ticket` names the notification in its outcome.
  [[nodiscard]] virtual SendResult try_send(const Notification& notification,
                                            std::uint64_t ticket) = 0;

  /// Takes nothing more, settles what there is, closes, then OutcomeSink::drained; at `limit` from
  /// now what is still open is reported. A second call only shortens the limit.
  virtual void drain(Duration limit) = 0;

  /// Connecting again is pointless: everything that is left is reported, and nothing more is taken.
  virtual void stop(const std::string& why) = 0;

  [[nodiscard]] virtual const std::string& last_error() const = 0;

  [[nodiscard]] virtual const ClientStats& stats() const = 0;

  /// Notifications without an outcome.
  [[nodiscard]] virtual std::size_t num_open() const = 0;
};

}  // namespace apns::provider
