#include "apns/net/open_acceptor.h"

#include <cerrno>
#include <string>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "apns/net/socket_host.h"

namespace apns::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

[[noreturn]] void refuse(const Endpoint& at, const error_code& error) {
  const std::string place = "port " + std::to_string(at.port) + " on " + at.host;
  if (error == asio::error::address_in_use) {
    throw ListenError(place + " is in use. Stop what uses it, or use --port 0 for free ports.",
                      false, at);
  }
  if (error == asio::error::access_denied) {
    throw ListenError(place + " may not be used by this user. Use --port 0 for free ports.", false);
  }
  const bool is_missing = error.value() == EADDRNOTAVAIL || error.value() == EAFNOSUPPORT;
  throw ListenError(place + " cannot be listened on: " + error.message() + ".", is_missing);
}

}  // namespace

tcp::acceptor open_acceptor(asio::io_context& io, const Endpoint& at) {
  tcp::acceptor acceptor(io);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(at.host, error);
  if (error) {
    throw ListenError("\"" + at.host + "\" is not a numeric address to listen on.", false);
  }
  const tcp::endpoint endpoint(address, at.port);
  acceptor.open(endpoint.protocol(), error);
  if (error) {
    refuse(at, error);
  }
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (address.is_v6()) {
    acceptor.set_option(asio::ip::v6_only(true), error);
  }
  acceptor.bind(endpoint, error);
  if (!error) {
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    refuse(at, error);
  }
  acceptor.non_blocking(true, error);
  return acceptor;
}

Endpoint to_endpoint(const tcp::endpoint& endpoint) {
  return Endpoint{endpoint.address().to_string(), endpoint.port()};
}

Endpoint bound_to(const tcp::acceptor& acceptor) {
  error_code error;
  return to_endpoint(acceptor.local_endpoint(error));
}

}  // namespace apns::net
