#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "mock_apns/control/control_api.h"
#include "mock_apns/control/control_server.h"

namespace apns::mock::control {

struct ControlOptions {
  ServerOptions server;
  Access access;
};

/// The control API of one service, on a port of its own.
class Control {
 public:
  /// Binds, so that the port is known. Throws net::ListenError.
  explicit Control(ControlOptions options);

  /// "http://localhost:2199/v1".
  [[nodiscard]] std::string url() const;

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }

  /// Answers from now on. Both outlive it. Call once.
  void start(Service& service, const ServiceInfo& info);

 private:
  Access access_;
  // The server's thread uses the API, so it goes first.
  std::unique_ptr<ControlApi> api_;
  std::unique_ptr<ControlServer> server_;
};

}  // namespace apns::mock::control
