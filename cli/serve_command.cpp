#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "cli/commands.h"
#include "cli/line_printer.h"
#include "cli/log.h"
#include "cli/running_service.h"
#include "cli/serve_null.h"
#include "cli/service_setup.h"
#include "cli/signals.h"
#include "mock_apns/ledger_text.h"

namespace apns::cli {

namespace {

struct ServeOptions {
  std::string state;
  ServiceSetup setup;
  std::string ready_file;
  bool sink = false;
  bool null = false;
  bool cleartext = false;
  bool json = false;
  bool quiet = false;
};

std::filesystem::path state_dir(const ServeOptions& options) {
  return options.state.empty() ? certs::default_state_dir()
                               : std::filesystem::absolute(options.state);
}

std::string banner(const ServeOptions& options, mock::Service& service,
                   const mock::ServiceInfo& ready, std::chrono::milliseconds took) {
  const auto column = [](std::string text) {
    text.resize(std::max<std::size_t>(text.size() + 2, 28), ' ');
    return text;
  };
  std::string text;
  text += "                " + column("production") + "development\n";
  text +=
      "  HTTP/2        " +
      column("https://localhost:" + std::to_string(service.http2_port(Environment::Production))) +
      "https://localhost:" + std::to_string(service.http2_port(Environment::Development)) + "\n";
  text += "  gateway       " +
          column("localhost:" + std::to_string(service.gateway_port(Environment::Production))) +
          column("localhost:" + std::to_string(service.gateway_port(Environment::Development))) +
          "feedback " + std::to_string(service.feedback_port(Environment::Production)) + ", " +
          std::to_string(service.feedback_port(Environment::Development)) + "\n";
  text += "  control       " + ready.control_url + "\n";
  text += "  credentials   " + ready.state_dir +
          "\n                ca.pem, cert.pem, key.pem, provider.p12 (password " +
          std::string(certs::kDefaultPassword) + "), topic " + std::string(certs::kDefaultTopic) +
          "\n                AuthKey_" + std::string(certs::kDefaultKeyId) + ".p8 (team " +
          std::string(certs::kDefaultTeamId) + ")\n";
  text += "  try           apnslab push phone 'Hello'";
  if (!options.state.empty()) {
    text += " --state " + options.state;
  }
  text += std::string("\n") + (service.world().is_open() ? "open" : "strict") + " world, profile " +
          options.setup.profile + ", seed " + std::to_string(options.setup.seed) + ". Ready in " +
          std::to_string(took.count()) + " ms, Ctrl-C stops.";
  return text;
}

/// Of both protocols.
struct Totals {
  std::uint64_t connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t discarded = 0;
  std::uint64_t not_json = 0;
  std::uint64_t bytes = 0;

  void add(const auto& counters) {
    connections += counters.connections;
    accepted += counters.accepted;
    rejected += counters.rejected;
    discarded += counters.discarded;
    not_json += counters.not_json;
    bytes += counters.bytes;
  }
};

std::string summary(const mock::Service& service, bool json) {
  Totals sum;
  for (const Environment environment : {Environment::Production, Environment::Development}) {
    sum.add(service.http2_counters(environment));
    sum.add(service.counters(environment));
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

int serve(const ServeOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  const StopSignals signals;
  const Log log;
  LinePrinter printer;
  if (const std::string raised = raise_descriptor_limit(); !raised.empty()) {
    log.info("serve", raised);
  }
  mock::Ledger::Listener print;
  if (!options.quiet && !options.sink) {
    print = [&printer, json = options.json](const mock::LedgerEvent& event) {
      std::string line = json ? mock::to_json_line(event) : mock::to_text_line(event);
      if (!line.empty()) {
        printer.print(std::move(line));
      }
    };
  }
  const std::filesystem::path dir = state_dir(options);
  mock::ServiceOptions wanted = options.setup.to_service_options();
  wanted.keep_ledger = !options.sink;
  RunningService running(wanted, options.setup.to_control_options(), dir, options.setup.names,
                         std::move(print), log);
  mock::Service& service = running.service();
  certs::write_file(dir / "ready.json", running.info().to_json(), 0644);
  if (!options.ready_file.empty()) {
    certs::write_file(options.ready_file, running.info().to_json(), 0644);
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  if (!options.quiet) {
    const std::string text = banner(options, service, running.info(), took);
    options.json ? void(std::cerr << text << std::endl) : printer.print(text);
  }

  (void)signals.wait();
  signals.exit_on_next();
  std::error_code ignored;
  std::filesystem::remove(dir / "ready.json", ignored);
  if (!service.shut_down(
          std::chrono::duration_cast<std::chrono::milliseconds>(options.setup.drain))) {
    log.warn("serve", std::to_string(service.num_open_connections()) +
                          " connections were still open and are reset.");
  }
  if (!options.quiet) {
    printer.print(summary(service, options.json));
  }
  return 0;
}

/// What means nothing to a service that checks nothing, and what only that one has.
void check_companions(const ServeOptions& options, const Options& command_line) {
  for (const char* name :
       {"--sink", "--http2-port-development", "--gateway-port", "--gateway-port-development",
        "--feedback-port", "--feedback-port-development", "--control-port", "--secret", "--profile",
        "--seed", "--world", "--strict", "--no-magic", "--fault", "--keep", "--tls-min", "--tls"}) {
    if (options.null && command_line.given(name)) {
      throw std::runtime_error(std::string(name) +
                               " does not go with --null, which is HTTP/2 alone, checks nothing "
                               "and knows nobody. Leave one of them out.");
    }
  }
  if (!options.null && command_line.given("--cleartext")) {
    throw std::runtime_error("--cleartext goes with --null only.");
  }
}

NullServe to_null(const ServeOptions& options) {
  NullServe wanted;
  if (!options.setup.listen.empty()) {
    wanted.service.listen = options.setup.listen;
  }
  for (const std::uint64_t port : {options.setup.http2_port, options.setup.port}) {
    if (port != ServiceSetup::kAnyPort) {
      wanted.service.port = static_cast<std::uint16_t>(port);
      break;
    }
  }
  wanted.service.threads = static_cast<unsigned>(options.setup.threads);
  wanted.service.cleartext = options.cleartext;
  // Another one each time: who keeps apns-ids never sees one twice.
  wanted.service.seed =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  wanted.dir = state_dir(options);
  wanted.names = options.setup.names;
  wanted.ready_file = options.ready_file;
  wanted.drain = options.setup.drain;
  wanted.json = options.json;
  wanted.quiet = options.quiet;
  return wanted;
}

}  // namespace

Command serve_command() {
  return Command{
      "serve", "serve", "keep a service running", "Test my code",
      [](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<ServeOptions>();
        o.folder("--state", options->state,
                 "folder of credentials and ready.json (default: ~/.local/state/apnslab)");
        o.file("--ready-file", options->ready_file,
               "one more place for ready.json, written when ports are open");
        o.flag("--sink", options->sink,
               "for load: all checks and counters, no ledger, nothing printed per notification");
        o.flag("--null", options->null,
               "to measure a client: HTTP/2 alone, 200 for every request, nothing is checked");
        o.flag("--cleartext", options->cleartext, "with --null: no TLS, HTTP/2 by prior knowledge");
        o.flag("--json", options->json, "print the ledger as JSON Lines; with --null the summary");
        o.flag("--quiet", options->quiet, "print nothing but warnings");
        o.heading("The service");
        options->setup.bind(o,
                            "0: free ports everywhere (default: 2195 to 2197; 3195 to 3197 for "
                            "development; 2199 for the control API)");
        o.example("apnslab serve --port 0 --fault 'nth=4: reject=8 delay=200ms'");
        return [options, &o] {
          check_companions(*options, o);
          return options->null ? serve_null(to_null(*options)) : serve(*options);
        };
      }};
}

}  // namespace apns::cli
