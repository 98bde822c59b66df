#include "apns/net/socket_dialer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "apns/net/connect_race.h"

namespace apns::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct SocketDialer::Shared {
  SocketDialer* dialer;
};

/// A connection that is not up yet. Handlers hold it weakly: it lives while attempts_ has it.
struct SocketDialer::Attempt {
  Attempt(asio::io_context& io, std::uint64_t n, Endpoint endpoint)
      : number(n), to(std::move(endpoint)), resolver(io), limit(io) {}

  std::uint64_t number;
  Endpoint to;
  bool is_numeric = false;  // `to` is the only address
  tcp::resolver resolver;
  asio::steady_timer limit;
  std::optional<ConnectRace> race;  // once resolved
};

SocketDialer::SocketDialer(SocketThread& thread, DialEvents& events,
                           std::atomic<std::uint64_t>& connection_numbers, AddressTable& addresses)
    : thread_(thread),
      events_(events),
      connection_numbers_(connection_numbers),
      addresses_(addresses),
      alarm_(thread.io()),
      shared_(std::make_shared<Shared>(Shared{this})) {}

SocketDialer::~SocketDialer() {
  shared_->dialer = nullptr;
  for (const auto& [number, connection] : connections_) {
    connection->reset(Gone::Dropped);
  }
}

std::uint64_t SocketDialer::dial(const Endpoint& to, Duration connect_limit) {
  const std::uint64_t number = connection_numbers_.fetch_add(1, std::memory_order_relaxed) + 1;
  const auto attempt = std::make_shared<Attempt>(thread_.io(), number, to);
  attempts_.emplace(number, attempt);
  attempt->limit.expires_after(connect_limit);
  attempt->limit.async_wait([this, weak = std::weak_ptr(attempt)](const error_code& error) {
    if (const auto live = weak.lock(); live && !error) {
      timed_out(*live);
    }
  });
  resolve(attempt);
  return number;
}

void SocketDialer::resolve(const std::shared_ptr<Attempt>& attempt) {
  const auto on_addresses = [this, weak = std::weak_ptr(attempt)](
                                const std::vector<asio::ip::address>& found,
                                const std::string& error) {
    if (const auto live = weak.lock()) {
      resolved(*live, found, error);
    }
  };
  error_code error;
  const asio::ip::address numeric = asio::ip::make_address(attempt->to.host, error);
  if (!error) {
    attempt->is_numeric = true;
    asio::post(thread_.io(), [on_addresses, numeric] { on_addresses({numeric}, ""); });
    return;
  }
  if (const Resolver& resolver = thread_.options().dial.resolver) {
    resolver(attempt->to.host, [on_addresses, &io = thread_.io()](const ResolvedName& name) {
      asio::post(io, [on_addresses, name] {
        std::vector<asio::ip::address> found;
        for (const std::string& text : name.addresses) {
          error_code unreadable;
          const asio::ip::address address = asio::ip::make_address(text, unreadable);
          if (!unreadable) {
            found.push_back(address);
          }
        }
        on_addresses(found, name.error);
      });
    });
    return;
  }
  attempt->resolver.async_resolve(
      attempt->to.host, "", tcp::resolver::numeric_service,
      [on_addresses](const error_code& failure, const tcp::resolver::results_type& results) {
        std::vector<asio::ip::address> found;
        for (const auto& entry : results) {
          found.push_back(entry.endpoint().address());
        }
        on_addresses(found, failure ? failure.message() : "");
      });
}

void SocketDialer::resolved(Attempt& attempt, const std::vector<asio::ip::address>& found,
                            const std::string& error) {
  if (attempt.race) {
    return;  // a resolver that answers twice
  }
  if (found.empty()) {
    failed(attempt.number, Gone::Unresolved, error);
    return;
  }
  std::vector<tcp::endpoint> addresses;
  addresses.reserve(found.size());
  for (const asio::ip::address& address : found) {
    addresses.emplace_back(address, attempt.to.port);
  }
  attempt.race.emplace(thread_.io(), addresses_.arrange(addresses, io_now()), addresses_,
                       thread_.options().dial, [this, &attempt](std::optional<tcp::socket> socket) {
                         if (socket) {
                           connected(attempt.number, std::move(*socket));
                         } else {
                           lost(attempt);
                         }
                       });
}

void SocketDialer::timed_out(Attempt& attempt) {
  if (attempt.race) {
    attempt.race->time_out();
    lost(attempt);
  } else {
    failed(attempt.number, Gone::TimedOut, "resolving " + attempt.to.host);
  }
}

void SocketDialer::lost(const Attempt& attempt) {
  const std::vector<ConnectRace::Outcome>& outcomes = attempt.race->outcomes();
  const bool is_late = std::ranges::any_of(outcomes, [](const ConnectRace::Outcome& outcome) {
    return outcome.error == asio::error::timed_out;
  });
  const Gone why = is_late ? Gone::TimedOut : Gone::Refused;
  std::string detail = describe(outcomes);
  if (attempt.is_numeric) {
    detail = describe(outcomes.front());
    if (detail == to_string(why)) {
      detail.clear();
    }
  }
  failed(attempt.number, why, detail);
}

void SocketDialer::connected(std::uint64_t number, tcp::socket socket) {
  attempts_.erase(number);
  PeerInfo peer;
  peer.connection = number;
  peer.thread = thread_.index();
  error_code error;
  const auto text = [](const tcp::endpoint& endpoint) {
    return Endpoint{endpoint.address().to_string(), endpoint.port()}.to_string();
  };
  peer.local_address = text(socket.local_endpoint(error));
  peer.peer_address = text(socket.remote_endpoint(error));
  auto connection = std::make_unique<SocketConnection>(
      thread_, std::move(socket), peer,
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
  if (attempts_.erase(connection) > 0) {
    asio::post(thread_.io(), [shared = shared_, connection] {
      if (shared->dialer != nullptr) {
        shared->dialer->failed(connection, Gone::Dropped, "");
      }
    });
  } else if (const auto open = connections_.find(connection); open != connections_.end()) {
    open->second->reset(Gone::Dropped);
  }
}

std::optional<std::size_t> SocketDialer::unacknowledged(std::uint64_t connection) const {
  const auto open = connections_.find(connection);
  return open == connections_.end() ? std::nullopt : open->second->unacknowledged();
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
