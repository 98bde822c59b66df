#include "scenarios/runner/report.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "scenarios/runner/rule_verdicts.h"

namespace apns::scenarios {
namespace {

using testing::HasSubstr;

const RuleCatalogue& rules() {
  static const RuleCatalogue kCatalogue = RuleCatalogue::load(
      R"([{"id": "binary/a", "level": "must", "text": "t", "source": "s", "confidence": "observed",
           "evidence": "wire", "binds": "provider"},
          {"id": "binary/b", "level": "should", "text": "t", "source": "s",
           "confidence": "observed", "evidence": "wire", "binds": "provider"}])",
      "rules.json");
  return kCatalogue;
}

CaseReport entry(const std::string& id, HostKind host, CaseVerdict verdict,
                 std::vector<std::string> cited) {
  CaseReport report;
  report.id = id;
  report.area = "binary";
  report.file = "scenarios/" + id + ".json";
  report.host = host;
  report.verdict = verdict;
  report.seed = 7;
  report.took = std::chrono::microseconds(1500);
  report.rules = std::move(cited);
  report.source = {"grocer/grocer#14", "Binary Provider API"};
  report.again = "apnslab check " + id;
  return report;
}

/// A pass, a failure with "<&>" in it, a skipped case and an error.
CheckReport mixed() {
  CheckReport report;
  report.seed = 7;
  report.took = std::chrono::milliseconds(1200);
  report.cases.push_back(entry("binary/one", HostKind::Memory, CaseVerdict::Pass, {"binary/a"}));
  report.cases.push_back(
      entry("binary/one", HostKind::Sockets, CaseVerdict::Skipped, {"binary/a"}));
  report.cases.back().why = "no sockets";
  report.cases.push_back(
      entry("binary/two", HostKind::Memory, CaseVerdict::Fail, {"binary/b", "binary/a"}));
  report.cases.back().findings = {
      {"expect.ledger[2]", {9, 3}, "1 for each", "0 for n <4&5>", false}};
  report.cases.back().frames = {"#1 service > provider   08"};
  report.cases.push_back(entry("binary/three", HostKind::Memory, CaseVerdict::Error, {"binary/b"}));
  report.cases.back().why = "no certificate";
  return report;
}

TEST(Report, IsALineForEachScenarioAndABlockForEachFailure) {
  std::ostringstream out;
  write_text(mixed(), rules(), out);
  EXPECT_THAT(out.str(), HasSubstr("seed 7, 1.2 s\n"));
  EXPECT_THAT(out.str(), HasSubstr("  pass          binary/one                                    "
                                   "in-memory 1.5 ms      sockets skipped (no sockets)\n"));
  EXPECT_THAT(out.str(),
              HasSubstr("  binary         3 scenarios      1 pass      1 fail      1 error"
                        "      1 skipped\n"));
  EXPECT_THAT(out.str(), HasSubstr("  rules       must 0/1    should 0/1\n"));
  EXPECT_THAT(out.str(), HasSubstr("\nFAIL binary/two [in-memory]   should   binary/b\n"
                                   "  also       must   binary/a\n"
                                   "  step       expect.ledger[2] (scenarios/binary/two.json:9:3)\n"
                                   "  expected   1 for each\n"
                                   "  actual     0 for n <4&5>\n"
                                   "  frames     #1 service > provider   08\n"
                                   "  source     grocer/grocer#14; Binary Provider API\n"
                                   "  seed       7\n"
                                   "  again      apnslab check binary/two\n"));
  EXPECT_THAT(out.str(), HasSubstr("\nERROR binary/three [in-memory]   should   binary/b\n"
                                   "  why        no certificate\n"));
}

TEST(Report, IsJUnitWithASuitePerArea) {
  std::ostringstream out;
  write_junit(mixed(), out);
  EXPECT_THAT(out.str(),
              HasSubstr("<testsuite name=\"binary\" tests=\"4\" failures=\"1\" errors=\"1\" "
                        "skipped=\"1\" time=\"0.006000\">"));
  EXPECT_THAT(out.str(), HasSubstr("<testcase classname=\"binary\" name=\"binary/one [in-memory]\" "
                                   "time=\"0.001500\"/>"));
  EXPECT_THAT(out.str(), HasSubstr("<skipped message=\"skipped: no sockets\"/>"));
  EXPECT_THAT(out.str(), HasSubstr("<failure type=\"fail\" message=\"0 for n &lt;4&amp;5&gt;\">"));
  EXPECT_THAT(out.str(), HasSubstr("<error message=\"no certificate\"/>"));
}

TEST(Report, IsOneJsonObject) {
  std::ostringstream out;
  write_json(mixed(), rules(), out);
  const nlohmann::json json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json.at("format"), 1);
  EXPECT_EQ(json.at("passed"), false);
  EXPECT_EQ(json.at("seed"), 7);
  EXPECT_EQ(json.at("duration_us"), 1'200'000);
  EXPECT_EQ(json.at("summary").at("pass"), 1);
  EXPECT_EQ(json.at("summary").at("error"), 1);
  EXPECT_EQ(json.at("summary").at("non-strict"), 0);
  ASSERT_EQ(json.at("cases").size(), 4U);
  EXPECT_EQ(json.at("cases").at(0).at("id"), "binary/one");
  EXPECT_EQ(json.at("cases").at(0).at("host"), "in-memory");
  EXPECT_EQ(json.at("cases").at(0).at("duration_us"), 1500);
  EXPECT_FALSE(json.at("cases").at(0).contains("findings"));
  EXPECT_EQ(json.at("cases").at(1).at("why"), "no sockets");
  EXPECT_EQ(json.at("cases").at(2).at("findings").at(0).at("line"), 9);
  EXPECT_EQ(json.at("cases").at(2).at("findings").at(0).at("actual"), "0 for n <4&5>");
  EXPECT_EQ(json.at("rules").at(0).at("id"), "binary/a");
  EXPECT_EQ(json.at("rules").at(0).at("kept"), false);
}

TEST(Report, CountsNonStrictAsPassed) {
  CheckReport report;
  report.cases.push_back(
      entry("binary/one", HostKind::Memory, CaseVerdict::NonStrict, {"binary/b"}));
  EXPECT_TRUE(report.passed());
  report.cases.push_back(entry("binary/two", HostKind::Memory, CaseVerdict::Error, {"binary/b"}));
  EXPECT_FALSE(report.passed());
}

TEST(RuleSummary, KeepsARuleOnlyIfEveryCaseThatRanPassed) {
  const RuleSummary summary = summarise_rules(mixed(), rules());
  EXPECT_EQ(summary.kept.at("binary/a"), false);
  CheckReport fine = mixed();
  fine.cases.resize(2);
  EXPECT_EQ(summarise_rules(fine, rules()).num_must_kept, 1U);
  EXPECT_EQ(summarise_rules(fine, rules()).num_should, 0U);
}

}  // namespace
}  // namespace apns::scenarios
