#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <unordered_map>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "apns/net/socket_connection.h"
#include "apns/net/socket_host.h"

namespace apns::net {

/// One thread of the host: its loop, its read buffer and its connections.
class SocketThread {
 public:
  /// Bytes per read. What follows is never read into; parsers that look a few bytes past their
  /// input may.
  static constexpr std::size_t kReadLen = 65536;
  static constexpr std::size_t kReadPadding = 64;

  SocketThread(unsigned index, const SocketHostOptions& options, const HostLog& log);
  ~SocketThread();
  SocketThread(const SocketThread&) = delete;
  SocketThread& operator=(const SocketThread&) = delete;

  void start();
  void stop();

  [[nodiscard]] boost::asio::io_context& io() { return io_; }

  [[nodiscard]] const SocketHostOptions& options() const { return options_; }

  [[nodiscard]] const HostLog& log() const { return log_; }

  [[nodiscard]] unsigned index() const { return index_; }

  [[nodiscard]] std::span<std::byte> read_buffer() { return std::span(buffer_).first(kReadLen); }

  /// On this thread only. The connection is destroyed when it is over.
  SocketConnection& add(std::unique_ptr<SocketConnection> connection);
  void remove(SocketConnection& connection);

  /// On this thread only: does any of its connections have something to read?
  [[nodiscard]] bool has_unread() const;

  /// Accepted connections that are open or on their way to this thread.
  std::atomic<std::size_t> num_accepted{0};

 private:
  unsigned index_;
  const SocketHostOptions& options_;
  const HostLog& log_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::unordered_map<SocketConnection*, std::unique_ptr<SocketConnection>> connections_;
  std::thread thread_;
  std::array<std::byte, kReadLen + kReadPadding> buffer_{};
};

}  // namespace apns::net
