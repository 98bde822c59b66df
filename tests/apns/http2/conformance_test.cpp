// The table of HTTP/2 conformance, each row plain, over TLS and byte by byte, and tests of the
// table itself.
#include <algorithm>
#include <array>
#include <cctype>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/apns/http2/conformance_case.h"
#include "tests/apns/http2/conformance_runner.h"

namespace apns::http2::test {

namespace {

constexpr std::array kWays{Way::Plain, Way::Tls, Way::Bytewise};

class Http2Conformance : public testing::TestWithParam<Case> {};

TEST_P(Http2Conformance, AnswersAsTheRowSays) {
  const Case& row = GetParam();
  for (const Way way : kWays) {
    EXPECT_EQ(run(row, way), expected(row))
        << row.section << ": a client that " << row.says << " (" << to_string(way) << ")";
  }
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
  std::string name(info.param.id);
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rows, Http2Conformance, testing::ValuesIn(conformance_rows()), test_name);

/// Errors that only a server can make, or that a client's peer can see; client_conformance_test.cpp
/// has them.
const std::set<Rule> kSeenByClientsOnly{Rule::PushPromiseLength,    Rule::PushPromiseOnConnection,
                                        Rule::EnablePushFromServer, Rule::PushPromiseDisabled,
                                        Rule::PushPromiseState,     Rule::PromisedIdIllegal,
                                        Rule::StatusIllegal,        Rule::InformationalEndsStream,
                                        Rule::SwitchingProtocols,   Rule::DataBeforeHeaders};

TEST(Http2ConformanceTable, HasARowForEveryRuleThatAServerCanSee) {
  std::set<Rule> seen;
  for (const Case& row : conformance_rows()) {
    seen.insert(row.expect.rules.begin(), row.expect.rules.end());
  }
  for (const RuleRow& rule : rule_rows()) {
    EXPECT_NE(seen.contains(rule.rule), kSeenByClientsOnly.contains(rule.rule)) << rule.id;
  }
}

TEST(Http2ConformanceTable, HasEachNameOnce) {
  std::set<std::string_view> names;
  for (const Case& row : conformance_rows()) {
    EXPECT_TRUE(names.insert(row.id).second) << row.id;
  }
}

/// How many cases the suite h2spec (version 2.6) has in each of its sections.
const std::map<std::string, std::size_t> kSuite{
    {"generic/1", 1},     {"generic/2", 5},     {"generic/3.1", 3},   {"generic/3.2", 3},
    {"generic/3.3", 5},   {"generic/3.4", 1},   {"generic/3.5", 1},   {"generic/3.7", 1},
    {"generic/3.8", 1},   {"generic/3.9", 2},   {"generic/3.10", 2},  {"generic/4", 4},
    {"generic/5", 15},    {"http2/3.5", 2},     {"http2/4.1", 3},     {"http2/4.2", 3},
    {"http2/4.3", 3},     {"http2/5.1", 13},    {"http2/5.1.1", 2},   {"http2/5.1.2", 1},
    {"http2/5.3.1", 2},   {"http2/5.4.1", 2},   {"http2/5.5", 2},     {"http2/6.1", 3},
    {"http2/6.2", 4},     {"http2/6.3", 2},     {"http2/6.4", 3},     {"http2/6.5", 3},
    {"http2/6.5.2", 5},   {"http2/6.5.3", 2},   {"http2/6.7", 4},     {"http2/6.8", 1},
    {"http2/6.9", 3},     {"http2/6.9.1", 3},   {"http2/6.9.2", 3},   {"http2/6.10", 6},
    {"http2/7", 2},       {"http2/8.1", 1},     {"http2/8.1.2", 1},   {"http2/8.1.2.1", 4},
    {"http2/8.1.2.2", 2}, {"http2/8.1.2.3", 7}, {"http2/8.1.2.6", 2}, {"http2/8.2", 1},
    {"hpack/2.3.3", 2},   {"hpack/4.2", 1},     {"hpack/5.2", 3},     {"hpack/6.1", 1},
    {"hpack/6.3", 1}};

TEST(Http2ConformanceTable, HasACounterpartOfEveryCaseOfAPublicSuite) {
  std::map<std::string, std::set<std::string>> cases;  // by section
  for (const Case& row : conformance_rows()) {
    std::istringstream names{std::string(row.suite)};
    for (std::string name; names >> name;) {
      const std::size_t slash = name.rfind('/');
      EXPECT_TRUE(cases[name.substr(0, slash)].insert(name.substr(slash + 1)).second) << name;
    }
  }
  std::size_t total = 0;
  for (const auto& [section, num_cases] : kSuite) {
    std::set<std::string> wanted;
    for (std::size_t i = 1; i <= num_cases; ++i) {
      wanted.insert(std::to_string(i));
    }
    EXPECT_EQ(cases[section], wanted) << section;
    total += num_cases;
  }
  EXPECT_EQ(cases.size(), kSuite.size());
  std::cout << "counterparts of h2spec: " << total << " cases in " << kSuite.size()
            << " sections\n";
}

/// A row that a session without the rule passes too would prove nothing.
TEST(Http2ConformanceTable, FailsWhereItsRuleIsIgnored) {
  std::size_t num_mutants = 0;
  for (const Case& row : conformance_rows()) {
    if (row.expect.rules.empty() || !rule_row(row.expect.rules.front()).can_pass) {
      continue;
    }
    ++num_mutants;
    const Outcome outcome = run(row, Way::Plain, [&row](SessionOptions& options) {
      options.reactions.set(row.expect.rules.front(), Reaction::Ignore);
    });
    EXPECT_NE(outcome, expected(row)) << row.id;
  }
  EXPECT_GT(num_mutants, 50U);
  std::cout << "mutants killed: " << num_mutants << "\n";
}

/// A stream error may be made a connection error (RFC 9113 section 5.4.2 allows that).
TEST(Http2ConformanceTable, EndsTheConnectionWhereAStreamErrorIsToCloseIt) {
  std::size_t num_rows = 0;
  for (const Case& row : conformance_rows()) {
    if (row.expect.rules.empty() || rule_row(row.expect.rules.front()).scope != Scope::Stream) {
      continue;
    }
    ++num_rows;
    const Outcome outcome = run(row, Way::Plain, [&row](SessionOptions& options) {
      options.reactions.set(row.expect.rules.front(), Reaction::Close);
    });
    EXPECT_NE(outcome.frames.find("GOAWAY "), std::string::npos) << row.id;
    EXPECT_NE(outcome.frames.find(", closed"), std::string::npos) << row.id;
    EXPECT_EQ(outcome.frames.find("RST_STREAM "), std::string::npos) << row.id;
  }
  EXPECT_GT(num_rows, 50U);
}

TEST(Http2ConformanceTable, PrintsItself) {
  struct Line {
    std::size_t num_cases = 0;
    std::size_t num_passes = 0;
  };

  std::map<std::string_view, Line> sections;
  Line total;
  for (const Case& row : conformance_rows()) {
    const bool passes =
        std::ranges::all_of(kWays, [&row](Way way) { return run(row, way) == expected(row); });
    for (Line* line : {&sections[row.section], &total}) {
      ++line->num_cases;
      line->num_passes += passes ? 1 : 0;
    }
  }
  std::cout << "section                      cases  passes\n";
  const auto print = [](std::string_view name, const Line& line) {
    std::string text(name);
    text.resize(29, ' ');
    std::cout << text << line.num_cases << "  " << line.num_passes << "\n";
  };
  for (const auto& [section, line] : sections) {
    print(section, line);
  }
  print("total", total);
  EXPECT_EQ(total.num_passes, total.num_cases);
}

}  // namespace

}  // namespace apns::http2::test
