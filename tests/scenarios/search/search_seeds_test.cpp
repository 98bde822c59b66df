// The provider against random workloads, faults and links; see docs/search.md.
#include <algorithm>
#include <map>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "scenarios/runner/report.h"
#include "scenarios/search/search.h"
#include "tests/scenarios/search/known_failures.h"

namespace apns::scenarios::search {
namespace {

std::map<std::uint64_t, std::string> known_kinds() {
  std::map<std::uint64_t, std::string> kinds;
  for (const KnownFailure& known : kKnownFailures) {
    if (known.seed <= APNSLAB_SEARCH_SEEDS) {
      kinds.emplace(known.seed, known.kind);
    }
  }
  return kinds;
}

TEST(SearchSeeds, FailWhereItIsKnownAndNowhereElse) {
  SearchOptions options;
  options.last_seed = APNSLAB_SEARCH_SEEDS;
  options.jobs = std::max(1U, std::thread::hardware_concurrency());
  options.stop_at_first = false;
  const SearchReport report = search(options, {});
  std::map<std::uint64_t, std::string> kinds;
  for (const Failure& failure : report.failures) {
    kinds.emplace(failure.seed, failure.kind());
  }
  EXPECT_EQ(kinds, known_kinds()) << "apnslab check --search --seeds N-N shows one";
  EXPECT_EQ(report.tally.conversations, options.last_seed);
  RecordProperty("seconds", std::to_string(std::chrono::duration<double>(report.took).count()));
}

}  // namespace
}  // namespace apns::scenarios::search
