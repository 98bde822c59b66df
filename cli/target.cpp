#include "cli/target.h"

#include <filesystem>
#include <stdexcept>
#include <utility>

#include "certs/credential.h"
#include "certs/state_folder.h"
#include "cli/endpoint_text.h"
#include "cli/ready_file.h"
#include "cli/surroundings.h"

namespace apns::cli {

namespace {

/// What is known of a kind of port, for each environment.
struct PortKind {
  const char* variable;
  const char* development_variable;
  std::uint16_t mock::ServiceInfo::*port;
  std::uint16_t mock::ServiceInfo::*development_port;
  const char* name;
  const char* instead;  // what helps, besides --to
};

PortKind kind_of(TargetPort wanted) {
  using mock::ServiceInfo;
  switch (wanted) {
    case TargetPort::Gateway:
      return {"APNSLAB_GATEWAY_PORT",
              "APNSLAB_GATEWAY_PORT_DEVELOPMENT",
              &ServiceInfo::gateway_port,
              &ServiceInfo::gateway_port_development,
              "gateway",
              "Start `apnslab serve` again"};
    case TargetPort::Feedback:
      return {"APNSLAB_FEEDBACK_PORT",     "APNSLAB_FEEDBACK_PORT_DEVELOPMENT",
              &ServiceInfo::feedback_port, &ServiceInfo::feedback_port_development,
              "feedback service",          "Start `apnslab serve` again"};
    case TargetPort::Http2:
      break;
  }
  return {"APNSLAB_HTTP2_PORT",
          "APNSLAB_HTTP2_PORT_DEVELOPMENT",
          &ServiceInfo::http2_port,
          &ServiceInfo::http2_port_development,
          "HTTP/2 port",
          "Use --protocol binary, start an `apnslab serve` that has one"};
}

const char* port_variable_of(TargetPort wanted, bool is_development) {
  const PortKind kind = kind_of(wanted);
  return is_development ? kind.development_variable : kind.variable;
}

std::uint16_t port_of(const mock::ServiceInfo& ready, TargetPort wanted,
                      const Surroundings& around) {
  const PortKind kind = kind_of(wanted);
  const std::uint16_t port = ready.*(around.is_development ? kind.development_port : kind.port);
  if (port == 0) {
    throw std::runtime_error((around.dir / "ready.json").string() + " names no " + kind.name +
                             " of the " + (around.is_development ? "development" : "production") +
                             " environment. " + kind.instead +
                             ", or name one with --to HOST:PORT.");
  }
  return port;
}

/// Fills in the endpoint and the phone's device token. A ready file may name another folder.
void find_service(const std::string& to, TargetPort wanted, Surroundings& around, Target& target) {
  const char* port_variable = port_variable_of(wanted, around.is_development);
  const std::string port = around.given(port_variable);
  target.phone_device_token = around.given(
      "", around.is_development ? "APNSLAB_DEVICE_TOKEN_DEVELOPMENT" : "APNSLAB_DEVICE_TOKEN");
  target.is_phone_device_token_told = !target.phone_device_token.empty();
  if (!to.empty()) {  // whose control API is where, nobody says
    target.at = parse_endpoint(to, "--to");
  } else if (!port.empty()) {
    const std::string host = around.given("APNSLAB_HOST");
    target.at = Endpoint{host.empty() ? "localhost" : host, parse_port(port, port_variable)};
    target.control_url = around.given("APNSLAB_CONTROL_URL");
  } else {
    const mock::ServiceInfo ready = read_ready_file(around.dir / "ready.json");
    target.at = Endpoint{ready.host, port_of(ready, wanted, around)};
    target.control_url = ready.control_url;
    if (target.phone_device_token.empty()) {
      target.phone_device_token =
          around.is_development ? ready.device_token_development : ready.device_token;
    }
    if (!ready.state_dir.empty()) {
      around.dir = ready.state_dir;
    }
  }
  if (target.phone_device_token.empty()) {
    target.phone_device_token = mock::phone_device_token(
        around.is_development ? Environment::Development : Environment::Production);
  }
}

}  // namespace

void TargetOptions::bind(Options& options, TargetPort wanted) {
  options.text("--to", to,
               wanted == TargetPort::Feedback
                   ? "HOST:PORT of the feedback service (default: $APNSLAB_FEEDBACK_PORT, else the "
                     "running one)"
                   : "HOST:PORT of the service (default: $APNSLAB_HTTP2_PORT, or for the binary "
                     "protocol $APNSLAB_GATEWAY_PORT, else the running service)");
  options.choice("--environment", environment, {"production", "development"},
                 "which of the two services");
  options.folder("--state", state, "state folder of the service (default: ~/.local/state/apnslab)");
  options.file("--ca", ca, "PEM file with the CA to trust, or several");
  credential.bind_certificate(options);
  if (wanted != TargetPort::Feedback) {
    credential.bind_provider_token(options);
  }
}

Target find_target(const TargetOptions& options, TargetPort wanted) {
  Surroundings around;
  around.is_folder_named = !options.state.empty();
  around.is_development = options.environment == "development";
  around.dir =
      around.is_folder_named ? std::filesystem::path(options.state) : certs::default_state_dir();
  Target target;
  find_service(options.to, wanted, around, target);
  target.credential = find_credential(options.credential, around, wanted == TargetPort::Http2);
  target.authorities = parse_file(around.file(options.ca, "APNSLAB_CA_FILE", "ca.pem"), "the CA",
                                  certs::parse_certificates_pem);
  return target;
}

}  // namespace apns::cli
