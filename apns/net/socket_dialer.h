#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "apns/base/network.h"
#include "apns/net/address_table.h"
#include "apns/net/socket_thread.h"

namespace apns::net {

/// A Dialer on one thread. Each dial resolves anew, and every address found is a candidate: in the
/// order of the host's AddressTable, one attempt begins behind the other and the first that
/// connects is taken (ConnectRace). The connect limit covers it all, resolving included.
///
/// gone()'s detail names what happened: "[::1]:2195 refused, 127.0.0.1:2195 timed out". For a
/// numeric address it is empty, unless there is more to say than the reason does. TimedOut: an
/// address did not answer, whatever the others did.
class SocketDialer final : public Dialer {
 public:
  SocketDialer(SocketThread& thread, DialEvents& events,
               std::atomic<std::uint64_t>& connection_numbers, AddressTable& addresses);
  ~SocketDialer() override;

  std::uint64_t dial(const Endpoint& to, Duration connect_limit) override;
  void drop(std::uint64_t connection) override;
  [[nodiscard]] std::optional<std::size_t> unacknowledged(std::uint64_t connection) const override;
  void set_alarm(TimePoint when) override;

  [[nodiscard]] TimePoint now() const override { return io_now(); }

 private:
  struct Attempt;
  struct Shared;

  void resolve(const std::shared_ptr<Attempt>& attempt);
  void resolved(Attempt& attempt, const std::vector<boost::asio::ip::address>& found,
                const std::string& error);
  void timed_out(Attempt& attempt);
  /// No address has connected.
  void lost(const Attempt& attempt);
  void connected(std::uint64_t number, boost::asio::ip::tcp::socket socket);
  void failed(std::uint64_t number, Gone why, const std::string& detail);

  SocketThread& thread_;
  DialEvents& events_;
  std::atomic<std::uint64_t>& connection_numbers_;
  AddressTable& addresses_;
  boost::asio::steady_timer alarm_;
  TimePoint alarm_at_ = kNever;
  std::map<std::uint64_t, std::shared_ptr<Attempt>> attempts_;
  std::map<std::uint64_t, SocketConnection*> connections_;
  /// Handlers outlive the dialer; they hold this and look whether `dialer` is still there.
  std::shared_ptr<Shared> shared_;
};

}  // namespace apns::net
