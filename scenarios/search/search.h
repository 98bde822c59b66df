#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "scenarios/runner/runner.h"
#include "scenarios/search/case.h"
#include "scenarios/search/generator.h"
#include "scenarios/search/tally.h"

namespace apns::scenarios::search {

struct SearchOptions {
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;  // not below first_seed
  unsigned jobs = 1;            // threads, each with hosts of its own; at least 1
  /// Go no further behind the lowest seed that fails; else all seeds are tried.
  bool stop_at_first = true;
  SearchProtocol protocol = SearchProtocol::Both;
  /// Makes the case of a seed; empty: make_case, with the protocol.
  std::function<Case(std::uint64_t seed)> make;
};

/// A seed that failed.
struct Failure {
  std::uint64_t seed = 0;
  CaseReport report;

  /// What is wrong, without numbers: what must stay the same while the case shrinks.
  [[nodiscard]] std::string kind() const;
};

struct SearchReport {
  std::uint64_t first_seed = 0;
  std::uint64_t last_seed = 0;
  std::chrono::nanoseconds took{};
  Tally tally;  // of those seeds that were tried, up to the one that stopped the search
  std::vector<Failure> failures;  // by seed
};

/// What is wrong with a case, by its first finding, without numbers; empty: nothing.
[[nodiscard]] std::string kind_of(const CaseReport& report);

/// Runs one case with its seed.
[[nodiscard]] CaseReport run_case(const Case& one, Runner& runner);

/// Tries each seed. `progress` is told how many are done, now and then, on one of the threads, one
/// call at a time; it may be empty.
[[nodiscard]] SearchReport search(const SearchOptions& options,
                                  const std::function<void(std::uint64_t num_done)>& progress);

}  // namespace apns::scenarios::search
