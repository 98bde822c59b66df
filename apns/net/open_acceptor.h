#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "apns/base/network.h"

namespace apns::net {

/// Binds a numeric address and listens; the acceptor does not block. Never with SO_REUSEPORT, by
/// which two programs share a port without an error. Throws ListenError.
[[nodiscard]] boost::asio::ip::tcp::acceptor open_acceptor(boost::asio::io_context& io,
                                                           const Endpoint& at);

[[nodiscard]] Endpoint to_endpoint(const boost::asio::ip::tcp::endpoint& endpoint);

/// What it is bound to: a real port for port 0.
[[nodiscard]] Endpoint bound_to(const boost::asio::ip::tcp::acceptor& acceptor);

}  // namespace apns::net
