#pragma once

#include <iosfwd>
#include <string>

#include "scenarios/runner/rule_catalogue.h"
#include "scenarios/runner/runner.h"

namespace apns::scenarios {

// A report in the forms in which people and programs read it. docs/scenarios.md#reports shows each.

/// For people: a line per scenario with its verdict and time in each host, a line per area, the
/// rules that were kept, and a block for each case that did not pass.
void write_text(const CheckReport& report, const RuleCatalogue& rules, std::ostream& out);

/// The ledger of each case, as `serve` would have printed it.
void write_ledgers(const CheckReport& report, std::ostream& out);

/// JUnit XML: a suite per area, a case per scenario and host ("binary/idle_close [tls]").
void write_junit(const CheckReport& report, std::ostream& out);

/// One JSON object, "format": 1.
void write_json(const CheckReport& report, const RuleCatalogue& rules, std::ostream& out);

/// A block of the text report: what was expected, what was seen, and how to run it again.
[[nodiscard]] std::string describe_case(const CaseReport& report, const RuleCatalogue& rules);

}  // namespace apns::scenarios
