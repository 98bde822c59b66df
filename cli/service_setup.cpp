#include "cli/service_setup.h"

#include <stdexcept>

#include "apns/json/document.h"
#include "certs/whole_file.h"
#include "cli/serve_world.h"
#include "mock_apns/default_world.h"
#include "mock_apns/fault_syntax.h"

namespace apns::cli {

namespace {

std::uint16_t port_or(std::uint64_t own, std::uint64_t all, std::uint16_t standard) {
  const std::uint64_t chosen = own != ServiceSetup::kAnyPort   ? own
                               : all != ServiceSetup::kAnyPort ? all
                                                               : standard;
  return static_cast<std::uint16_t>(chosen);
}

std::vector<mock::FaultRule> load_faults(const std::vector<std::string>& texts) {
  std::vector<mock::FaultRule> rules;
  for (const std::string& text : texts) {
    if (!text.starts_with("@")) {
      rules.push_back(mock::parse_fault(text));
      continue;
    }
    const auto content = certs::read_file(text.substr(1));
    if (!content) {
      throw std::runtime_error("--fault " + text + ": there is no such file.");
    }
    const auto more = mock::read_faults(json::parse(*content, text.substr(1)));
    rules.insert(rules.end(), more.begin(), more.end());
  }
  return rules;
}

tls::Version tls_version(const std::string& text) {
  if (text == "1.0") {
    return tls::Version::Tls10;
  }
  if (text == "1.1") {
    return tls::Version::Tls11;
  }
  return text == "1.2" ? tls::Version::Tls12 : tls::Version::Tls13;
}

}  // namespace

void ServiceSetup::bind(Options& options, const std::string& port_help) {
  std::vector<std::string> profile_names;
  for (const Profile& known : profiles()) {
    profile_names.emplace_back(known.name);
  }
  options.number("--port", port, 0, 65535, port_help);
  options.number("--http2-port", http2_port, 0, 65535, "production HTTP/2 only");
  options.number("--http2-port-development", http2_port_development, 0, 65535,
                 "development HTTP/2 only");
  options.number("--gateway-port", gateway_port, 0, 65535, "production gateway only");
  options.number("--gateway-port-development", gateway_port_development, 0, 65535,
                 "development gateway only");
  options.number("--feedback-port", feedback_port, 0, 65535, "production feedback service only");
  options.number("--feedback-port-development", feedback_port_development, 0, 65535,
                 "development feedback service only");
  options.number("--control-port", control_port, 0, 65535, "control API only");
  options.text("--secret", secret,
               "what requests to the control API must show; needed when others than this machine "
               "can reach it");
  options.texts("--listen", listen,
                "numeric address to listen on, repeatable (default: 127.0.0.1 and ::1)");
  options.texts("--name", names, "one more name or address in the server certificate, repeatable");
  options.choice("--profile", profile, profile_names, "behave as Apple did then");
  options.number("--seed", seed, 0, UINT64_MAX, "of what rules draw by chance");
  options.file("--world", world,
               "JSON file with phones, device tokens and faults; see docs/world.md (default: one "
               "phone and its development twin)");
  options.flag("--strict", strict,
               "only what is registered exists (default: what is unknown is taken on trust)");
  options.flag("--no-magic", no_magic,
               "device tokens that begin with fa11 are ordinary ones; see apnslab magic");
  options.texts("--fault", faults,
                "'WHEN: THEN', or @FILE with JSON; repeatable; see docs/faults.md");
  options.number("--threads", threads, 1, 64, "threads that run connections");
  options.number("--keep", keep, 1, 100'000'000, "ledger events to keep");
  options.choice("--tls-min", tls_min, {"1.0", "1.1", "1.2", "1.3"},
                 "lowest TLS version of the gateways, not of HTTP/2: 1.0, 1.1 (both with keys and "
                 "digests of any "
                 "strength), 1.2, 1.3");
  options.choice("--tls", tls, {"1.2", "1.3"}, "highest TLS version of the gateways");
  options.duration("--drain", drain, "how long to wait for providers when stopping");
}

mock::ServiceOptions ServiceSetup::to_service_options() const {
  mock::ServiceOptions service;
  if (!listen.empty()) {
    service.listen = listen;
  }
  service.http2_port = port_or(http2_port, port, service.http2_port);
  service.http2_port_development =
      port_or(http2_port_development, port, service.http2_port_development);
  service.gateway_port = port_or(gateway_port, port, service.gateway_port);
  service.gateway_port_development =
      port_or(gateway_port_development, port, service.gateway_port_development);
  service.feedback_port = port_or(feedback_port, port, service.feedback_port);
  service.feedback_port_development =
      port_or(feedback_port_development, port, service.feedback_port_development);
  service.threads = static_cast<unsigned>(threads);
  service.profile = find_profile(profile);
  service.seed = seed;
  service.faults = load_faults(faults);
  service.world = world.empty() ? mock::default_world() : load_world(world);
  service.open_world = !strict;
  if (strict) {
    service.world.open = false;
  }
  service.magic_tokens = !no_magic;
  service.keep = keep;
  service.min_tls = tls_version(tls_min);
  service.max_tls = tls_version(tls);
  if (service.min_tls > service.max_tls) {
    throw std::runtime_error("--tls-min " + tls_min + " is above --tls " + tls + ". Give --tls " +
                             tls_min + " too.");
  }
  return service;
}

mock::control::ControlOptions ServiceSetup::to_control_options() const {
  mock::control::ControlOptions control;
  if (!listen.empty()) {
    control.server.listen = listen;
  }
  control.server.port = port_or(control_port, port, control.server.port);
  control.access.secret = secret;
  control.access.names = names;
  for (const std::string& address : listen) {
    if (secret.empty() && !is_loopback(address)) {
      throw std::runtime_error("--listen " + address +
                               " lets others than this machine use the control API. Give it a "
                               "secret with --secret TEXT.");
    }
  }
  return control;
}

}  // namespace apns::cli
