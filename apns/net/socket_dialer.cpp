#include "apns/net/socket_dialer.h"

#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace apns::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct SocketDialer::Shared {
  SocketDialer* dialer;
};

/// A connection that is not up yet.
struct SocketDialer::Attempt {
  Attempt(asio::io_context& io, std::uint64_t n) : number(n), resolver(io), socket(io), limit(io) {}

  std::uint64_t number;
  tcp::resolver resolver;
  tcp::socket socket;
  asio::steady_timer limit;
  bool timed_out = false;

  void cancel() {
    error_code ignored;
    resolver.cancel();
    socket.close(ignored);
    limit.cancel();
  }
};

SocketDialer::SocketDialer(SocketThread& thread, DialEvents& events,
                           std::atomic<std::uint64_t>& connection_numbers)
    : thread_(thread),
      events_(events),
      connection_numbers_(connection_numbers),
      alarm_(thread.io()),
      shared_(std::make_shared<Shared>(Shared{this})) {}

SocketDialer::~SocketDialer() {
  shared_->dialer = nullptr;
  for (const auto& [number, attempt] : attempts_) {
    attempt->cancel();
  }
  for (const auto& [number, connection] : connections_) {
    connection->reset(Gone::Dropped);
  }
}

std::uint64_t SocketDialer::dial(const Endpoint& to, Duration connect_limit) {
  const std::uint64_t number = connection_numbers_.fetch_add(1, std::memory_order_relaxed) + 1;
  auto attempt = std::make_shared<Attempt>(thread_.io(), number);
  attempts_.emplace(number, attempt);
  attempt->limit.expires_after(connect_limit);
  attempt->limit.async_wait([attempt](const error_code& error) {
    if (!error) {
      attempt->timed_out = true;
      attempt->cancel();
    }
  });
  const auto on_connect = [attempt, shared = shared_](const error_code& error,
                                                      const tcp::endpoint& /*address*/) {
    if (shared->dialer == nullptr) {
      return;
    }
    if (error) {
      const Gone why = attempt->timed_out                        ? Gone::TimedOut
                       : error == asio::error::operation_aborted ? Gone::Dropped
                                                                 : Gone::Refused;
      shared->dialer->failed(attempt->number, why, error.message());
      return;
    }
    shared->dialer->connected(attempt);
  };
  attempt->resolver.async_resolve(
      to.host, std::to_string(to.port), tcp::resolver::numeric_service,
      [attempt, on_connect, shared = shared_](const error_code& error,
                                              const tcp::resolver::results_type& addresses) {
        if (shared->dialer == nullptr) {
          return;
        }
        if (error || attempt->timed_out) {
          const Gone why = attempt->timed_out                        ? Gone::TimedOut
                           : error == asio::error::operation_aborted ? Gone::Dropped
                                                                     : Gone::Unresolved;
          shared->dialer->failed(attempt->number, why, error.message());
          return;
        }
        asio::async_connect(attempt->socket, addresses, on_connect);
      });
  return number;
}

void SocketDialer::connected(const std::shared_ptr<Attempt>& attempt) {
  attempt->limit.cancel();
  attempts_.erase(attempt->number);
  PeerInfo peer;
  peer.connection = attempt->number;
  peer.thread = thread_.index();
  error_code error;
  const auto text = [](const tcp::endpoint& endpoint) {
    return Endpoint{endpoint.address().to_string(), endpoint.port()}.to_string();
  };
  peer.local_address = text(attempt->socket.local_endpoint(error));
  peer.peer_address = text(attempt->socket.remote_endpoint(error));
  auto connection = std::make_unique<SocketConnection>(
      thread_, std::move(attempt->socket), peer,
      [shared = shared_](const SocketConnection& over, Gone why, const std::string& detail) {
        if (shared->dialer != nullptr) {
          shared->dialer->failed(over.peer().connection, why, detail);
        }
      });
  SocketConnection& added = thread_.add(std::move(connection));
  connections_.emplace(peer.connection, &added);
  added.start(events_.connected(peer, added, io_now()));
}

void SocketDialer::failed(std::uint64_t number, Gone why, const std::string& detail) {
  attempts_.erase(number);
  connections_.erase(number);
  events_.gone(number, why, detail, io_now());
}

void SocketDialer::drop(std::uint64_t connection) {
  if (const auto attempt = attempts_.find(connection); attempt != attempts_.end()) {
    attempt->second->cancel();
  } else if (const auto open = connections_.find(connection); open != connections_.end()) {
    open->second->reset(Gone::Dropped);
  }
}

void SocketDialer::set_alarm(TimePoint when) {
  if (when == alarm_at_) {
    return;
  }
  alarm_at_ = when;
  if (when == kNever) {
    alarm_.cancel();
    return;
  }
  alarm_.expires_at(std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(when.time_since_epoch())));
  alarm_.async_wait([shared = shared_, when](const error_code& error) {
    if (!error && shared->dialer != nullptr && shared->dialer->alarm_at_ == when) {
      shared->dialer->alarm_at_ = kNever;
      shared->dialer->events_.on_alarm(io_now());
    }
  });
}

}  // namespace apns::net
