// docs/field-reports.md and its proofs: scenarios that name a report in their source, and unit
// tests that name one where the table names them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/scenario_set.h"

namespace apns::scenarios {
namespace {

using testing::IsEmpty;

std::string read_source(const std::string& path) {
  std::ifstream in(std::filesystem::path(APNSLAB_SOURCE_DIR) / path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Report {
  std::string id;
  std::string unit_test;  // empty: scenarios prove it
};

/// The rows of the table: "| A17 | threads | what | `tests/x_test.cpp` |".
std::vector<Report> table() {
  static const std::regex kRow("\\| ([A-N][0-9]+) \\|[^|]*\\|[^|]*\\| (`([^`]+)` )?\\|");
  std::vector<Report> reports;
  std::istringstream in(read_source("docs/field-reports.md"));
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kRow)) {
      reports.push_back(Report{match[1], match[3]});
    }
  }
  return reports;
}

/// Report ids behind the words "field report(s)", such as A14.
std::vector<std::string> reports_named_in(const std::string& text) {
  static const std::regex kCitation("[Ff]ield reports? ([A-Z][0-9]+)");
  std::vector<std::string> ids;
  for (std::sregex_iterator it(text.begin(), text.end(), kCitation), end; it != end; ++it) {
    ids.push_back((*it)[1]);
  }
  return ids;
}

/// Scenarios by the reports in their sources.
std::map<std::string, std::set<std::string>> scenarios_by_report() {
  std::map<std::string, std::set<std::string>> found;
  for (const Scenario& scenario : find_scenarios({})) {
    for (const std::string& source : scenario.source) {
      for (const std::string& id : reports_named_in(source)) {
        found[id].insert(scenario.id);
      }
    }
  }
  return found;
}

TEST(FieldReports, TheTableHasEachOnceInOrder) {
  std::vector<std::pair<char, int>> ids;
  for (const Report& report : table()) {
    ids.emplace_back(report.id[0], std::stoi(report.id.substr(1)));
  }
  EXPECT_FALSE(ids.empty());
  EXPECT_EQ(std::ranges::adjacent_find(ids, std::greater_equal{}), ids.end());
}

TEST(FieldReports, EachIsProvedByAScenarioOrANamedUnitTest) {
  const auto scenarios = scenarios_by_report();
  for (const Report& report : table()) {
    if (report.unit_test.empty()) {
      EXPECT_EQ(scenarios.count(report.id), 1U)
          << report.id << " has neither a scenario that names it nor a unit test";
      continue;
    }
    EXPECT_THAT(reports_named_in(read_source(report.unit_test)), testing::Contains(report.id))
        << report.unit_test << " does not name it";
  }
}

TEST(FieldReports, NoScenarioNamesOneThatIsNotThere) {
  auto scenarios = scenarios_by_report();
  for (const Report& report : table()) {
    scenarios.erase(report.id);
  }
  EXPECT_THAT(scenarios, IsEmpty());
}

}  // namespace
}  // namespace apns::scenarios
