#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace apns::floor {

/// How long a peer may be silent before a blocking socket gives it up.
inline constexpr std::chrono::seconds kPatience{60};

/// A descriptor with one owner.
class Fd {
 public:
  Fd() = default;

  explicit Fd(int fd) : fd_(fd) {}

  Fd(Fd&& other) noexcept;
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd();

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// What failed, with the text of errno, thrown as std::runtime_error.
[[noreturn]] void throw_errno(const std::string& what);

/// A non-blocking listening socket on 127.0.0.1; port 0 takes a free one. Throws
/// std::runtime_error.
[[nodiscard]] Fd listen_on_loopback(std::uint16_t port);
[[nodiscard]] std::uint16_t local_port(const Fd& socket);
/// A blocking connection to a numeric address, without Nagle's delay. Reads and writes that wait
/// for longer than kPatience fail with EAGAIN. Throws std::runtime_error.
[[nodiscard]] Fd connect_to(const std::string& address, std::uint16_t port);
/// The next waiting connection, without Nagle's delay; blocking, as from connect_to, or not. Holds
/// -1 when there is none or it is gone again. Throws std::runtime_error when no descriptor is left.
[[nodiscard]] Fd accept_from(const Fd& listener, bool blocking);

/// Writes all of `bytes`. False: the peer is gone, or the socket is non-blocking and full.
[[nodiscard]] bool send_all(int fd, std::span<const std::byte> bytes) noexcept;

/// Blocks SIGTERM and SIGINT and gives a descriptor that becomes readable when one arrives.
/// SIGPIPE is ignored from then on.
[[nodiscard]] Fd stop_signal();

}  // namespace apns::floor
