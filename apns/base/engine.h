#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "apns/base/time.h"

namespace apns {

namespace auth {
struct CertificateIdentity;
}

/// How the peer stopped.
enum class End {
  CloseNotify,  // TLS said goodbye (plain hosts: never)
  Fin,          // end of stream; under TLS: without close_notify, a truncation
  Reset,        // RST, or the host gave up on the peer
  Alert,        // a fatal TLS alert; see PeerInfo-carrying engine for which
};

/// How an engine wants its connection to end, once pending() is empty.
enum class Close {
  None,
  CloseNotifyThenDrain,  // close_notify, shut the write side, read and drop until the peer ends or
                         // the drain limit
  CloseNotify,           // close_notify, then close at once (unread input becomes an RST)
  FinOnly,               // no close_notify; shut the write side, then drain as above
  Reset,                 // RST
  Vanish,                // say nothing, read nothing, keep the connection open: half-open
};

/// What a connection is, told to the engine that is built for it.
struct PeerInfo {
  std::uint64_t connection = 0;  // numbered from 1 in the order of accepting (or dialling)
  unsigned thread = 0;  // index of the host's thread that runs the connection; it never changes
  std::string local_address;  // "127.0.0.1:2195", "memory:gateway"
  std::string peer_address;
  std::string tls_version;                                       // "TLSv1.2"; empty without TLS
  std::string alpn;                                              // empty: none was agreed
  std::string sni;                                               // empty: none was sent
  std::shared_ptr<const auth::CertificateIdentity> certificate;  // the peer's; null: none
};

/// One side of one connection, without a socket: bytes and time go in, bytes and a deadline come
/// out.
///
/// Order of calls, as every host makes them:
///
///   normal     feed(bytes) -> pending() not empty -> sent(n) -> ... -> ended(Fin)
///              -> close() is not None -> destroyed
///   pressure   feed(100 bytes) takes 60, wants_read() is now false -> sent(...)
///              -> wants_read() is true -> feed(the other 40) before anything new
///   timer      deadline() = t -> on_time(now >= t) -> pending()
///   goodbye    close() = CloseNotifyThenDrain, pending() = "last words" -> sent(all)
///              -> the host closes as asked and destroys the engine; feed() is not called again
///   reset      ended(Reset): nothing can be sent any more; destroyed when the call returns
///
/// After any call that is not const the host looks at pending(), close(), deadline() and
/// wants_read() again. Who changes an engine outside these calls says EngineHost::wake.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Bytes from the peer, in any split. Takes from the front and returns how many it took: fewer
  /// than all only when wants_read() has become false; the host keeps the rest and offers it first.
  virtual std::size_t feed(std::span<const std::byte> in, TimePoint now) = 0;

  /// The peer stopped; called at most once, after its last byte was fed.
  virtual void ended(End end, TimePoint now) = 0;

  /// Bytes for the peer: one run, up to the next explicit break, which is never merged with the run
  /// behind it. Valid until the next call that is not const.
  [[nodiscard]] virtual std::span<const std::byte> pending() const = 0;

  /// `n` bytes of pending() were taken by the layer below; they have not necessarily left the
  /// machine.
  virtual void sent(std::size_t n, TimePoint now) = 0;

  /// When on_time is wanted; kNever: not at all.
  [[nodiscard]] virtual TimePoint deadline() const = 0;
  /// May come early (after wake, or from a timer that was armed for an older deadline): does what
  /// is due at `now`.
  virtual void on_time(TimePoint now) = 0;

  /// False: do not read from the peer now. Also false while pending() is above the engine's
  /// high-water mark.
  [[nodiscard]] virtual bool wants_read() const = 0;

  /// How to end, once pending() is empty.
  [[nodiscard]] virtual Close close() const = 0;
};

/// What an engine knows of its host.
class EngineHost {
 public:
  virtual ~EngineHost() = default;

  /// The engine was changed outside feed, sent, ended and on_time. When the current event is over,
  /// never inside this call, the host calls engine.on_time(now) and looks at it again. Call it on
  /// the connection's own thread.
  virtual void wake(Engine& engine) = 0;
};

}  // namespace apns
