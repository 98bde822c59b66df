#include "scenarios/runner/rule_verdicts.h"

namespace apns::scenarios {

RuleSummary summarise_rules(const CheckReport& report, const RuleCatalogue& rules) {
  RuleSummary summary;
  for (const CaseReport& entry : report.cases) {
    if (entry.verdict == CaseVerdict::Skipped || entry.verdict == CaseVerdict::Unimplemented) {
      continue;
    }
    for (const std::string& id : entry.rules) {
      const auto place = summary.kept.emplace(id, true).first;
      place->second = place->second && entry.verdict == CaseVerdict::Pass;
    }
  }
  for (const auto& [id, kept] : summary.kept) {
    const Rule* rule = rules.find(id);
    if (rule == nullptr) {
      continue;
    }
    const bool is_must = rule->level == RuleLevel::Must;
    (is_must ? summary.num_must : summary.num_should) += 1;
    if (kept) {
      (is_must ? summary.num_must_kept : summary.num_should_kept) += 1;
    }
  }
  return summary;
}

}  // namespace apns::scenarios
