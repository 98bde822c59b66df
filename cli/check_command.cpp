#include <functional>
#include <iostream>
#include <stdexcept>

#include "cli/commands.h"
#include "cli/deviations_command.h"
#include "cli/report_file.h"
#include "cli/search_command.h"
#include "scenarios/runner/report.h"
#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_set.h"

namespace apns::cli {

namespace {

using scenarios::HostKind;

constexpr std::uint64_t kMaxSeed = INT64_MAX;
constexpr std::uint64_t kNoSeed = UINT64_MAX;

struct CheckFlags {
  std::vector<std::string> patterns;
  bool in_memory = false;
  bool tls = false;
  bool sockets = false;
  std::uint64_t seed = kNoSeed;
  bool list = false;
  bool fail_fast = false;
  bool ledger = false;
  std::string junit;
  std::string json;
  std::string deviation;
  bool deviations = false;
  bool search = false;
  SearchFlags searched;
};

scenarios::CheckOptions check_options(const CheckFlags& flags) {
  scenarios::CheckOptions options;
  options.fail_fast = flags.fail_fast;
  if (!flags.deviation.empty()) {
    options.deviation = &require_deviation(flags.deviation);
  }
  if (flags.seed != kNoSeed) {
    options.seed = flags.seed;
  }
  if (flags.in_memory || flags.tls || flags.sockets) {
    options.hosts.clear();
    const auto add = [&options](bool wanted, HostKind host) {
      if (wanted) {
        options.hosts.push_back(host);
      }
    };
    add(flags.in_memory, HostKind::Memory);
    add(flags.tls, HostKind::MemoryTls);
    add(flags.sockets, HostKind::Sockets);
  }
  return options;
}

int list(const std::vector<scenarios::Scenario>& found) {
  for (const scenarios::Scenario& scenario : found) {
    std::cout << scenario.id << "   " << scenario.title << "\n";
  }
  return 0;
}

/// What a search has no use for, and what only a search has.
void check_companions(const CheckFlags& flags, const Options& options) {
  for (const char* name : {"PATTERN", "--in-memory", "--tls", "--sockets", "--seed", "--list",
                           "--fail-fast", "--ledger", "--junit", "--deviation"}) {
    if (flags.search && options.given(name)) {
      throw std::runtime_error(std::string(name) +
                               " does not go with --search, which makes its own scenarios. Leave "
                               "one of them out.");
    }
  }
  if (flags.deviations && (flags.search || !flags.deviation.empty())) {
    throw std::runtime_error(
        "--deviations makes all of them, with scenarios and search of its own. Leave --search and "
        "--deviation out.");
  }
  for (const char* name : {"--seeds", "--protocol", "--jobs", "--write"}) {
    if (!flags.search && options.given(name)) {
      throw std::runtime_error(std::string(name) + " goes with --search only.");
    }
  }
}

int check(const CheckFlags& flags) {
  const std::vector<scenarios::Scenario> found = scenarios::find_scenarios(flags.patterns);
  if (flags.list) {
    return list(found);
  }
  const scenarios::RuleCatalogue& rules = scenarios::RuleCatalogue::embedded();
  const scenarios::CheckReport report = scenarios::Runner(rules).check(found, check_options(flags));
  const bool stdout_is_taken = flags.junit == "-" || flags.json == "-";
  scenarios::write_text(report, rules, stdout_is_taken ? std::cerr : std::cout);
  if (flags.ledger) {
    scenarios::write_ledgers(report, stdout_is_taken ? std::cerr : std::cout);
  }
  if (!flags.junit.empty()) {
    write_file(flags.junit, [&report](std::ostream& out) { scenarios::write_junit(report, out); });
  }
  if (!flags.json.empty()) {
    write_file(flags.json,
               [&report, &rules](std::ostream& out) { scenarios::write_json(report, rules, out); });
  }
  return report.passed() ? 0 : 1;
}

}  // namespace

Command check_command() {
  return Command{
      "check", "check [PATTERN]", "the scenarios with the built-in provider", "Judge a provider",
      [](Options& options) -> std::function<int()> {
        const auto flags = std::make_shared<CheckFlags>();
        options.texts("PATTERN", flags->patterns,
                      "ids, `*` for one level and `**` for all; or a scenario file (.json)");
        options.suggest_from("PATTERN", "check --list");
        options.flag("--in-memory", flags->in_memory,
                     "in memory; without one of the three: in all");
        options.flag("--tls", flags->tls, "in memory with TLS");
        options.flag("--sockets", flags->sockets, "over TLS on loopback sockets");
        options.number("--seed", flags->seed, 0, kMaxSeed,
                       "of latency, splits and draws; without it each scenario's own, else " +
                           std::to_string(scenarios::kDefaultSeed));
        options.flag("--list", flags->list, "print the scenarios and run none");
        options.flag("--fail-fast", flags->fail_fast, "stop behind the first that does not pass");
        options.flag("--ledger", flags->ledger,
                     "print what the service did in each case, as serve does");
        options.text("--deviation", flags->deviation,
                     "with a provider that makes this mistake of the field, to see it fail");
        options.suggest("--deviation", deviation_names());
        options.flag("--deviations", flags->deviations,
                     "make each such mistake and print what finds it");
        options.file("--junit", flags->junit,
                     "write a JUnit report to this file; -: standard output");
        options.file("--json", flags->json, "write a JSON report to this file; -: standard output");
        options.flag(
            "--search", flags->search,
            "random workloads, faults and links in memory, until the invariant breaks; the "
            "case is made small and written to a file");
        options.text("--seeds", flags->searched.seeds, "with --search: which cases, A-B");
        options.text("--protocol", flags->searched.protocol,
                     "with --search: both, binary or http2; for both odd seeds are binary");
        options.suggest("--protocol", {"both", "binary", "http2"});
        options.number("--jobs", flags->searched.jobs, 1, 1024,
                       "with --search: threads; without it as many as there are cores");
        options.file(
            "--write", flags->searched.write,
            "with --search: the file for the case that fails; without it search-SEED.json");
        options.example("apnslab check 'binary/error_*' --in-memory --seed 7");
        return [flags, &options]() -> int {
          check_companions(*flags, options);
          if (flags->deviations) {
            return hunt_deviations();
          }
          if (!flags->search) {
            return check(*flags);
          }
          flags->searched.json = flags->json;
          return search(flags->searched);
        };
      }};
}

}  // namespace apns::cli
