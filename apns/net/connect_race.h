#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "apns/net/address_table.h"
#include "apns/net/dial_options.h"

namespace apns::net {

/// Connects to the first of several addresses that answers. Source: RFC 8305 section 5.
///
///   a hangs, b connects     a at 0 ms, b at 250 ms -> over(b's socket); a is closed
///   a refuses               a at 0 ms, b as soon as the refusal is there
///   a unreachable           the same: no time is lost on a family without a route
///   all refuse              over(nothing); outcomes() says what each did
///   all hang                nothing: the limit is the owner's, who asks outcomes() and destroys it
///
/// Lives on its loop's thread. Destroying it closes what is open; nothing is called any more.
class ConnectRace {
 public:
  /// A connected socket, or nothing: all have failed. Called once at most, on the loop, never
  /// inside the constructor. The race may be destroyed in it.
  using OnOver = std::function<void(std::optional<boost::asio::ip::tcp::socket>)>;

  /// What became of one address. No error: it was not tried.
  struct Outcome {
    boost::asio::ip::tcp::endpoint address;
    boost::system::error_code error;
  };

  /// Begins with the first of `addresses`, which are tried in their order and are not empty.
  /// `table` and `options` outlive the race.
  ConnectRace(boost::asio::io_context& io,
              const std::vector<boost::asio::ip::tcp::endpoint>& addresses, AddressTable& table,
              const DialOptions& options, OnOver on_over);
  ~ConnectRace();
  ConnectRace(const ConnectRace&) = delete;
  ConnectRace& operator=(const ConnectRace&) = delete;

  /// The limit is over: what is open is closed and counts as failed, with error timed_out.
  void time_out();

  /// In the order of `addresses`; whole after time_out(), or when all have failed.
  [[nodiscard]] const std::vector<Outcome>& outcomes() const;

 private:
  struct Run;
  std::shared_ptr<Run> run_;
};

/// "refused", "timed out", "unreachable", "not tried", or the system's text.
[[nodiscard]] std::string describe(const ConnectRace::Outcome& outcome);

/// "[::1]:2195 refused, 127.0.0.1:2195 timed out"; of more than eight, the number of the rest.
[[nodiscard]] std::string describe(const std::vector<ConnectRace::Outcome>& outcomes);

}  // namespace apns::net
