#include "scenarios/search/search_report.h"

#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "provider/outcome.h"
#include "scenarios/runner/report.h"

namespace apns::scenarios::search {
namespace {

using Json = nlohmann::ordered_json;
using provider::OutcomeKind;

constexpr std::array kKinds = {OutcomeKind::Sent, OutcomeKind::Rejected, OutcomeKind::Unknown};
constexpr std::size_t kLineLen = 100;

double seconds_of(const SearchReport& report) {
  return std::chrono::duration<double>(report.took).count();
}

double rate_of(const SearchReport& report) {
  const double seconds = seconds_of(report);
  return seconds > 0 ? static_cast<double>(report.tally.conversations) / seconds : 0;
}

std::string size_of(const Scenario& scenario) {
  return fmt::format("{} notifications, {} steps, {} faults, {} links",
                     scenario.notifications.size(), scenario.workload.size(),
                     scenario.faults.size(), scenario.network ? scenario.network->size() : 0);
}

std::string seeds_again(const SmallFailure& small) {
  return fmt::format("apnslab check --search --protocol {} --seeds {}",
                     small.original.scenario.protocol, small.failure.seed);
}

std::string file_again(const SmallFailure& small) {
  return fmt::format("apnslab check {} --{}", small.file, to_string(small.shrunk.smallest.host));
}

}  // namespace

void write_text(const SearchReport& report, std::ostream& out) {
  const Tally& tally = report.tally;
  out << fmt::format(
      "search      seeds {}-{}: {} conversations in {:.1f} s, {:.0f} a second, {} "
      "with TLS\n",
      report.first_seed, report.last_seed, tally.conversations, seconds_of(report), rate_of(report),
      tally.with_tls);
  out << fmt::format("            {} notifications, {} connections, {} attempts to connect\n",
                     tally.notifications, tally.connections, tally.attempts);
  out << "outcomes   ";
  for (const OutcomeKind kind : kKinds) {
    out << fmt::format(" {} {}", provider::to_string(kind),
                       tally.outcomes.at(static_cast<std::size_t>(kind)));
  }
  out << fmt::format("\nexcused     {}, because the service lied\n", tally.excused);
  std::string line = "faults     ";
  std::string separator = " ";
  for (const auto& [kind, count] : tally.faults) {
    const std::string part = fmt::format("{}{} {}", separator, kind, count);
    if (line.size() + part.size() > kLineLen) {
      out << line << (separator == " " ? "" : ",") << "\n";
      line = "           ";
      separator = " ";
    }
    line += fmt::format("{}{} {}", separator, kind, count);
    separator = ", ";
  }
  out << line << "\n";
  out << (report.failures.empty()
              ? "passed\n"
              : fmt::format("FAILED      seed {}\n", report.failures.front().seed));
}

void write_failure(const SmallFailure& small, std::ostream& out) {
  out << "\n" << describe_case(small.report, RuleCatalogue::embedded());
  out << fmt::format("  of seed    {}: {}\n", small.failure.seed, size_of(small.original.scenario));
  out << fmt::format("  smallest   {}, after {} tries\n", size_of(small.shrunk.smallest.scenario),
                     small.shrunk.num_tries);
  out << "  file       " << small.file << "\n";
  out << "  again      " << file_again(small) << "\n";
  out << "  again      " << seeds_again(small) << "\n";
}

void write_json(const SearchReport& report, const SmallFailure* small, std::ostream& out) {
  const Tally& tally = report.tally;
  Json json = {
      {"format", 1},
      {"passed", report.failures.empty()},
      {"first_seed", report.first_seed},
      {"last_seed", report.last_seed},
      {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(report.took).count()},
      {"conversations", tally.conversations},
      {"with_tls", tally.with_tls},
      {"notifications", tally.notifications},
      {"connections", tally.connections},
      {"attempts", tally.attempts}};
  for (const OutcomeKind kind : kKinds) {
    json["outcomes"][provider::to_string(kind)] = tally.outcomes.at(static_cast<std::size_t>(kind));
  }
  json["excused"] = tally.excused;
  json["faults"] = Json::object();
  for (const auto& [kind, count] : tally.faults) {
    json["faults"][kind] = count;
  }
  if (small != nullptr) {
    json["failure"] = {{"seed", small->failure.seed},
                       {"kind", small->failure.kind()},
                       {"host", to_string(small->shrunk.smallest.host)},
                       {"file", small->file},
                       {"tries", small->shrunk.num_tries},
                       {"again", {file_again(*small), seeds_again(*small)}}};
  }
  out << json.dump(2) << "\n";
}

}  // namespace apns::scenarios::search
