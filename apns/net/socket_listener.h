#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "apns/base/network.h"
#include "apns/net/socket_host.h"
#include "apns/net/socket_thread.h"

namespace apns::net {

/// One listening socket. Lives on the first thread; hands each accepted descriptor to the thread
/// with the fewest connections.
class SocketListener {
 public:
  /// Binds and listens; throws std::runtime_error with a sentence that names the address.
  SocketListener(const Endpoint& at, AcceptEvents& events,
                 std::vector<std::unique_ptr<SocketThread>>& threads,
                 std::atomic<std::uint64_t>& connection_numbers, std::function<void()> on_gone);

  [[nodiscard]] Endpoint bound() const;
  /// Starts accepting. On the first thread, like all that follows.
  void start();
  void close();

 private:
  void wait();
  void accept_some();
  void pause(const std::string& why);
  void hand_over(boost::asio::ip::tcp::socket::native_handle_type descriptor,
                 const boost::asio::ip::tcp::endpoint& peer);

  AcceptEvents& events_;
  std::vector<std::unique_ptr<SocketThread>>& threads_;
  std::atomic<std::uint64_t>& connection_numbers_;
  std::function<void()> on_gone_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  bool paused_said_ = false;
};

}  // namespace apns::net
