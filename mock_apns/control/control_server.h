#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mock_apns/control/message.h"

namespace apns::mock::control {

struct ServerOptions {
  /// As ServiceOptions::listen.
  std::vector<std::string> listen = {"127.0.0.1", "::1"};
  std::uint16_t port = 2199;  // 0: a free one

  std::size_t max_connections = 1000;  // one more is answered 503 and closed
  std::size_t max_header_bytes = std::size_t{16} * 1024;
  std::size_t max_body_bytes = std::size_t{16} * 1024 * 1024;
  /// A request has to be there whole so long after its first byte, and an answer taken.
  Duration transfer_limit = std::chrono::seconds(30);
  /// A connection without a request is closed.
  Duration idle_limit = std::chrono::minutes(2);
};

/// HTTP/1.1 for the control API: one thread of its own, many connections. Bad HTTP, and what is too
/// large, is answered with a problem document and closed; who is slower than the limits is closed.
///
/// Boost.Beast is behind this class and nowhere else.
class ControlServer {
 public:
  /// Called on the server's thread, one request at a time.
  using Handler = std::function<Answer(const Request&, TimePoint now)>;

  /// Binds. Throws net::ListenError.
  explicit ControlServer(const ServerOptions& options);
  /// Closes every connection and ends the thread.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

  /// Answers from now on; until then connections wait. Call once.
  void start(Handler handler);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace apns::mock::control
