#include "scenarios/runner/rule_catalogue.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/json/document.h"
#include "mock_apns/provider_token_check.h"
#include "mock_apns/push_verdict.h"
#include "mock_apns/verdict.h"
#include "scenarios/runner/scenario_set.h"

namespace apns::scenarios {
namespace {

constexpr const char* kRule =
    R"({"id": "binary/x", "level": "must", "text": "t", "source": "s", "confidence": "observed",
        "evidence": "wire", "binds": "provider"})";

std::string read_source(const std::string& path) {
  std::ifstream in(std::filesystem::path(APNSLAB_SOURCE_DIR) / path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::map<std::string, std::vector<std::string>> citations() {
  std::map<std::string, std::vector<std::string>> ids;
  for (const Scenario& scenario : find_scenarios({})) {
    for (const std::string& rule : scenario.rules) {
      ids[rule].push_back(scenario.id);
    }
  }
  return ids;
}

TEST(RuleCatalogue, EveryRuleOnWireOrInOutcomesIsProved) {
  auto cited = citations();
  for (const Rule& rule : RuleCatalogue::embedded().rules()) {
    if (rule.evidence == "process" || !cited[rule.id].empty()) {
      EXPECT_EQ(rule.proved_by, "") << rule.id << " has scenarios and needs no other proof";
      continue;
    }
    ASSERT_NE(rule.proved_by, "") << rule.id << " has no scenario";
    EXPECT_NE(read_source(rule.proved_by).find(rule.id), std::string::npos)
        << rule.proved_by << " does not mention " << rule.id;
  }
}

TEST(RuleCatalogue, HasEveryRuleThatAScenarioCites) {
  for (const auto& [rule, scenarios] : citations()) {
    EXPECT_NE(RuleCatalogue::embedded().find(rule), nullptr)
        << scenarios.front() << " cites " << rule;
  }
}

TEST(RuleCatalogue, HasEveryRuleThatAVerdictCites) {
  std::vector<std::string_view> cited;
  for (const mock::VerdictRow& row : mock::verdict_rows()) {
    cited.push_back(row.rule);
  }
  for (const mock::PushVerdictRow& row : mock::push_verdict_rows()) {
    cited.push_back(row.rule);
  }
  for (const mock::TokenRule& row : mock::token_rules()) {
    cited.push_back(row.rule);
  }
  for (const std::string_view rule : cited) {
    EXPECT_NE(RuleCatalogue::embedded().find(rule), nullptr) << rule;
  }
}

TEST(RuleCatalogue, RefusesAnIdThatIsThereTwice) {
  const std::string text = std::string("[") + kRule + ",\n" + kRule + "]";
  try {
    (void)RuleCatalogue::load(text, "rules.json");
    FAIL() << "it was accepted";
  } catch (const json::Error& error) {
    EXPECT_STREQ(error.what(),
                 "rules.json:3:1: \"binary/x\" is in the catalogue already. Ids are unique.");
  }
}

struct Case {
  const char* from;
  const char* to;
  const char* error;
};

TEST(RuleCatalogue, RefusesWordsThatMeanNothing) {
  const Case cases[] = {
      {R"("must")", R"("shall")", "\"shall\" is not a level. There are: must, should."},
      {R"("observed")", R"("observd")",
       "\"observd\" is not a confidence; did you mean \"observed\"? There are: documented, "
       "observed, "
       "inferred, our-choice."},
      {R"("binary/x")", R"("binary/X_y")",
       "\"binary/X_y\" is not the id of a rule. Write area/words-with-dashes."},
      {R"("text": "t")", R"("text": "")", "text is empty."},
      {R"("binds")", R"("bind")",
       "\"bind\" is not a key of rule; did you mean \"binds\"? Keys: id, level, text, source, "
       "confidence, evidence, binds, proved_by."},
  };
  for (const Case& row : cases) {
    std::string text = std::string("[") + kRule + "]";
    text.replace(text.find(row.from), std::string(row.from).size(), row.to);
    try {
      (void)RuleCatalogue::load(text, "rules.json");
      FAIL() << row.to << " was accepted";
    } catch (const json::Error& error) {
      EXPECT_THAT(error.what(), testing::EndsWith(row.error));
    }
  }
}

}  // namespace
}  // namespace apns::scenarios
