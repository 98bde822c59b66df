#include "cli/search_command.h"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include "cli/report_file.h"
#include "scenarios/runner/scenario_writer.h"
#include "scenarios/search/generator.h"
#include "scenarios/search/search_report.h"

namespace apns::cli {

namespace {

using namespace scenarios;

constexpr std::uint64_t kMaxSeed = INT64_MAX;

bool parse_seed(std::string_view text, std::uint64_t& seed) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  return error == std::errc{} && end == text.data() + text.size() && seed <= kMaxSeed;
}

search::SearchProtocol require_protocol(const std::string& word) {
  const auto protocol = search::parse_search_protocol(word);
  if (!protocol) {
    throw std::runtime_error("--protocol must be both, binary or http2, not \"" + word + "\".");
  }
  return *protocol;
}

/// On a terminal a line that counts up.
void show_progress(std::uint64_t num_done, std::uint64_t num_seeds) {
  (void)std::fprintf(stderr, "\r\033[K%llu of %llu conversations",
                     static_cast<unsigned long long>(num_done),
                     static_cast<unsigned long long>(num_seeds));
}

search::SmallFailure make_small(const search::Failure& failure, search::SearchProtocol protocol,
                                const std::string& file) {
  search::SmallFailure small;
  small.failure = failure;
  small.original = search::make_case(failure.seed, protocol);
  small.file = file.empty() ? small.original.scenario.file : file;
  small.original.scenario.file = small.file;
  Runner runner(RuleCatalogue::embedded());
  small.shrunk = search::shrink(small.original, [&runner](const search::Case& one) {
    return search::kind_of(search::run_case(one, runner));
  });
  small.report = search::run_case(small.shrunk.smallest, runner);
  write_file(small.file,
             [&small](std::ostream& out) { write_scenario(small.shrunk.smallest.scenario, out); });
  return small;
}

}  // namespace

SeedRange parse_seeds(const std::string& text) {
  const std::size_t dash = text.find('-');
  SeedRange range;
  const std::string_view first = std::string_view(text).substr(0, dash);
  const bool is_good =
      parse_seed(first, range.first) &&
      parse_seed(dash == std::string::npos ? first : std::string_view(text).substr(dash + 1),
                 range.last);
  if (!is_good || range.last < range.first) {
    throw std::runtime_error(
        "--seeds must be a seed or a range of them that ascends, as in 4711 "
        "or 1-10000, not \"" +
        text + "\".");
  }
  return range;
}

int search(const SearchFlags& flags) {
  const SeedRange seeds = parse_seeds(flags.seeds);
  search::SearchOptions options;
  options.first_seed = seeds.first;
  options.last_seed = seeds.last;
  options.protocol = require_protocol(flags.protocol);
  options.jobs = flags.jobs != 0 ? static_cast<unsigned>(flags.jobs)
                                 : std::max(1U, std::thread::hardware_concurrency());
  const bool is_shown = isatty(STDERR_FILENO) != 0;
  const std::uint64_t num_seeds = seeds.last - seeds.first + 1;
  const search::SearchReport report =
      search::search(options, [is_shown, num_seeds](std::uint64_t num_done) {
        if (is_shown) {
          show_progress(num_done, num_seeds);
        }
      });
  if (is_shown) {
    (void)std::fputs("\r\033[K", stderr);
  }
  std::ostream& out = flags.json == "-" ? std::cerr : std::cout;
  search::write_text(report, out);
  std::optional<search::SmallFailure> small;
  if (!report.failures.empty()) {
    out << std::flush;
    small = make_small(report.failures.front(), options.protocol, flags.write);
    search::write_failure(*small, out);
  }
  if (!flags.json.empty()) {
    write_file(flags.json, [&report, &small](std::ostream& json) {
      search::write_json(report, small ? &*small : nullptr, json);
    });
  }
  return report.failures.empty() ? 0 : 1;
}

}  // namespace apns::cli
