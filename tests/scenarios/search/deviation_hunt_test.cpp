#include "scenarios/search/deviation_hunt.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "scenarios/deviations/http2_deviator.h"
#include "scenarios/search/http2_generator.h"
#include "scenarios/search/search.h"

namespace apns::scenarios::search {
namespace {

constexpr std::uint64_t kMaxSeeds = 100;

/// What the search cannot find, since nothing is lost or told wrongly; see docs/search.md.
bool is_left_to_scenarios(std::string_view name) {
  constexpr std::array<std::string_view, 7> kLeft = {
      "token-per-request",           "token-is-never-renewed",  "signature-in-der",
      "nothing-is-pinged",           "failed-connect-ends-all", "windows-are-kept",
      "end-of-http2-goes-unnoticed",
  };
  return std::ranges::find(kLeft, name) != kLeft.end();
}

SearchReport search_with(const Deviation& deviation, std::uint64_t num_seeds) {
  SearchOptions options;
  options.last_seed = num_seeds;
  options.make = [&deviation](std::uint64_t seed) {
    Case one = make_http2_case(seed);
    one.scenario.deviation = &deviation;
    return one;
  };
  return search(options, {});
}

class Http2DeviationSeeds : public testing::TestWithParam<Deviation> {};

TEST_P(Http2DeviationSeeds, FindWhatIsToldWrongly) {
  const SearchReport report = search_with(GetParam(), kMaxSeeds);
  EXPECT_EQ(report.failures.empty(), is_left_to_scenarios(GetParam().name)) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(All, Http2DeviationSeeds, testing::ValuesIn(http2_deviations()),
                         [](const testing::TestParamInfo<Deviation>& row) {
                           std::string name(row.param.name);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

/// Standing in the way must change nothing: what is found is the mistake's.
TEST(DeviationHunt, FindNothingWhereNothingDeviates) {
  const Deviation none{
      "none", "", "nothing",
      []() -> std::unique_ptr<Deviator> { return std::make_unique<Http2Deviator>(); },
      Deviant::Http2Client};
  const SearchReport report = search_with(none, 1000);
  EXPECT_TRUE(report.failures.empty())
      << report.failures.front().seed << " " << report.failures.front().kind();
}

TEST(DeviationHunt, SearchesWithTheProtocolOfTheProvider) {
  const RuleCatalogue& rules = RuleCatalogue::embedded();
  const Catch http2 = hunt(*find_deviation("apns-id-in-lower-case"), rules, 5);
  EXPECT_NE(http2.scenario, "");
  EXPECT_EQ(http2.seed, 1U);
  EXPECT_TRUE(hunt(*find_deviation("identifier-is-zero"), rules, 5).seed);
}

}  // namespace
}  // namespace apns::scenarios::search
