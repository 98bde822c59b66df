#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "apns/base/time.h"
#include "apns/net/dial_options.h"

namespace apns::net {

/// In which order the addresses of a name are tried, and what is remembered for it: when each was
/// last tried, and whether it has just failed. One per host, so that several dialers spread their
/// connections together. Nothing is resolved or kept in place of a resolver's answer. Any thread.
///
///   arrange({a, b, c})              -> a, b, c
///   arrange({b, c, a})              -> b, c, a   the resolver's order counts among those never
///   tried failed(c); arrange({a, b, c})   -> a, b, c   a was tried longest ago; c goes last for a
///   time arrange({6a, 6b, 4a, 4b})       -> 6a, 4a, 6b, 4b
class AddressTable {
 public:
  /// Addresses remembered; the one tried longest ago is forgotten first.
  static constexpr std::size_t kMaxLen = 1024;

  AddressTable(AddressOrder order, bool spread, Duration failed_for);

  /// Each of `resolved` once, in the order in which it is to be tried: first those that did not
  /// just fail, families taking turns; then those that did, the earliest failure first. The first
  /// counts as tried from here on.
  [[nodiscard]] std::vector<boost::asio::ip::tcp::endpoint> arrange(
      const std::vector<boost::asio::ip::tcp::endpoint>& resolved, TimePoint now);

  /// An attempt begins.
  void tried(const boost::asio::ip::tcp::endpoint& address);
  /// It did not answer, or refused.
  void failed(const boost::asio::ip::tcp::endpoint& address, TimePoint now);
  /// It is connected: an earlier failure is forgotten.
  void answered(const boost::asio::ip::tcp::endpoint& address);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Memory {
    std::uint64_t last_tried = 0;  // number of the attempt; 0: never
    TimePoint failed_until{};
  };

  struct Candidate {
    boost::asio::ip::tcp::endpoint address;
    Memory memory;
  };

  [[nodiscard]] std::vector<Candidate> look_up(
      const std::vector<boost::asio::ip::tcp::endpoint>& resolved) const;
  void mark_tried(const boost::asio::ip::tcp::endpoint& address);

  const AddressOrder order_;
  const bool spread_;
  const Duration failed_for_;
  mutable std::mutex mutex_;
  std::map<boost::asio::ip::tcp::endpoint, Memory> memories_;
  std::uint64_t num_tried_ = 0;
};

}  // namespace apns::net
