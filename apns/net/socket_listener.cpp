#include "apns/net/socket_listener.h"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "apns/net/open_acceptor.h"

namespace apns::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

SocketListener::SocketListener(const Endpoint& at, AcceptEvents& events,
                               std::vector<std::unique_ptr<SocketThread>>& threads,
                               std::atomic<std::uint64_t>& connection_numbers,
                               std::function<void()> on_gone)
    : events_(events),
      threads_(threads),
      connection_numbers_(connection_numbers),
      on_gone_(std::move(on_gone)),
      acceptor_(open_acceptor(threads.front()->io(), at)),
      pause_(threads.front()->io()) {}

Endpoint SocketListener::bound() const {
  return bound_to(acceptor_);
}

void SocketListener::start() {
  wait();
}

void SocketListener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void SocketListener::wait() {
  acceptor_.async_wait(asio::socket_base::wait_read, [this](const error_code& error) {
    if (!error && acceptor_.is_open()) {
      accept_some();
    }
  });
}

void SocketListener::accept_some() {
  for (unsigned i = 0; i < threads_.front()->options().accepts_per_turn; ++i) {
    error_code error;
    tcp::endpoint peer;
    tcp::socket socket(threads_.front()->io());
    acceptor_.accept(socket, peer, error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      break;
    }
    if (error == asio::error::connection_aborted || error == asio::error::interrupted) {
      continue;
    }
    if (error) {
      pause(error.message());
      return;
    }
    paused_said_ = false;
    const auto descriptor = socket.release(error);
    if (!error) {
      hand_over(descriptor, peer);
    }
  }
  wait();
}

void SocketListener::pause(const std::string& why) {
  if (!paused_said_ && threads_.front()->log()) {
    threads_.front()->log()(HostEvent::AcceptPaused, why);
  }
  paused_said_ = true;
  pause_.expires_after(threads_.front()->options().accept_pause);
  pause_.async_wait([this](const error_code& error) {
    if (!error && acceptor_.is_open()) {
      accept_some();
    }
  });
}

void SocketListener::hand_over(tcp::socket::native_handle_type descriptor,
                               const tcp::endpoint& peer) {
  SocketThread& thread = **std::ranges::min_element(
      threads_, {}, [](const auto& t) { return t->num_accepted.load(std::memory_order_relaxed); });
  thread.num_accepted.fetch_add(1, std::memory_order_relaxed);
  PeerInfo info;
  info.connection = connection_numbers_.fetch_add(1, std::memory_order_relaxed) + 1;
  info.thread = thread.index();
  info.local_address = bound().to_string();
  info.peer_address = to_endpoint(peer).to_string();
  // Even for this same thread by post: accepting goes on, and running connections get their turn.
  asio::post(thread.io(),
             [this, &thread, descriptor, info = std::move(info), protocol = peer.protocol()] {
               tcp::socket socket(thread.io(), protocol, descriptor);
               error_code ignored;
               socket.set_option(tcp::no_delay(true), ignored);
               socket.set_option(asio::socket_base::keep_alive(true), ignored);
               auto connection = std::make_unique<SocketConnection>(
                   thread, std::move(socket), info,
                   [&thread, &events = events_, on_gone = on_gone_](
                       const SocketConnection& over, Gone why, const std::string& /*detail*/) {
                     events.gone(over.peer(), why, io_now());
                     thread.num_accepted.fetch_sub(1, std::memory_order_relaxed);
                     on_gone();
                   });
               SocketConnection& added = thread.add(std::move(connection));
               added.start(events_.accepted(info, added, io_now()));
             });
}

}  // namespace apns::net
