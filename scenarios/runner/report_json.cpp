#include <ostream>
#include <string>

#include <nlohmann/json.hpp>

#include "scenarios/runner/embedded_files.h"
#include "scenarios/runner/report.h"
#include "scenarios/runner/rule_verdicts.h"

namespace apns::scenarios {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t to_us(std::chrono::nanoseconds took) {
  return std::chrono::duration_cast<std::chrono::microseconds>(took).count();
}

Json finding_json(const Finding& finding) {
  Json json = {{"step", finding.step}, {"expected", finding.expected}, {"actual", finding.actual}};
  if (finding.position != json::Position()) {
    json["line"] = finding.position.line;
    json["column"] = finding.position.column;
  }
  return json;
}

Json case_json(const CaseReport& report) {
  Json json = {{"id", report.id},
               {"host", to_string(report.host)},
               {"verdict", to_string(report.verdict)},
               {"seed", report.seed},
               {"duration_us", to_us(report.took)},
               {"rules", report.rules}};
  if (report.num_excused > 0) {
    json["excused"] = report.num_excused;
  }
  if (!report.why.empty()) {
    json["why"] = report.why;
  }
  if (!report.findings.empty()) {
    for (const Finding& finding : report.findings) {
      json["findings"].push_back(finding_json(finding));
    }
    json["frames"] = report.frames;
    json["source"] = report.source;
    json["again"] = report.again;
  }
  if (!report.provider_error.empty()) {
    json["provider_error"] = report.provider_error;
  }
  return json;
}

}  // namespace

void write_json(const CheckReport& report, const RuleCatalogue& rules, std::ostream& out) {
  Json json = {{"format", 1},
               {"apnslab", program_version()},
               {"passed", report.passed()},
               {"duration_us", to_us(report.took)}};
  if (report.seed) {
    json["seed"] = *report.seed;
  }
  for (const CaseVerdict verdict :
       {CaseVerdict::Pass, CaseVerdict::NonStrict, CaseVerdict::Fail, CaseVerdict::Error,
        CaseVerdict::Skipped, CaseVerdict::Unimplemented}) {
    json["summary"][std::string(to_string(verdict))] = report.count(verdict);
  }
  json["cases"] = Json::array();
  for (const CaseReport& entry : report.cases) {
    json["cases"].push_back(case_json(entry));
  }
  json["rules"] = Json::array();
  for (const auto& [id, kept] : summarise_rules(report, rules).kept) {
    const Rule* rule = rules.find(id);
    Json verdict = {{"id", id}, {"kept", kept}};
    if (rule != nullptr) {
      verdict["level"] = to_string(rule->level);
    }
    json["rules"].push_back(std::move(verdict));
  }
  // Bytes that are not UTF-8 (a device token never is text, an error message could be) must not end
  // the report.
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace apns::scenarios
