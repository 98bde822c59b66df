#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "apns/base/network.h"
#include "apns/net/socket_thread.h"

namespace apns::net {

/// A Dialer on one thread. Resolves anew for each dial and tries the addresses in the resolver's
/// order, all within the connect limit.
class SocketDialer final : public Dialer {
 public:
  SocketDialer(SocketThread& thread, DialEvents& events,
               std::atomic<std::uint64_t>& connection_numbers);
  ~SocketDialer() override;

  std::uint64_t dial(const Endpoint& to, Duration connect_limit) override;
  void drop(std::uint64_t connection) override;
  void set_alarm(TimePoint when) override;

  [[nodiscard]] TimePoint now() const override { return io_now(); }

 private:
  struct Attempt;
  struct Shared;

  void connected(const std::shared_ptr<Attempt>& attempt);
  void failed(std::uint64_t number, Gone why, const std::string& detail);

  SocketThread& thread_;
  DialEvents& events_;
  std::atomic<std::uint64_t>& connection_numbers_;
  boost::asio::steady_timer alarm_;
  TimePoint alarm_at_ = kNever;
  std::map<std::uint64_t, std::shared_ptr<Attempt>> attempts_;
  std::map<std::uint64_t, SocketConnection*> connections_;
  /// Handlers outlive the dialer; they hold this and look whether `dialer` is still there.
  std::shared_ptr<Shared> shared_;
};

}  // namespace apns::net
