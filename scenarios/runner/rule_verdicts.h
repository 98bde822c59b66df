#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "scenarios/runner/rule_catalogue.h"
#include "scenarios/runner/runner.h"

namespace apns::scenarios {

/// How the rules fared that the scenarios of a report cite and that at least one case tried.
struct RuleSummary {
  std::map<std::string, bool> kept;  // by id; false: a case that cites it did not pass
  std::size_t num_must = 0;
  std::size_t num_must_kept = 0;
  std::size_t num_should = 0;
  std::size_t num_should_kept = 0;
};

[[nodiscard]] RuleSummary summarise_rules(const CheckReport& report, const RuleCatalogue& rules);

}  // namespace apns::scenarios
