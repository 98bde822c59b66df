#include <map>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "scenarios/runner/report.h"

namespace apns::scenarios {
namespace {

/// Text for an attribute or an element. Control characters other than line ends have no place in
/// XML 1.0.
std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return escaped;
}

std::string seconds(std::chrono::nanoseconds took) {
  return fmt::format("{:.6f}", std::chrono::duration<double>(took).count());
}

std::string findings_text(const CaseReport& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text += fmt::format("{}\nexpected  {}\nactual    {}\n", finding.step, finding.expected,
                        finding.actual);
  }
  for (const std::string& frame : report.frames) {
    text += "frames    " + frame + "\n";
  }
  return text + "again     " + report.again + "\n";
}

/// The element inside a test case; empty when it passed.
std::string body_of(const CaseReport& report) {
  switch (report.verdict) {
    case CaseVerdict::Pass:
      return "";
    case CaseVerdict::NonStrict:
    case CaseVerdict::Fail:
      return fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                         to_string(report.verdict), escape_xml(report.findings.front().actual),
                         escape_xml(findings_text(report)));
    case CaseVerdict::Unimplemented:
    case CaseVerdict::Skipped:
      return fmt::format("      <skipped message=\"{}: {}\"/>\n", to_string(report.verdict),
                         escape_xml(report.why));
    case CaseVerdict::Error:
      return fmt::format("      <error message=\"{}\"/>\n", escape_xml(report.why));
  }
  return "";
}

void write_suite(const std::string& area, const std::vector<const CaseReport*>& cases,
                 std::ostream& out) {
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  std::chrono::nanoseconds took{};
  for (const CaseReport* entry : cases) {
    const CaseVerdict verdict = entry->verdict;
    failures += verdict == CaseVerdict::Fail || verdict == CaseVerdict::NonStrict ? 1 : 0;
    errors += verdict == CaseVerdict::Error ? 1 : 0;
    skipped += verdict == CaseVerdict::Skipped || verdict == CaseVerdict::Unimplemented ? 1 : 0;
    took += entry->took;
  }
  out << fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"{}\">\n",
      escape_xml(area), cases.size(), failures, errors, skipped, seconds(took));
  for (const CaseReport* entry : cases) {
    const std::string body = body_of(*entry);
    out << fmt::format("    <testcase classname=\"{}\" name=\"{} [{}]\" time=\"{}\"",
                       escape_xml(area), escape_xml(entry->id), to_string(entry->host),
                       seconds(entry->took));
    out << (body.empty() ? "/>\n" : ">\n" + body + "    </testcase>\n");
  }
  out << "  </testsuite>\n";
}

}  // namespace

void write_junit(const CheckReport& report, std::ostream& out) {
  std::map<std::string, std::vector<const CaseReport*>> suites;
  for (const CaseReport& entry : report.cases) {
    suites[entry.area].push_back(&entry);
  }
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      << fmt::format("<testsuites name=\"apnslab check\" time=\"{}\">\n", seconds(report.took));
  for (const auto& [area, cases] : suites) {
    write_suite(area, cases, out);
  }
  out << "</testsuites>\n";
}

}  // namespace apns::scenarios
