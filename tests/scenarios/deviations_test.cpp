// A harness that nothing fails proves nothing: each mistake of the field is made once, and must be
// found.
#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "scenarios/deviations/deviation.h"
#include "scenarios/deviations/http2_deviator.h"
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
      if (applies_to(GetParam(), scenario) && obstacle(scenario, host).empty() &&
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
template <class Kind>
std::unique_ptr<Deviator> nothing() {
  return std::make_unique<Kind>();
}

TEST(Deviation, ThatChangesNothingIsNotFound) {
  const Deviation kinds[] = {
      {"none", "", "nothing", nothing<Deviator>},
      {"none", "", "nothing", nothing<Http2Deviator>, Deviant::Http2Client},
  };
  Runner runner(RuleCatalogue::embedded());
  for (const Scenario& scenario : find_scenarios({})) {
    for (const Deviation& none : kinds) {
      CheckOptions options;
      options.deviation = &none;
      if (applies_to(none, scenario) && obstacle(scenario, HostKind::Memory).empty()) {
        const CaseReport report = runner.run(scenario, HostKind::Memory, options);
        EXPECT_EQ(report.verdict, CaseVerdict::Pass)
            << describe_case(report, RuleCatalogue::embedded());
      }
    }
  }
}

}  // namespace
}  // namespace apns::scenarios
