#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "apns/base/network.h"
#include "apns/net/dial_options.h"

namespace apns::net {

class SocketThread;

/// Limits of the socket host, all on the I/O clock, and how it dials.
struct SocketHostOptions {
  unsigned threads = 1;
  /// A side that shut its write side waits this long for the peer's end, dropping what arrives.
  Duration drain_limit = std::chrono::seconds(5);
  /// A connection whose pending bytes do not move for this long is reset: the peer does not read.
  Duration write_limit = std::chrono::seconds(30);
  /// A half-open connection (Close::Vanish) is kept this long.
  Duration vanish_limit = std::chrono::minutes(10);
  /// Accepted per turn of the loop, so that a connect storm does not starve running connections.
  unsigned accepts_per_turn = 64;
  /// How long accepting pauses when the process or system has no descriptors left.
  Duration accept_pause = std::chrono::milliseconds(100);
  DialOptions dial{};
};

/// What a host tells its shell, for the log; libraries themselves are silent. Called on any thread.
enum class HostEvent {
  AcceptPaused,   // no descriptors left; said once until accepting has worked again
  WriteTimedOut,  // the peer did not read for write_limit
  AcceptFailed,
};

using HostLog = std::function<void(HostEvent, const std::string& detail)>;

/// An address that cannot be listened on. what() is a full sentence.
class ListenError : public std::runtime_error {
 public:
  ListenError(const std::string& what, bool address_is_missing, Endpoint in_use = {})
      : std::runtime_error(what),
        address_is_missing_(address_is_missing),
        in_use_(std::move(in_use)) {}

  /// The machine does not have the address (or IPv6 at all), as opposed to: it is in use.
  [[nodiscard]] bool address_is_missing() const { return address_is_missing_; }

  /// What somebody else listens on; port 0: that is not the trouble.
  [[nodiscard]] const Endpoint& in_use() const { return in_use_; }

 private:
  bool address_is_missing_;
  Endpoint in_use_;
};

/// Engines on real sockets: one io_context and one 64 KB read buffer per thread, one acceptor
/// thread (the first) that numbers connections and hands each to the thread with the fewest. A
/// connection never changes thread.
///
/// How a connection is pumped: wait until readable, one non-blocking read of up to 64 KB into the
/// thread's buffer, straight into the engine; then pending() is written until it is empty or the
/// socket is full. When a write fails the receive side is read to its end first, because the peer's
/// last words may be waiting there.
///
/// Stop order: close_listeners(), run_on() each thread what asks its engines to end, wait_idle(),
/// destroy.
class SocketHost final : public Acceptor {
 public:
  explicit SocketHost(SocketHostOptions options = {}, HostLog log = {});
  /// Stops all threads and closes every connection with a reset; engines are destroyed without
  /// further events.
  ~SocketHost() override;
  SocketHost(const SocketHost&) = delete;
  SocketHost& operator=(const SocketHost&) = delete;

  /// `at.host` is a numeric address ("127.0.0.1", "::1"). May be called before or after start().
  /// Throws ListenError.
  Endpoint listen(const Endpoint& at, AcceptEvents& events) override;

  /// A dialer on thread `thread`; its events come there. `events` outlives it. Destroy it on that
  /// thread (by post), or after stop().
  [[nodiscard]] std::unique_ptr<Dialer> make_dialer(DialEvents& events, unsigned thread = 0);

  /// Starts the threads. Call once.
  void start();

  /// Stops and joins the threads; no event is delivered any more. Idempotent.
  void stop();

  /// Runs `task` on a thread, after what is queued there.
  void post(unsigned thread, std::function<void()> task);
  /// The same, waiting until it ran. Not from a host thread.
  void run_on(unsigned thread, const std::function<void()>& task);

  /// Runs `task` on the calling thread while all threads stand still between two handlers, so that
  /// it may touch every engine and what they share. One at a time. Not from a host thread; `task`
  /// must not call run_on(). False: it did not run, because the host is not running, is stopped
  /// meanwhile, or has a thread that is busy for all of `limit`.
  [[nodiscard]] bool run_alone(const std::function<void()>& task,
                               std::chrono::milliseconds limit = std::chrono::seconds(10));

  /// Waits until no connection has anything to read any more, at most `limit`: who writes without a
  /// pause is not waited for. True: all that had arrived has been given to the engines that want
  /// it. Not from a host thread.
  [[nodiscard]] bool wait_read_out(std::chrono::milliseconds limit);

  /// No new connections from here on; those that wait in the kernel's queue are reset.
  void close_listeners();

  /// Waits until no accepted connection is left, at most `limit`. True: none is.
  [[nodiscard]] bool wait_idle(std::chrono::milliseconds limit);

  [[nodiscard]] std::size_t num_accepted_open() const;
  [[nodiscard]] unsigned num_threads() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The system's monotonic clock, as a time of the I/O clock.
[[nodiscard]] TimePoint io_now();

/// The machine's wall clock as a world clock.
class SystemClock final : public WorldClock {
 public:
  [[nodiscard]] WorldTime now() const override;
};

}  // namespace apns::net
