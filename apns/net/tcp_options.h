#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "apns/net/dial_options.h"

namespace apns::net {

/// Sets `options` on an open socket, as many as the system knows.
void set_tcp_options(boost::asio::ip::tcp::socket& socket, const TcpOptions& options);

}  // namespace apns::net
