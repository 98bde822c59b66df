#include "apns/net/tcp_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace apns::net {
namespace {

void set(int descriptor, int level, int option, int value) {
  (void)::setsockopt(descriptor, level, option, &value, sizeof value);
}

}  // namespace

void set_tcp_options(boost::asio::ip::tcp::socket& socket, const TcpOptions& options) {
  const int descriptor = socket.native_handle();
  set(descriptor, IPPROTO_TCP, TCP_NODELAY, options.no_delay ? 1 : 0);
  set(descriptor, SOL_SOCKET, SO_KEEPALIVE, options.keepalive ? 1 : 0);
  if (options.keepalive) {
    set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(options.keepalive_idle.count()));
    set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL,
        static_cast<int>(options.keepalive_interval.count()));
    set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_probes);
  }
  if (options.user_timeout.count() > 0) {
    set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(options.user_timeout.count()));
  }
}

}  // namespace apns::net
