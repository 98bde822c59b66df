#include "mock_apns/listening.h"

namespace apns::mock {

std::uint16_t listen_on_all(net::SocketHost& host, const std::vector<std::string>& addresses,
                            std::uint16_t wanted, AcceptEvents& events) {
  std::uint16_t port = wanted;
  for (const std::string& address : addresses) {
    try {
      port = host.listen(Endpoint{address, port}, events).port;
    } catch (const net::ListenError& error) {
      if (!error.address_is_missing() || &address == &addresses.front()) {
        throw;
      }
    }
  }
  return port;
}

}  // namespace apns::mock
