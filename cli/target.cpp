#include "cli/target.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>

#include "certs/credential.h"
#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/ready_file.h"

namespace apns::cli {

namespace {

std::string read_or_throw(const std::filesystem::path& path, const std::string& what) {
  std::optional<std::string> text = certs::read_file(path);
  if (!text) {
    throw std::runtime_error(what + " " + path.string() + " is not there.");
  }
  return std::move(*text);
}

/// The option, else the variable; empty: neither.
std::string given(const std::string& option, const char* variable) {
  if (!option.empty()) {
    return option;
  }
  const char* value = std::getenv(variable);
  return value != nullptr ? value : "";
}

std::uint16_t parse_port(std::string_view text, const std::string& where) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    throw std::runtime_error(where + ": \"" + std::string(text) + "\" is not a port (1 to 65535).");
  }
  return port;
}

/// "localhost:2195", "[::1]:2195".
Endpoint parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    throw std::runtime_error("--to must be HOST:PORT, not \"" + text + "\".");
  }
  Endpoint endpoint{text.substr(0, colon),
                    parse_port(std::string_view(text).substr(colon + 1), "--to")};
  if (endpoint.host.front() == '[' && endpoint.host.back() == ']') {
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  }
  return endpoint;
}

}  // namespace

void TargetOptions::bind(Options& options) {
  options.text(
      "--to", to,
      "HOST:PORT of the gateway (default: $APNSLAB_GATEWAY_PORT, else the running service)");
  options.choice("--environment", environment, {"production", "development"},
                 "which of the two services");
  options.text("--state", state, "state folder of the service (default: ~/.local/state/apnslab)");
  options.text("--ca", ca, "PEM file with the CA to trust");
  options.text("--cert", cert, "PEM file with the client certificate");
  options.text("--key", key, "PEM file with its private key");
  options.text("--p12", p12, "PKCS#12 file with both");
  options.text("--password", password, "opens the PKCS#12 file");
}

Target find_target(const TargetOptions& options) {
  Target target;
  const bool is_development = options.environment == "development";
  std::filesystem::path dir =
      options.state.empty() ? certs::default_state_dir() : std::filesystem::path(options.state);
  const char* port_variable =
      is_development ? "APNSLAB_GATEWAY_PORT_DEVELOPMENT" : "APNSLAB_GATEWAY_PORT";
  const std::string env_port = given("", port_variable);
  target.phone_device_token =
      given("", is_development ? "APNSLAB_DEVICE_TOKEN_DEVELOPMENT" : "APNSLAB_DEVICE_TOKEN");
  if (!options.to.empty()) {
    target.gateway = parse_endpoint(options.to);
  } else if (!env_port.empty() && options.state.empty()) {
    const std::string host = given("", "APNSLAB_HOST");
    target.gateway =
        Endpoint{host.empty() ? "localhost" : host, parse_port(env_port, port_variable)};
  } else {
    const ReadyFile ready = ReadyFile::read(dir / "ready.json");
    target.gateway =
        Endpoint{ready.host, is_development ? ready.gateway_port_development : ready.gateway_port};
    if (target.phone_device_token.empty()) {
      target.phone_device_token = ready.device_token;
    }
    if (!ready.state_dir.empty()) {
      dir = ready.state_dir;
    }
  }
  if (target.phone_device_token.empty()) {
    target.phone_device_token = phone_device_token();
  }
  const auto path_or = [&dir](const std::string& path, const char* file) {
    return path.empty() ? dir / file : std::filesystem::path(path);
  };
  if (!options.p12.empty()) {
    certs::P12Contents contents =
        certs::parse_p12(read_or_throw(options.p12, "--p12"), options.password);
    if (!contents.credential.certificate) {
      throw std::runtime_error("--p12 " + options.p12 + " holds no certificate with its key.");
    }
    target.certificate = std::move(contents.credential.certificate);
    target.key = std::move(contents.credential.key);
  } else {
    const auto cert = path_or(given(options.cert, "APNSLAB_CERT_FILE"), "cert.pem");
    // A PEM file that holds both, as Apple's tools export it, needs no --key.
    const auto key = options.key.empty() && !options.cert.empty()
                         ? std::filesystem::path(options.cert)
                         : path_or(given(options.key, "APNSLAB_KEY_FILE"), "key.pem");
    target.certificate =
        certs::parse_certificate_pem(read_or_throw(cert, "the client certificate"));
    target.key = certs::parse_key_pem(read_or_throw(key, "the client certificate's key"));
  }
  target.authorities.push_back(certs::parse_certificate_pem(
      read_or_throw(path_or(given(options.ca, "APNSLAB_CA_FILE"), "ca.pem"), "the CA")));
  return target;
}

}  // namespace apns::cli
