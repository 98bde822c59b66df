#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apns/base/time.h"
#include "cli/options.h"
#include "mock_apns/control/control.h"
#include "mock_apns/service.h"

namespace apns::cli {

/// The options of a service that a command runs: serve's, and exec's.
struct ServiceSetup {
  static constexpr std::uint64_t kAnyPort = 65536;  // "not given"

  std::uint64_t port = kAnyPort;
  std::uint64_t http2_port = kAnyPort;
  std::uint64_t http2_port_development = kAnyPort;
  std::uint64_t gateway_port = kAnyPort;
  std::uint64_t gateway_port_development = kAnyPort;
  std::uint64_t feedback_port = kAnyPort;
  std::uint64_t feedback_port_development = kAnyPort;
  std::uint64_t control_port = kAnyPort;
  std::string secret;  // of the control API; empty: none
  std::vector<std::string> listen;
  std::vector<std::string> names;  // more ones for the server certificate
  std::string profile = std::string(default_profile().name);
  std::uint64_t seed = 0;
  std::vector<std::string> faults;
  std::string world;
  bool strict = false;
  bool no_magic = false;
  std::uint64_t threads = 1;
  std::uint64_t keep = 100'000;
  std::string tls_min = "1.2";
  std::string tls = "1.2";
  Duration drain = std::chrono::seconds(5);

  /// `port_help` says what happens without --port.
  void bind(Options& options, const std::string& port_help);

  /// Reads the files that are named. Throws std::runtime_error or json::Error with what is wrong.
  [[nodiscard]] mock::ServiceOptions to_service_options() const;

  /// Throws std::runtime_error: others than this machine could reach it, and there is no secret.
  [[nodiscard]] mock::control::ControlOptions to_control_options() const;
};

}  // namespace apns::cli
