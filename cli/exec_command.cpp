#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "certs/whole_file.h"
#include "cli/apple_files.h"
#include "cli/apple_names.h"
#include "cli/commands.h"
#include "cli/forwarded_signals.h"
#include "cli/java_trust.h"
#include "cli/ledger_file.h"
#include "cli/log.h"
#include "cli/namespaces.h"
#include "cli/port_forwarder.h"
#include "cli/run_tally.h"
#include "cli/running_service.h"
#include "cli/service_setup.h"
#include "cli/signals.h"
#include "cli/temporary_folder.h"
#include "cli/waiting_command.h"

namespace apns::cli {

namespace {

constexpr int kTrouble = 125;  // ours, as env, timeout and docker have it
constexpr int kCannotRun = 126;
constexpr int kNotFound = 127;

struct ExecOptions {
  std::string state;
  ServiceSetup setup;
  bool as_apple = false;
  std::vector<std::string> forward;
  std::string trust;
  std::string ledger;
  std::string fail_on;
  bool quiet = false;
  std::vector<std::string> words;  // CMD and its arguments

  ExecOptions() {
    setup.port = 0;
    setup.drain = std::chrono::seconds(1);
  }
};

std::uint16_t port_of(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    throw std::runtime_error("--forward must be a port from 1 to 65535, not \"" + text + "\".");
  }
  return port;
}

std::vector<std::uint16_t> check_usage(const ExecOptions& options) {
  if (options.words.empty()) {
    throw std::runtime_error(
        "there is no command to run. Give one behind the options: apnslab exec -- npm test");
  }
  if (!options.forward.empty() && !options.as_apple) {
    throw std::runtime_error(
        "--forward goes with --as-apple only: without it CMD has the network of this machine.");
  }
  std::vector<std::uint16_t> ports;
  for (const std::string& text : options.forward) {
    ports.push_back(port_of(text));
  }
  return ports;
}

/// CMD and its surroundings set apart from the machine, for --as-apple.
class AsApple {
 public:
  explicit AsApple(const std::vector<std::uint16_t>& forward) {
    if (!forward.empty() && gets_own_network()) {
      forwarder_.emplace();
    }
    apart_ = enter_namespaces();
    for (const std::uint16_t port : forward) {
      if (forwarder_) {
        forwarder_->forward(port);
      }
    }
    names_ = apple_names(apart_.own_network ? 0 : free_block());
  }

  [[nodiscard]] const Apart& apart() const { return apart_; }

  [[nodiscard]] const std::vector<AppleName>& names() const { return names_; }

 private:
  std::optional<PortForwarder> forwarder_;
  Apart apart_;
  std::vector<AppleName> names_;
};

mock::ServiceInfo::Variables variables_for(const ExecOptions& options,
                                           const mock::ServiceInfo& info) {
  mock::ServiceInfo::Variables variables = info.variables();
  if (!options.setup.secret.empty()) {
    variables.emplace_back("APNSLAB_SECRET", options.setup.secret);
  }
  if (options.trust == "java") {
    const char* before = std::getenv("JAVA_TOOL_OPTIONS");
    variables.emplace_back("JAVA_TOOL_OPTIONS",
                           java_tool_options(before != nullptr ? before : "", info.state_dir));
  }
  return variables;
}

int cannot_run(const std::string& word, int error) {
  std::cerr << "apnslab exec: \"" << word << "\" ";
  if (error == ENOENT) {
    std::cerr << (word.find('/') == std::string::npos
                      ? "was not found. Give the name of a program in PATH, or a path to one.\n"
                      : "was not found, or what its first line names. Give the path of a program "
                        "that is there.\n");
    return kNotFound;
  }
  std::cerr << "cannot be run: " << std::strerror(error)
            << ". Make it executable (chmod +x), or give the program that reads it: apnslab exec "
               "-- sh "
            << word << "\n";
  return kCannotRun;
}

/// Ends with the code that apnslab is to end with; 0 and CMD's own are the same here.
int close_run(const ExecOptions& options, const RunTally& tally, int code) {
  if (!options.quiet) {
    std::cerr << "apnslab: " << tally.summary(options.ledger) << "\n";
  }
  const FailOn fail_on = options.fail_on.empty()     ? FailOn::Nothing
                         : options.fail_on == "must" ? FailOn::Must
                                                     : FailOn::Should;
  const std::optional<std::string> failure = tally.failure(fail_on);
  if (code != 0 || !failure) {
    return code;
  }
  std::cerr << "apnslab: " << *failure << ": exit code 1 instead of 0 (--fail-on "
            << options.fail_on << ").\n";
  return 1;
}

/// The service, and CMD beside it until it ends.
struct Run {
  const ExecOptions& options;
  const ForwardedSignals& signals;
  const AsApple* as_apple;  // null: CMD sees the machine as it is
  const TemporaryFolder& temporary;
  WaitingCommand& command;
  RunTally& tally;
  LedgerFile* ledger;  // may be null

  [[nodiscard]] int operator()() const {
    const Log log;
    (void)raise_descriptor_limit();  // CMD, which was forked before, has what we were given
    const std::filesystem::path dir =
        options.state.empty() ? temporary.path() : std::filesystem::absolute(options.state);
    mock::ServiceOptions wanted = options.setup.to_service_options();
    if (as_apple != nullptr) {
      listen_as_apple(wanted, as_apple->names());
    }
    RunningService running(
        wanted, options.setup.to_control_options(), dir, options.setup.names,
        [this](const mock::LedgerEvent& event) { record(event); }, log);
    const mock::ServiceInfo& info = running.info();
    certs::write_file(dir / "ready.json", info.to_json(), 0644);
    if (as_apple != nullptr) {
      lay_over_system_files(temporary.path(), dir / "ca-bundle.pem", as_apple->names());
    }
    command.start(variables_for(options, info));
    const int code = signals.wait_for(command.pid());
    std::error_code ignored;
    std::filesystem::remove(dir / "ready.json", ignored);
    // What a provider sent before it ended is judged first; then those go that CMD has left behind.
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(options.setup.drain);
    (void)running.service().wait_idle(limit);
    (void)running.service().shut_down(limit);
    return code;
  }

  void record(const mock::LedgerEvent& event) const {
    tally.count(event);
    if (ledger != nullptr) {
      ledger->write(event);
    }
  }
};

int exec(const ExecOptions& options) {
  const std::vector<std::uint16_t> forward = check_usage(options);
  const ForwardedSignals signals;
  std::optional<AsApple> as_apple;
  if (options.as_apple) {
    as_apple.emplace(forward);
    if (!forward.empty() && !as_apple->apart().own_network && !options.quiet) {
      std::cerr << "apnslab exec: --forward is not needed as root: the network is the machine's.\n";
    }
  }
  const TemporaryFolder temporary;
  RunTally tally;
  std::optional<LedgerFile> ledger;
  if (!options.ledger.empty()) {
    ledger.emplace(options.ledger);
  }
  WaitingCommand command(options.words, [&signals, &as_apple] {
    if (as_apple) {
      drop_gained_capabilities(as_apple->apart());
    }
    signals.restore();
  });
  const Run run{.options = options,
                .signals = signals,
                .as_apple = as_apple ? &*as_apple : nullptr,
                .temporary = temporary,
                .command = command,
                .tally = tally,
                .ledger = ledger ? &*ledger : nullptr};
  const int code = run();
  if (const int error = command.exec_error(); error != 0) {
    return cannot_run(options.words.front(), error);
  }
  const int final_code = close_run(options, tally, code);
  if (ledger) {
    ledger->close();
  }
  return final_code;
}

}  // namespace

Command exec_command() {
  Command command{
      "exec", "exec -- npm test", "run a command beside a fresh service", "Test my code",
      [](Options& o) -> std::function<int()> {
        const auto options = std::make_shared<ExecOptions>();
        o.rest(
            "CMD", options->words,
            "the command and its arguments, behind -- or as the first words that are no options");
        o.flag("--as-apple", options->as_apple,
               "Apple's host names and ports lead to the service, for CMD alone; see docs/exec.md");
        o.texts("--forward", options->forward,
                "with --as-apple: let CMD reach this port of the machine's 127.0.0.1, repeatable");
        o.choice("--trust", options->trust, {"java"},
                 "java: JAVA_TOOL_OPTIONS names truststore.p12, instead of the JVM's own trust");
        o.file("--ledger", options->ledger, "write the ledger there, as JSON Lines");
        o.choice(
            "--fail-on", options->fail_on, {"must", "should"},
            "the provider's violations of this level, or a higher one, fail a run that passed");
        o.folder("--state", options->state,
                 "folder of credentials, kept (default: a temporary one)");
        o.flag("--quiet", options->quiet, "no closing line");
        o.heading("The service");
        options->setup.bind(o, "0: free ports everywhere");
        o.example("apnslab exec --ledger ledger.jsonl --fault 'nth=2: reject=8' -- npm test");
        return [options] { return exec(*options); };
      }};
  command.trouble = kTrouble;
  return command;
}

}  // namespace apns::cli
