// The client's table of conformance, each row plain, over TLS and byte by byte.
#include "tests/apns/http2/client_conformance.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iostream>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace apns::http2::test {

namespace {

constexpr std::array kWays{Way::Plain, Way::Tls, Way::Bytewise};

class Http2ClientConformance : public testing::TestWithParam<ClientCase> {};

TEST_P(Http2ClientConformance, AnswersAsTheRowSays) {
  const ClientCase& row = GetParam();
  for (const Way way : kWays) {
    EXPECT_EQ(run(row, way), expected(row))
        << row.section << ": a server that " << row.says << " (" << to_string(way) << ")";
  }
}

std::string test_name(const testing::TestParamInfo<ClientCase>& info) {
  std::string name(info.param.id);
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rows, Http2ClientConformance, testing::ValuesIn(client_rows()), test_name);

TEST(Http2ClientConformanceTable, HasARowForEveryRuleThatOnlyAClientCanSee) {
  std::set<Rule> seen;
  for (const ClientCase& row : client_rows()) {
    seen.insert(row.expect.rules.begin(), row.expect.rules.end());
  }
  for (const Rule rule :
       {Rule::PushPromiseLength, Rule::PushPromiseOnConnection, Rule::EnablePushFromServer,
        Rule::PushPromiseDisabled, Rule::PushPromiseState, Rule::PromisedIdIllegal,
        Rule::StatusIllegal, Rule::InformationalEndsStream, Rule::SwitchingProtocols,
        Rule::DataBeforeHeaders}) {
    EXPECT_TRUE(seen.contains(rule)) << rule_row(rule).id;
  }
  std::cout << "rows for a client: " << client_rows().size() << ", of " << seen.size()
            << " rules\n";
}

TEST(Http2ClientConformanceTable, FailsWhereItsRuleIsIgnored) {
  std::size_t num_mutants = 0;
  for (const ClientCase& row : client_rows()) {
    if (row.expect.rules.empty() || !rule_row(row.expect.rules.front()).can_pass) {
      continue;
    }
    ++num_mutants;
    const ClientOutcome outcome = run(row, Way::Plain, [&row](SessionOptions& options) {
      options.reactions.set(row.expect.rules.front(), Reaction::Ignore);
    });
    EXPECT_NE(outcome, expected(row)) << row.id;
  }
  EXPECT_GT(num_mutants, 20U);
  std::cout << "mutants killed: " << num_mutants << "\n";
}

}  // namespace

}  // namespace apns::http2::test
