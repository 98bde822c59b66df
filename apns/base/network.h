#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "apns/base/engine.h"

namespace apns {

/// A host name or address with a port. The memory host takes any name; port 0 asks listen() for a
/// free one.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  [[nodiscard]] bool operator==(const Endpoint&) const = default;
  /// "localhost:2195"; IPv6 addresses in brackets.
  [[nodiscard]] std::string to_string() const;
};

/// Does only this machine reach it? "localhost", "::1", "127.0.0.1" and all that begin with "127.".
[[nodiscard]] bool is_loopback(std::string_view host);

/// Why a connection ended, told to the logic that spans connections after its engine is gone.
enum class Gone {
  Refused,     // dial: nobody listens there
  TimedOut,    // dial: no answer within the connect limit
  Unresolved,  // dial: the name has no address
  Closed,      // the engine's close() was carried out, or the peer ended and nothing was left to do
  Reset,       // the peer, or the host, reset it
  Dropped,     // drop(): our own wish
};

[[nodiscard]] const char* to_string(Gone gone);

/// The logic behind a Dialer. All calls come on the dialer's thread, never from inside a call to
/// the Dialer.
///
///   success    dial() = 7 -> connected(7) gives an engine -> ... -> gone(7, Closed)
///   refused    dial() = 8 -> gone(8, Refused)
///   alarm      set_alarm(t) -> on_alarm(now >= t), once
class DialEvents {
 public:
  virtual ~DialEvents() = default;

  /// The transport is up: the engine that is to run on it. `host` lives as long as the connection.
  [[nodiscard]] virtual std::unique_ptr<Engine> connected(const PeerInfo& peer, EngineHost& host,
                                                          TimePoint now) = 0;

  /// The connection, or the attempt, is over; its engine has been destroyed. `detail` is what the
  /// system said, of a name with several addresses about each; or empty.
  virtual void gone(std::uint64_t connection, Gone why, const std::string& detail,
                    TimePoint now) = 0;

  virtual void on_alarm(TimePoint now) = 0;
};

/// Opens connections, for logic that spans them. A host makes one per DialEvents; destroying it
/// drops every connection without further events.
class Dialer {
 public:
  virtual ~Dialer() = default;

  /// Starts to connect and returns the connection's number (from 1, per host). Never fails at once:
  /// see gone(). A name is resolved anew by each call.
  virtual std::uint64_t dial(const Endpoint& to, Duration connect_limit) = 0;

  /// Ends a connection or an attempt with a reset. gone(Dropped) follows. Unknown numbers are
  /// ignored.
  virtual void drop(std::uint64_t connection) = 0;

  /// How many bytes of this side of the connection the peer's TCP has not acknowledged: what was
  /// taken from the host's engine (Engine::sent tells of the taking only) and is on its way or
  /// stuck in a send queue because the peer does not read, and what that engine still has pending.
  ///
  ///   0     the peer's system has every byte. Not: the peer has read them; a kernel acknowledges
  ///         what it buffers, and what is unread when the peer closes is lost.
  ///   n     all is there but the last n bytes. They are the transport's: under TLS n counts
  ///   records
  ///         and their overhead, so all is there but, at most, the last n bytes of plaintext.
  ///   none  the connection is not up yet, or no longer; nothing can be said. gone() has come or
  ///         will.
  ///
  /// Cheap: one system call on sockets. In memory a byte counts as acknowledged when the peer's
  /// engine took it, or its side dropped it while draining, which is more than TCP tells.
  [[nodiscard]] virtual std::optional<std::size_t> unacknowledged(
      std::uint64_t connection) const = 0;

  /// One alarm per dialer; a later call replaces the earlier. kNever: none.
  virtual void set_alarm(TimePoint when) = 0;

  [[nodiscard]] virtual TimePoint now() const = 0;
};

/// The logic behind a listening address. Called on the thread that PeerInfo names; a host with
/// several threads calls it on several at once.
class AcceptEvents {
 public:
  virtual ~AcceptEvents() = default;

  /// A new connection: the engine that is to run on it. Null: refuse it (RST).
  [[nodiscard]] virtual std::unique_ptr<Engine> accepted(const PeerInfo& peer, EngineHost& host,
                                                         TimePoint now) = 0;

  /// It is over; its engine has been destroyed.
  virtual void gone(const PeerInfo& peer, Gone why, TimePoint now) = 0;
};

/// Listens, for services. Implemented by both hosts.
class Acceptor {
 public:
  virtual ~Acceptor() = default;

  /// Starts to listen; returns what was really bound (a real port for port 0).
  /// Throws std::runtime_error with a full sentence when the address cannot be bound.
  virtual Endpoint listen(const Endpoint& at, AcceptEvents& events) = 0;
};

/// Builds the engine that is to run inside a TLS engine, or at the bottom of a plain connection.
/// Null refuses the connection.
using EngineFactory =
    std::function<std::unique_ptr<Engine>(const PeerInfo& peer, EngineHost& host, TimePoint now)>;

/// What lies between the network and an engine: nothing, or TLS. Services and clients are given
/// one, so that the same logic runs in every host.
using Transport = std::function<std::unique_ptr<Engine>(const PeerInfo& peer, EngineHost& host,
                                                        EngineFactory inner, TimePoint now)>;

/// The inner engine directly on the connection.
[[nodiscard]] Transport plain_transport();

}  // namespace apns
