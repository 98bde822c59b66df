// The provider against random workloads, faults and links; see docs/search.md.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "scenarios/runner/report.h"
#include "scenarios/search/search.h"
#include "tests/scenarios/search/known_failures.h"

namespace apns::scenarios::search {
namespace {

// Every share has its own seeds, so that the cores share the work.
class SearchSeeds : public testing::TestWithParam<std::uint64_t> {};

constexpr std::uint64_t kShares = 8;

std::map<std::uint64_t, std::string> known_kinds(std::uint64_t first, std::uint64_t last) {
  std::map<std::uint64_t, std::string> kinds;
  for (const KnownFailure& known : kKnownFailures) {
    if (known.seed >= first && known.seed <= last) {
      kinds.emplace(known.seed, known.kind);
    }
  }
  return kinds;
}

TEST_P(SearchSeeds, FailWhereItIsKnownAndNowhereElse) {
  SearchOptions options;
  options.first_seed = GetParam() * APNSLAB_SEARCH_SEEDS / kShares + 1;
  options.last_seed = (GetParam() + 1) * APNSLAB_SEARCH_SEEDS / kShares;
  options.stop_at_first = false;
  const SearchReport report = search(options, {});
  std::map<std::uint64_t, std::string> kinds;
  for (const Failure& failure : report.failures) {
    kinds.emplace(failure.seed, failure.kind());
  }
  EXPECT_EQ(kinds, known_kinds(options.first_seed, options.last_seed))
      << "apnslab check --search --seeds N shows one";
  EXPECT_EQ(report.tally.conversations, options.last_seed - options.first_seed + 1);
  RecordProperty("seconds", std::to_string(std::chrono::duration<double>(report.took).count()));
}

INSTANTIATE_TEST_SUITE_P(All, SearchSeeds, testing::Range(std::uint64_t{0}, kShares));

}  // namespace
}  // namespace apns::scenarios::search
