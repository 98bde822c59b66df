#include "scenarios/runner/report.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <ostream>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "mock_apns/ledger_text.h"
#include "scenarios/runner/embedded_files.h"
#include "scenarios/runner/rule_verdicts.h"

namespace apns::scenarios {
namespace {

std::string ms_text(std::chrono::nanoseconds took) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(took).count());
}

std::string seconds_text(std::chrono::nanoseconds took) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(took).count());
}

/// Ids in the order of the report, each with its cases.
std::vector<std::pair<std::string, std::vector<const CaseReport*>>> by_scenario(
    const CheckReport& report) {
  std::vector<std::pair<std::string, std::vector<const CaseReport*>>> grouped;
  for (const CaseReport& entry : report.cases) {
    if (grouped.empty() || grouped.back().first != entry.id) {
      grouped.push_back({entry.id, {}});
    }
    grouped.back().second.push_back(&entry);
  }
  return grouped;
}

/// The worst verdict counts; the enumerators ascend, but a skipped case says nothing beside one
/// that ran.
CaseVerdict summary_of(const std::vector<const CaseReport*>& cases) {
  CaseVerdict worst = CaseVerdict::Skipped;
  for (const CaseReport* entry : cases) {
    if (entry->verdict == CaseVerdict::Skipped) {
      continue;
    }
    worst = worst == CaseVerdict::Skipped ? entry->verdict : std::max(worst, entry->verdict);
  }
  return worst;
}

std::string case_text(const CaseReport& entry) {
  switch (entry.verdict) {
    case CaseVerdict::Pass:
      return fmt::format("{} {}", to_string(entry.host), ms_text(entry.took));
    case CaseVerdict::Skipped:
    case CaseVerdict::Unimplemented:
      return fmt::format("{} {} ({})", to_string(entry.host), to_string(entry.verdict), entry.why);
    default:
      return fmt::format("{} {} {}", to_string(entry.host), ms_text(entry.took),
                         to_string(entry.verdict));
  }
}

void write_scenarios(const CheckReport& report, std::ostream& out) {
  for (const auto& [id, cases] : by_scenario(report)) {
    std::string times;
    for (const CaseReport* entry : cases) {
      times += fmt::format("{:<20}  ", case_text(*entry));
    }
    times.erase(times.find_last_not_of(' ') + 1);
    out << fmt::format("  {:<14}{:<44}  {}\n", to_string(summary_of(cases)), id, times);
  }
}

constexpr std::array kVerdicts = {CaseVerdict::Pass,    CaseVerdict::NonStrict,
                                  CaseVerdict::Fail,    CaseVerdict::Error,
                                  CaseVerdict::Skipped, CaseVerdict::Unimplemented};

void write_areas(const CheckReport& report, std::ostream& out) {
  std::map<std::string, std::map<CaseVerdict, std::size_t>> counts;
  std::map<std::string, std::set<std::string>> ids;
  for (const CaseReport& entry : report.cases) {
    ++counts[entry.area][entry.verdict];
    ids[entry.area].insert(entry.id);
  }
  for (const auto& [area, of_area] : counts) {
    std::string line = fmt::format("  {:<12}{:>4} scenarios", area, ids[area].size());
    for (const CaseVerdict verdict : kVerdicts) {
      const auto found = of_area.find(verdict);
      if (found != of_area.end()) {
        line += fmt::format("{:>7} {}", found->second, to_string(verdict));
      }
    }
    out << line << "\n";
  }
}

void write_rules(const CheckReport& report, const RuleCatalogue& rules, std::ostream& out) {
  const RuleSummary summary = summarise_rules(report, rules);
  out << fmt::format("  {:<12}must {}/{}    should {}/{}\n", "rules", summary.num_must_kept,
                     summary.num_must, summary.num_should_kept, summary.num_should);
}

/// By what the catalogue is proved: a rule without a scenario names the unit test that has it.
void write_coverage(const RuleCatalogue& rules, std::ostream& out) {
  std::size_t by_scenarios = 0;
  std::size_t by_unit_tests = 0;
  for (const Rule& rule : rules.rules()) {
    if (rule.evidence != "process") {
      ++(rule.proved_by.empty() ? by_scenarios : by_unit_tests);
    }
  }
  out << fmt::format("  {:<12}{} rules: {} by scenarios, {} by unit tests\n", "catalogue",
                     by_scenarios + by_unit_tests, by_scenarios, by_unit_tests);
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

void add_field(std::string& text, std::string_view name, std::string_view value) {
  text += fmt::format("  {:<11}{}\n", name, value);
}

std::string rule_text(const std::string& id, const RuleCatalogue& rules) {
  const Rule* rule = rules.find(id);
  return fmt::format("{}   {}", rule == nullptr ? "?" : to_string(rule->level), id);
}

std::string position_text(const CaseReport& report, const Finding& finding) {
  if (finding.position == json::Position()) {
    return finding.step;
  }
  return fmt::format("{} ({}:{}:{})", finding.step, report.file, finding.position.line,
                     finding.position.column);
}

}  // namespace

std::string describe_case(const CaseReport& report, const RuleCatalogue& rules) {
  std::string text = fmt::format("{} {} [{}]   {}\n", upper(to_string(report.verdict)), report.id,
                                 to_string(report.host), rule_text(report.rules.front(), rules));
  for (std::size_t i = 1; i < report.rules.size(); ++i) {
    add_field(text, i == 1 ? "also" : "", rule_text(report.rules[i], rules));
  }
  if (!report.why.empty()) {
    add_field(text, "why", report.why);
  }
  for (const Finding& finding : report.findings) {
    add_field(text, "step", position_text(report, finding));
    add_field(text, "expected", finding.expected);
    add_field(text, "actual", finding.actual);
  }
  if (!report.provider_error.empty()) {
    add_field(text, "provider", report.provider_error);
  }
  for (std::size_t i = 0; i < report.frames.size(); ++i) {
    add_field(text, i == 0 ? "frames" : "", report.frames[i]);
  }
  std::string source;
  for (const std::string& entry : report.source) {
    source += (source.empty() ? "" : "; ") + entry;
  }
  add_field(text, "source", source);
  add_field(text, "seed", std::to_string(report.seed));
  add_field(text, "again", report.again);
  return text;
}

void write_text(const CheckReport& report, const RuleCatalogue& rules, std::ostream& out) {
  out << fmt::format("apnslab {}      seed {}, {}\n", program_version(),
                     report.seed ? std::to_string(*report.seed) : std::to_string(kDefaultSeed),
                     seconds_text(report.took));
  write_scenarios(report, out);
  out << "\n";
  write_areas(report, out);
  write_rules(report, rules, out);
  write_coverage(rules, out);
  for (const CaseReport& entry : report.cases) {
    if (entry.verdict == CaseVerdict::Fail || entry.verdict == CaseVerdict::NonStrict ||
        entry.verdict == CaseVerdict::Error) {
      out << "\n" << describe_case(entry, rules);
    }
  }
}

void write_ledgers(const CheckReport& report, std::ostream& out) {
  for (const CaseReport& entry : report.cases) {
    out << "\n" << entry.id << " [" << to_string(entry.host) << "]\n";
    for (const NumberedEvent& numbered : entry.events) {
      if (const std::string line = mock::to_text_line(numbered.event); !line.empty()) {
        out << line << "\n";
      }
    }
  }
}

}  // namespace apns::scenarios
