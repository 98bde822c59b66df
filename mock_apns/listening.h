#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apns/net/socket_host.h"

namespace apns::mock {

/// Binds one port on every address, numeric ones; for port 0 the first address draws it. Returns
/// what was bound. An IPv6 address that the machine does not have is left out, unless it is the
/// first. Throws net::ListenError.
std::uint16_t listen_on_all(net::SocketHost& host, const std::vector<std::string>& addresses,
                            std::uint16_t wanted, AcceptEvents& events);

}  // namespace apns::mock
