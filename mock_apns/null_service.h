#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apns/net/socket_host.h"
#include "certs/state_folder.h"
#include "mock_apns/null_endpoint.h"

namespace apns::mock {

struct NullServiceOptions {
  /// Numeric addresses; the port is bound on all of them. An IPv6 address that the machine does not
  /// have is left out.
  std::vector<std::string> listen = {"127.0.0.1", "::1"};
  std::uint16_t port = 2197;  // 0: a free one
  unsigned threads = 1;
  bool cleartext = false;  // no TLS: HTTP/2 by prior knowledge (RFC 9113 section 3.3)
  std::uint64_t seed = 0;  // of the apns-ids
};

struct NullServiceEvents {
  ProblemLog problem;  // may be empty
  net::HostLog host;   // may be empty
};

/// A NullEndpoint on sockets, behind TLS 1.2 or 1.3 with a client certificate or without: h2 is
/// agreed on where ALPN is offered, and who offers none is taken to speak HTTP/2. Threads run from
/// construction to destruction.
class NullService {
 public:
  /// Throws net::ListenError, or std::runtime_error with a full sentence. `credentials` may go away
  /// afterwards.
  NullService(const NullServiceOptions& options, const certs::StateFolder& credentials,
              NullServiceEvents events);
  ~NullService();
  NullService(const NullService&) = delete;
  NullService& operator=(const NullService&) = delete;

  /// The port that was really bound.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] NullCounters counters() const;
  [[nodiscard]] std::size_t num_open_connections() const;

  /// No new connections; GOAWAY in two steps on the open ones, drain. True: all had ended within
  /// `limit`.
  [[nodiscard]] bool shut_down(std::chrono::milliseconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace apns::mock
