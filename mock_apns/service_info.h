#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "apns/json/document.h"
#include "apns/model/environment.h"

namespace apns::mock {

class Service;

/// What a running service tells those who look for it: `ready.json` in its state folder, the answer
/// of GET /v1/info, and the APNSLAB_* variables. One list of names serves all three: a variable is
/// the key in upper case behind APNSLAB_.
struct ServiceInfo {
  std::string version;
  std::string host = "localhost";
  std::uint16_t http2_port = 0;  // as read, 0: the service told none; so with the others
  std::uint16_t http2_port_development = 0;
  std::uint16_t gateway_port = 0;  // as read, 0 only where there is an http2_port
  std::uint16_t gateway_port_development = 0;
  std::uint16_t feedback_port = 0;
  std::uint16_t feedback_port_development = 0;
  std::string control_url;  // "http://localhost:2199/v1"; empty: there is no control API
  std::string state_dir;
  std::string device_token;              // of the device "phone", unless a world file was given
  std::string device_token_development;  // of "phone-development"
  std::int64_t pid = 0;

  /// Flat JSON, format 1; keys are only added. Files are named by their whole paths.
  [[nodiscard]] std::string to_json() const;

  /// Reads what to_json() writes; keys that are not known are ignored. Throws json::Error.
  [[nodiscard]] static ServiceInfo read(const json::Value& value);

  using Variables = std::vector<std::pair<std::string, std::string>>;

  /// The variables that a program beside the service is given, in the order of docs/control.md:
  /// APNSLAB_*, then those by which Node, OpenSSL, Python and curl find what to trust. What is not
  /// known is left out.
  [[nodiscard]] Variables variables() const;
};

/// The device token of the device "phone", 32 times a1, or for development of "phone-development",
/// 32 times d1: the same on every machine.
[[nodiscard]] std::string phone_device_token(Environment environment = Environment::Production);

/// Of a service in this process whose credentials are in `state_dir`; all but version and
/// control_url.
[[nodiscard]] ServiceInfo info_of(Service& service, const std::filesystem::path& state_dir);

/// The variables as lines for a shell to read (`export NAME='value'`), and as a .env file
/// (`NAME='value'`).
[[nodiscard]] std::string to_shell(const ServiceInfo::Variables& variables);
[[nodiscard]] std::string to_dotenv(const ServiceInfo::Variables& variables);

}  // namespace apns::mock
