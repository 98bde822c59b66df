#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "apns/base/bytes.h"
#include "apns/base/engine.h"
#include "apns/base/network.h"

namespace apns::net {

class SocketThread;

/// One engine on one connected socket: the pump. Lives on its thread, owned by SocketThread, which
/// destroys it once it is over and no handler of it is outstanding.
class SocketConnection final : public EngineHost {
 public:
  using OnGone = std::function<void(const SocketConnection&, Gone, const std::string& detail)>;

  /// Takes the socket over, whose options are set. `on_gone` is called once, after the engine was
  /// destroyed.
  SocketConnection(SocketThread& thread, boost::asio::ip::tcp::socket socket, PeerInfo peer,
                   OnGone on_gone);

  /// Starts pumping; a null engine resets the connection.
  void start(std::unique_ptr<Engine> engine);

  /// Resets at once; on_gone gets `why`.
  void reset(Gone why);

  /// See Dialer::unacknowledged. A FIN that is not acknowledged counts as a byte.
  [[nodiscard]] std::optional<std::size_t> unacknowledged();

  /// Is something there that its engine wants, and has not got yet?
  [[nodiscard]] bool has_unread();

  void wake(Engine& engine) override;

  [[nodiscard]] const PeerInfo& peer() const { return peer_; }

  [[nodiscard]] bool can_be_destroyed() const {
    return state_ == State::Over && num_handlers_ == 0;
  }

 private:
  enum class State { Open, Draining, Vanished, Over };

  /// Looks at the engine after something changed: writes, closes, arms timers and waits.
  void look();
  void on_readable(const boost::system::error_code& error);
  void read_once();
  bool feed(ByteView bytes);
  bool feed_kept();
  void peer_ended(End end, const std::string& detail);
  /// False: the connection is over.
  bool write_pending();
  void write_failed(const boost::system::error_code& error);
  void perform_close(Close how);
  void shut_and_drain();
  void arm_timer();
  void on_timer(const boost::system::error_code& error);
  void wait_readable();
  void wait_writable();
  void finish(Gone why, const std::string& detail);
  void handler_done();

  SocketThread& thread_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  PeerInfo peer_;
  OnGone on_gone_;
  std::unique_ptr<Engine> engine_;
  State state_ = State::Open;
  Bytes kept_;                // read, but the engine did not want it yet; at most one read's worth
  TimePoint armed_ = kNever;  // when timer_ fires
  TimePoint host_deadline_ = kNever;  // write limit or drain limit
  int num_handlers_ = 0;              // outstanding asynchronous operations and posts
  bool waiting_read_ = false;
  bool waiting_write_ = false;
  bool look_posted_ = false;
  bool peer_ended_ = false;
};

}  // namespace apns::net
