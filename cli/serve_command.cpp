#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "apns/json/document.h"
#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/commands.h"
#include "cli/line_printer.h"
#include "cli/log.h"
#include "cli/ready_file.h"
#include "cli/serve_world.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "mock_apns/fault_syntax.h"
#include "mock_apns/ledger_text.h"
#include "mock_apns/service.h"

namespace apns::cli {

namespace {

constexpr std::uint64_t kAnyPort = 65536;  // "not given"

struct ServeOptions {
  std::string state;
  std::uint64_t port = kAnyPort;
  std::uint64_t gateway_port = kAnyPort;
  std::uint64_t gateway_port_development = kAnyPort;
  std::uint64_t feedback_port = kAnyPort;
  std::uint64_t feedback_port_development = kAnyPort;
  std::vector<std::string> listen;
  std::vector<std::string> names;
  std::string profile = std::string(default_profile().name);
  std::uint64_t seed = 0;
  std::vector<std::string> faults;
  std::string world;
  bool strict = false;
  bool no_magic = false;
  std::uint64_t threads = 1;
  std::uint64_t keep = 100'000;
  std::string ready_file;
  std::string tls_min = "1.2";
  std::string tls = "1.2";
  Duration drain = std::chrono::seconds(5);
  bool sink = false;
  bool json = false;
  bool quiet = false;
};

std::uint16_t port_or(std::uint64_t own, std::uint64_t all, std::uint16_t standard) {
  const std::uint64_t chosen = own != kAnyPort ? own : all != kAnyPort ? all : standard;
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

mock::ServiceOptions service_options(const ServeOptions& options) {
  mock::ServiceOptions service;
  if (!options.listen.empty()) {
    service.listen = options.listen;
  }
  service.gateway_port = port_or(options.gateway_port, options.port, service.gateway_port);
  service.gateway_port_development =
      port_or(options.gateway_port_development, options.port, service.gateway_port_development);
  service.feedback_port = port_or(options.feedback_port, options.port, service.feedback_port);
  service.feedback_port_development =
      port_or(options.feedback_port_development, options.port, service.feedback_port_development);
  service.threads = static_cast<unsigned>(options.threads);
  service.profile = find_profile(options.profile);
  service.seed = options.seed;
  service.faults = load_faults(options.faults);
  service.world = options.world.empty() ? default_world() : load_world(options.world);
  service.open_world = !options.strict;
  if (options.strict) {
    service.world.open = false;
  }
  service.magic_tokens = !options.no_magic;
  service.keep_ledger = !options.sink;
  service.keep = options.keep;
  service.min_tls = tls_version(options.tls_min);
  service.max_tls = tls_version(options.tls);
  if (service.min_tls > service.max_tls) {
    throw std::runtime_error("--tls-min " + options.tls_min + " is above --tls " + options.tls +
                             ". Give --tls " + options.tls_min + " too.");
  }
  return service;
}

std::string host_event_text(net::HostEvent event, const std::string& detail) {
  switch (event) {
    case net::HostEvent::AcceptPaused:
      return "accepting pauses: " + detail + ". Close connections, or raise the limit (ulimit -n).";
    case net::HostEvent::WriteTimedOut:
      return "connection=" + detail + " the provider does not read; the connection was reset.";
    case net::HostEvent::AcceptFailed:
      return "a connection could not be accepted: " + detail + ".";
  }
  return detail;
}

std::string banner(const ServeOptions& options, mock::Service& service,
                   const mock::ServiceInfo& ready, std::chrono::milliseconds took) {
  const auto column = [](std::string text) {
    text.resize(std::max<std::size_t>(text.size() + 2, 28), ' ');
    return text;
  };
  std::string text;
  text += "                " + column("production") + "development\n";
  text += "  gateway       " +
          column("localhost:" + std::to_string(service.gateway_port(Environment::Production))) +
          column("localhost:" + std::to_string(service.gateway_port(Environment::Development))) +
          "feedback " + std::to_string(service.feedback_port(Environment::Production)) + ", " +
          std::to_string(service.feedback_port(Environment::Development)) + "\n";
  text += "  credentials   " + ready.state_dir +
          "\n                ca.pem, cert.pem, key.pem, provider.p12 (password " +
          std::string(certs::kDefaultPassword) + "), topic " + std::string(certs::kDefaultTopic) +
          "\n";
  text += "  try           apnslab push phone 'Hello'";
  if (!options.state.empty()) {
    text += " --state " + options.state;
  }
  text += std::string("\n") + (service.world().is_open() ? "open" : "strict") + " world, profile " +
          options.profile + ", seed " + std::to_string(options.seed) + ". Ready in " +
          std::to_string(took.count()) + " ms, Ctrl-C stops.";
  return text;
}

std::string summary(const mock::Service& service, bool json) {
  mock::GatewayCounters sum;
  for (const Environment environment : {Environment::Production, Environment::Development}) {
    const mock::GatewayCounters one = service.counters(environment);
    sum.connections += one.connections;
    sum.accepted += one.accepted;
    sum.rejected += one.rejected;
    sum.discarded += one.discarded;
    sum.not_json += one.not_json;
    sum.bytes += one.bytes;
  }
  const std::vector<mock::ArmedFault> faults = service.faults();
  if (json) {
    nlohmann::ordered_json fired = nlohmann::ordered_json::object();
    for (const mock::ArmedFault& fault : faults) {
      fired[fault.rule->name] = fault.fired;
    }
    return nlohmann::ordered_json{{"connections", sum.connections}, {"accepted", sum.accepted},
                                  {"rejected", sum.rejected},       {"discarded", sum.discarded},
                                  {"not_json", sum.not_json},       {"bytes", sum.bytes},
                                  {"faults", std::move(fired)}}
        .dump();
  }
  std::string text = std::to_string(sum.connections) + " connections; " +
                     std::to_string(sum.accepted) + " accepted (" + std::to_string(sum.not_json) +
                     " not JSON), " + std::to_string(sum.rejected) + " rejected, " +
                     std::to_string(sum.discarded) + " discarded";
  for (const mock::ArmedFault& fault : faults) {
    text += "\nfault:" + fault.rule->name + " fired " + std::to_string(fault.fired) +
            (fault.fired == 1 ? " time" : " times");
  }
  return text;
}

/// Of the shown app on this device; empty: there is none, as in a world of somebody's own.
std::string token_of(const mock::World& world, const std::string& device) {
  const std::vector<std::string> names = world.phone_names();
  if (std::find(names.begin(), names.end(), device) == names.end()) {
    return {};
  }
  const auto token = world.device_token(device, certs::kDefaultTopic);
  return token ? token->to_hex() : std::string();
}

int serve(const ServeOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  const StopSignals signals;
  const Log log;
  LinePrinter printer;
  if (const std::string raised = raise_descriptor_limit(); !raised.empty()) {
    log.info("serve", raised);
  }
  const std::filesystem::path dir =
      options.state.empty() ? certs::default_state_dir() : std::filesystem::absolute(options.state);
  const certs::StateFolder credentials = certs::open_state_folder(dir, options.names);

  mock::ServiceEvents events;
  if (!options.quiet && !options.sink) {
    events.ledger = [&printer, json = options.json](const mock::LedgerEvent& event) {
      std::string line = json ? mock::to_json_line(event) : mock::to_text_line(event);
      if (!line.empty()) {
        printer.print(std::move(line));
      }
    };
  }
  events.problem = [&log](const mock::ServiceProblem& problem) {
    log.warn(problem.area, "connection=" + std::to_string(problem.connection) + " " + problem.text);
  };
  events.host = [&log](net::HostEvent event, const std::string& detail) {
    log.warn("net", host_event_text(event, detail));
  };
  mock::Service service(service_options(options), credentials, std::move(events));
  for (const std::string& address : options.listen) {
    if (address != "::1" && !address.starts_with("127.")) {
      log.warn("net",
               "listening on " + address + ": others than this machine can reach the service.");
    }
  }

  mock::ServiceInfo ready;
  ready.version = kVersion;
  ready.gateway_port = service.gateway_port(Environment::Production);
  ready.gateway_port_development = service.gateway_port(Environment::Development);
  ready.feedback_port = service.feedback_port(Environment::Production);
  ready.feedback_port_development = service.feedback_port(Environment::Development);
  ready.state_dir = dir.string();
  for (const auto& [name, target] :
       {std::pair("phone", &ready.device_token),
        std::pair("phone-development", &ready.device_token_development)}) {
    *target = token_of(service.world(), name);
  }
  ready.pid = getpid();
  certs::write_file(dir / "ready.json", ready.to_json(), 0644);
  if (!options.ready_file.empty()) {
    certs::write_file(options.ready_file, ready.to_json(), 0644);
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  if (!options.quiet) {
    const std::string text = banner(options, service, ready, took);
    options.json ? void(std::cerr << text << std::endl) : printer.print(text);
  }

  (void)signals.wait();
  signals.exit_on_next();
  std::error_code ignored;
  std::filesystem::remove(dir / "ready.json", ignored);
  if (!service.shut_down(std::chrono::duration_cast<std::chrono::milliseconds>(options.drain))) {
    log.warn("serve", std::to_string(service.num_open_connections()) +
                          " connections were still open and are reset.");
  }
  if (!options.quiet) {
    printer.print(summary(service, options.json));
  }
  return 0;
}

}  // namespace

Command serve_command() {
  return Command{
      "serve", "serve", "keep a service running", "Test my code",
      [](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<ServeOptions>();
        std::vector<std::string> profile_names;
        for (const Profile& profile : profiles()) {
          profile_names.emplace_back(profile.name);
        }
        o.text("--state", options->state,
               "folder of credentials and ready.json (default: ~/.local/state/apnslab)");
        o.number("--port", options->port, 0, 65535,
                 "0: free ports everywhere (default: 2195, 2196; 3195, 3196 for development)");
        o.number("--gateway-port", options->gateway_port, 0, 65535, "production gateway only");
        o.number("--gateway-port-development", options->gateway_port_development, 0, 65535,
                 "development gateway only");
        o.number("--feedback-port", options->feedback_port, 0, 65535,
                 "production feedback service only");
        o.number("--feedback-port-development", options->feedback_port_development, 0, 65535,
                 "development feedback service only");
        o.texts("--listen", options->listen,
                "numeric address to listen on, repeatable (default: 127.0.0.1 and ::1)");
        o.texts("--name", options->names,
                "one more name or address in the server certificate, repeatable");
        o.choice("--profile", options->profile, profile_names, "behave as Apple did then");
        o.number("--seed", options->seed, 0, UINT64_MAX, "of what rules draw by chance");
        o.text("--world", options->world,
               "JSON file with phones, device tokens and faults; see docs/world.md (default: one "
               "phone and its development twin)");
        o.flag("--strict", options->strict,
               "only what is registered exists (default: what is unknown is taken on trust)");
        o.flag("--no-magic", options->no_magic,
               "device tokens that begin with fa11 are ordinary ones; see apnslab magic");
        o.texts("--fault", options->faults,
                "'WHEN: THEN', or @FILE with JSON; repeatable; see docs/faults.md");
        o.number("--threads", options->threads, 1, 64, "threads that run connections");
        o.number("--keep", options->keep, 1, 100'000'000, "ledger events to keep");
        o.text("--ready-file", options->ready_file,
               "one more place for ready.json, written when ports are open");
        o.choice("--tls-min", options->tls_min, {"1.0", "1.1", "1.2", "1.3"},
                 "lowest TLS version of the gateways: 1.0, 1.1 (both with keys and digests of any "
                 "strength), 1.2, 1.3");
        o.choice("--tls", options->tls, {"1.2", "1.3"}, "highest TLS version of the gateways");
        o.duration("--drain", options->drain, "how long to wait for providers when stopping");
        o.flag("--sink", options->sink,
               "for load: all checks and counters, no ledger, nothing printed per notification");
        o.flag("--json", options->json, "print the ledger as JSON Lines");
        o.flag("--quiet", options->quiet, "print nothing but warnings");
        o.example("apnslab serve --port 0 --fault 'nth=4: reject=8 delay=200ms'");
        return [options] { return serve(*options); };
      }};
}

}  // namespace apns::cli
