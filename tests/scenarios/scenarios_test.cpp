// Every scenario of the program in every host that it can run in, each a test of its own.
#include <string>

#include <gtest/gtest.h>

#include "scenarios/runner/report.h"
#include "scenarios/runner/runner.h"
#include "tests/support/scenario_case.h"

namespace apns::scenarios {
namespace {

class Scenarios : public testing::TestWithParam<test::Case> {};

TEST_P(Scenarios, Pass) {
  const RuleCatalogue& rules = RuleCatalogue::embedded();
  const CaseReport report = Runner(rules).run(GetParam().scenario, GetParam().host, CheckOptions());
  EXPECT_EQ(report.verdict, CaseVerdict::Pass) << describe_case(report, rules);
}

INSTANTIATE_TEST_SUITE_P(All, Scenarios, testing::ValuesIn(test::all_cases(kAllHosts)),
                         [](const testing::TestParamInfo<test::Case>& row) {
                           return row.param.name();
                         });

}  // namespace
}  // namespace apns::scenarios
