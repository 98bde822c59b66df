#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "apns/base/time.h"

namespace apns::net {

/// Which family of a name's addresses a dial begins with; from there the families take turns.
enum class AddressOrder {
  AsResolved,  // that of the resolver's first address (RFC 6724 where the system sorts)
  Ipv6First,
  Ipv4First,
};

/// What the kernel is asked for on a dialled socket, before it connects. An option that the system
/// does not know is left out without a word.
struct TcpOptions {
  bool no_delay = true;                         // TCP_NODELAY
  bool keepalive = true;                        // SO_KEEPALIVE, with the next three
  std::chrono::seconds keepalive_idle{60};      // TCP_KEEPIDLE
  std::chrono::seconds keepalive_interval{10};  // TCP_KEEPINTVL
  int keepalive_probes = 3;                     // TCP_KEEPCNT
  /// TCP_USER_TIMEOUT: so long may written bytes stay unacknowledged, or a closed window closed,
  /// before the kernel ends the connection with ETIMEDOUT. 0: the system's own, about 15 minutes.
  std::chrono::milliseconds user_timeout{30'000};
};

/// What a resolver found: numeric addresses ("127.0.0.1", "::1"), in its order of preference. Those
/// that cannot be read are left out. None: the name has no address; `error` says why, or is empty.
struct ResolvedName {
  std::vector<std::string> addresses;
  std::string error;
};

/// Finds the addresses of a name; asked anew by each dial, never for a numeric address. Called on
/// the dialer's thread, which it must not block. `done` is called once at most, on any thread, now
/// or later, while the host lives; a dial whose resolver does not answer ends by its connect limit.
using Resolver =
    std::function<void(const std::string& host, std::function<void(ResolvedName)> done)>;

/// How a socket host dials. Source: RFC 8305 (Happy Eyeballs) sections 4 to 6 and 8.
struct DialOptions {
  AddressOrder order = AddressOrder::AsResolved;
  /// Within a family the address tried longest ago goes first, so that connections of a pool are
  /// spread over all. False: the resolver's order.
  bool spread = true;
  /// Between the beginnings of two attempts, unless one fails sooner. Less than 10 ms counts as
  /// 10 ms.
  Duration stagger = std::chrono::milliseconds(250);
  /// An address that failed, or that one begun later overtook, is tried last for so long.
  Duration failed_for = std::chrono::seconds(30);
  TcpOptions tcp;
  /// Empty: the system's, on one thread of its own for each thread of the host. A look-up that
  /// hangs there delays those behind it, and the host's destruction.
  Resolver resolver;
};

}  // namespace apns::net
