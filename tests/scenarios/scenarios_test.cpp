// Every scenario of the program in every host that it can run in, each a test of its own.
#include <algorithm>
#include <cctype>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scenarios/runner/report.h"
#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_set.h"

namespace apns::scenarios {
namespace {

struct Case {
  Scenario scenario;
  HostKind host;

  /// "binary_idle_close_tls"; letters, digits and underscores, as GoogleTest wants it.
  [[nodiscard]] std::string name() const {
    std::string name = scenario.id + "_" + std::string(to_string(host));
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
  }

  friend void PrintTo(const Case& row, std::ostream* out) { *out << row.name(); }
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Scenario& scenario : find_scenarios({})) {
    for (const HostKind host : kAllHosts) {
      if (obstacle(scenario, host).empty()) {
        cases.push_back(Case{scenario, host});
      }
    }
  }
  return cases;
}

class Scenarios : public testing::TestWithParam<Case> {};

TEST_P(Scenarios, Pass) {
  const RuleCatalogue& rules = RuleCatalogue::embedded();
  const CaseReport report = Runner(rules).run(GetParam().scenario, GetParam().host, CheckOptions());
  EXPECT_EQ(report.verdict, CaseVerdict::Pass) << describe_case(report, rules);
}

INSTANTIATE_TEST_SUITE_P(All, Scenarios, testing::ValuesIn(all_cases()),
                         [](const testing::TestParamInfo<Case>& row) { return row.param.name(); });

}  // namespace
}  // namespace apns::scenarios
