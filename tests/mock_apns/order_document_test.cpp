// docs/wire/http2.md has the checks in the order of the code.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/push_verdict.h"
#include "mock_apns/topic_scope.h"

namespace apns::mock {
namespace {

std::vector<PushVerdictRow> rows_in_order() {
  std::vector<PushVerdictRow> rows = push_verdict_rows();
  const auto first_of_body = std::ranges::find(rows, PushStage::Body, &PushVerdictRow::stage);
  rows.insert(first_of_body, kTopicScopeRows.begin(), kTopicScopeRows.end());
  return rows;
}

/// "| 1 | `rule` | ... | Reason | ... |" without what stands between rule and reason.
std::vector<std::string> documented() {
  std::ifstream in(std::string(APNSLAB_SOURCE_DIR) + "/docs/wire/http2.md");
  std::vector<std::string> found;
  bool is_section = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) {
      is_section = line == "## Order of the checks";
    }
    if (!is_section || !line.starts_with("| ")) {
      continue;
    }
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '|');) {
      cells.push_back(cell);
    }
    if (cells.at(2).starts_with(" `http2/")) {
      found.push_back(cells[1] + cells[2] + cells.at(4));
    }
  }
  return found;
}

TEST(OrderOfTheChecks, IsInTheDocument) {
  std::vector<std::string> rows;
  for (const PushVerdictRow& row : rows_in_order()) {
    rows.push_back(" " + std::to_string(rows.size() + 1) + "  `" + std::string(row.rule) + "`  " +
                   std::string(row_of(row.reason).name) + " ");
  }
  EXPECT_THAT(documented(), testing::ElementsAreArray(rows));
}

TEST(OrderOfTheChecks, EachStageFollowsTheOneBefore) {
  const std::vector<PushVerdictRow> rows = rows_in_order();
  EXPECT_TRUE(std::ranges::is_sorted(rows, {}, &PushVerdictRow::stage));
  for (const PushVerdictRow& row : rows) {
    EXPECT_EQ(std::ranges::count(rows, row.rule, &PushVerdictRow::rule), 1) << row.rule;
  }
}

}  // namespace
}  // namespace apns::mock
