// A harness that nothing fails proves nothing: each mistake of the field is made once, and must be
// found.
#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "scenarios/deviations/deviation.h"
#include "scenarios/runner/report.h"
#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_set.h"

namespace apns::scenarios {
namespace {

class Deviations : public testing::TestWithParam<Deviation> {};

TEST_P(Deviations, AreFoundByAScenario) {
  CheckOptions options;
  options.deviation = &GetParam();
  Runner runner(RuleCatalogue::embedded());
  for (const Scenario& scenario : find_scenarios({})) {
    for (const HostKind host : {HostKind::Memory, HostKind::MemoryTls}) {
      if (obstacle(scenario, host).empty() &&
          runner.run(scenario, host, options).verdict == CaseVerdict::Fail) {
        RecordProperty("found_by", scenario.id);
        return;
      }
    }
  }
  FAIL() << "no scenario fails a provider of which this is true: " << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(All, Deviations, testing::ValuesIn(all_deviations()),
                         [](const testing::TestParamInfo<Deviation>& row) {
                           std::string name(row.param.name);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Deviation, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Deviation& one : all_deviations()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_EQ(find_deviation(one.name), &one);
  }
  EXPECT_EQ(find_deviation("none-of-them"), nullptr);
}

/// Does nothing but stand in the way.
TEST(Deviation, ThatChangesNothingIsNotFound) {
  static const Deviation kNone{"none", "", "nothing", []() -> std::unique_ptr<Deviator> {
                                 return std::make_unique<Deviator>();
                               }};
  CheckOptions options;
  options.deviation = &kNone;
  Runner runner(RuleCatalogue::embedded());
  for (const Scenario& scenario : find_scenarios({})) {
    if (obstacle(scenario, HostKind::Memory).empty()) {
      const CaseReport report = runner.run(scenario, HostKind::Memory, options);
      EXPECT_EQ(report.verdict, CaseVerdict::Pass)
          << describe_case(report, RuleCatalogue::embedded());
    }
  }
}

}  // namespace
}  // namespace apns::scenarios
