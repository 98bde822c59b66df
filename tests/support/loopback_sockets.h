#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>

namespace apns::test {

using boost::asio::ip::tcp;

/// Descriptors that the process has open.
[[nodiscard]] inline std::size_t num_descriptors() {
  const std::filesystem::directory_iterator folder("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder))) - 1;  // its own
}

/// Waits until there are so many. False: not within ten seconds.
[[nodiscard]] inline bool wait_for_descriptors(std::size_t at_least) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (num_descriptors() < at_least) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

/// Several addresses of the loopback with one port, each of which listens, swallows what comes, or
/// refuses: what a name with several addresses is in the field.
class LoopbackSockets {
 public:
  enum class Kind {
    Listens,
    Swallows,  // its backlog is full: a SYN is never answered
    Refuses,
  };

  struct Place {
    const char* address;
    Kind kind;
  };

  explicit LoopbackSockets(std::vector<Place> places) : places_(std::move(places)) {
    for (int attempt = 0; attempt < 100 && !open_all(); ++attempt) {
      listeners_.clear();
      fillers_.clear();
      port_ = 0;
    }
    if (listeners_.size() != places_.size()) {
      throw std::runtime_error("No port is free on all addresses of the test.");
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].kind == Kind::Refuses) {
        listeners_[i].reset();
      } else if (places_[i].kind == Kind::Swallows) {
        // Linux takes one more than the backlog.
        fillers_.emplace_back(io_).connect(endpoint(i));
      }
    }
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  [[nodiscard]] tcp::endpoint endpoint(std::size_t place) const {
    return {boost::asio::ip::make_address(places_.at(place).address), port_};
  }

  [[nodiscard]] std::vector<tcp::endpoint> endpoints() const {
    std::vector<tcp::endpoint> all;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      all.push_back(endpoint(i));
    }
    return all;
  }

  [[nodiscard]] std::vector<std::string> addresses() const {
    std::vector<std::string> all;
    for (const Place& place : places_) {
      all.emplace_back(place.address);
    }
    return all;
  }

  /// Takes what waits in the backlog: a place that swallowed answers the next SYN.
  void take_one(std::size_t place) { taken_.push_back(listeners_.at(place)->accept()); }

  /// "127.0.0.2:4711", as errors name it.
  [[nodiscard]] std::string name(std::size_t place) const {
    const std::string address = places_.at(place).address;
    return (address.find(':') == std::string::npos ? address : "[" + address + "]") + ":" +
           std::to_string(port_);
  }

  [[nodiscard]] static bool has_ipv6() {
    boost::asio::io_context io;
    boost::system::error_code error;
    tcp::acceptor acceptor(io);
    acceptor.open(tcp::v6(), error);
    if (!error) {
      acceptor.bind({boost::asio::ip::make_address("::1"), 0}, error);
    }
    return !error;
  }

 private:
  bool open_all() {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const tcp::endpoint at = endpoint(i);
      tcp::acceptor acceptor(io_, at.protocol());
      if (at.address().is_v6()) {
        acceptor.set_option(boost::asio::ip::v6_only(true));
      }
      boost::system::error_code error;
      acceptor.bind(at, error);
      if (!error) {
        acceptor.listen(places_[i].kind == Kind::Swallows ? 0 : 128, error);
      }
      if (error) {
        return false;
      }
      port_ = acceptor.local_endpoint().port();
      listeners_.emplace_back(std::move(acceptor));
    }
    return true;
  }

  std::vector<Place> places_;
  boost::asio::io_context io_;
  std::uint16_t port_ = 0;
  std::vector<std::optional<tcp::acceptor>> listeners_;
  std::vector<tcp::socket> fillers_;
  std::vector<tcp::socket> taken_;
};

}  // namespace apns::test
