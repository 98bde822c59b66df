// One seed, one run: what makes a failure come back when its command line is typed again.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mock_apns/ledger_text.h"
#include "scenarios/runner/report.h"
#include "scenarios/runner/runner.h"
#include "tests/support/scenario_case.h"

namespace apns::scenarios {
namespace {

constexpr std::array kHosts{HostKind::Memory, HostKind::MemoryTls};
constexpr std::uint64_t kSeed = 4711;
constexpr std::uint64_t kOtherSeed = 90125;

CaseReport run(const test::Case& row, std::uint64_t seed) {
  CheckOptions options;
  options.seed = seed;
  return Runner(RuleCatalogue::embedded()).run(row.scenario, row.host, options);
}

std::vector<std::string> whole_ledger(const CaseReport& report) {
  std::vector<std::string> lines;
  for (const NumberedEvent& event : report.events) {
    lines.push_back(mock::to_json_line(event.event));
  }
  return lines;
}

/// Each connection's events in their order, without what two handshakes never have in common: a
/// signature more or less is bytes more or less, and so other pieces at other times.
std::map<std::uint64_t, std::vector<std::string>> ledger_by_connection(const CaseReport& report) {
  std::map<std::uint64_t, std::vector<std::string>> lines;
  for (const NumberedEvent& numbered : report.events) {
    mock::LedgerEvent event = numbered.event;
    event.seq = 0;
    event.of = 0;
    event.at = WorldTime();
    if (event.duration_us) {
      event.duration_us = 0;
    }
    lines[event.connection].push_back("n " + std::to_string(numbered.n) + " " +
                                      mock::to_json_line(event));
  }
  return lines;
}

std::map<std::uint64_t, std::string> outcomes_by_number(const CaseReport& report) {
  std::map<std::uint64_t, std::string> outcomes;
  for (const NotificationOutcome& outcome : report.outcomes) {
    outcomes[outcome.n] += std::string(to_string(outcome.kind)) + " " + outcome.reason + ";";
  }
  return outcomes;
}

/// The numbers that may end in more than one way.
std::set<std::uint64_t> left_to_chance(const Scenario& scenario) {
  std::set<std::uint64_t> numbers;
  for (std::uint64_t n = 1; n <= scenario.notifications.size(); ++n) {
    const auto ways =
        std::count_if(scenario.outcomes.begin(), scenario.outcomes.end(),
                      [n](const OutcomeExpectation& expected) { return expected.n.contains(n); });
    if (ways > 1) {
      numbers.insert(n);
    }
  }
  return numbers;
}

class SameSeed : public testing::TestWithParam<test::Case> {};

TEST_P(SameSeed, GivesTheSameLedgerAndOutcomes) {
  const CaseReport first = run(GetParam(), kSeed);
  ASSERT_EQ(first.verdict, CaseVerdict::Pass) << describe_case(first, RuleCatalogue::embedded());
  const CaseReport second = run(GetParam(), kSeed);
  EXPECT_EQ(outcomes_by_number(first), outcomes_by_number(second));
  EXPECT_EQ(ledger_by_connection(first), ledger_by_connection(second));
  if (GetParam().host == HostKind::Memory) {
    EXPECT_EQ(whole_ledger(first), whole_ledger(second));
    EXPECT_EQ(first.outcomes, second.outcomes) << "another order";
  }
}

TEST_P(SameSeed, IsNotWhatTheOutcomesDependOn) {
  const CaseReport other = run(GetParam(), kOtherSeed);
  ASSERT_EQ(other.verdict, CaseVerdict::Pass) << describe_case(other, RuleCatalogue::embedded());
  auto expected = outcomes_by_number(run(GetParam(), kSeed));
  auto actual = outcomes_by_number(other);
  for (const std::uint64_t n : left_to_chance(GetParam().scenario.get())) {
    expected.erase(n);
    actual.erase(n);
  }
  EXPECT_EQ(actual, expected);
}

INSTANTIATE_TEST_SUITE_P(All, SameSeed, testing::ValuesIn(test::all_cases(kHosts)),
                         [](const testing::TestParamInfo<test::Case>& row) {
                           return row.param.name();
                         });

}  // namespace
}  // namespace apns::scenarios
