#include "scenarios/search/search.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "scenarios/search/generator.h"
#include "scenarios/search/search_report.h"

namespace apns::scenarios::search {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// Every tenth seed, from 25 on, has a service that swallows all behind a magic device token.
Case every_tenth_fails(std::uint64_t seed) {
  Case one = make_case(1, SearchProtocol::Binary);
  Scenario& scenario = one.scenario;
  one.host = HostKind::Memory;
  scenario.seed = seed;
  scenario.faults.clear();
  scenario.refuse_connections = 0;
  scenario.network = std::vector<LinkPlan>();
  scenario.client = provider::BinaryClientOptions();
  scenario.notifications.assign(3, Notification{device_token_of(1), "1"});
  if (seed >= 25 && seed % 10 == 5) {
    scenario.notifications[0].device_token =
        *DeviceToken::parse("fa11c1050200" + std::string(52, '0'));
  }
  for (std::uint32_t n = 2; n <= 3; ++n) {
    scenario.notifications[n - 1].device_token = device_token_of(n);
  }
  scenario.workload = {Step{SendStep{1, 3}, "", "", {}},
                       Step{DrainStep{std::chrono::seconds(60)}, "", "", {}}};
  finish_scenario(scenario);
  return one;
}

SearchOptions options(unsigned jobs, bool stop_at_first) {
  SearchOptions options;
  options.first_seed = 1;
  options.last_seed = 100;
  options.jobs = jobs;
  options.stop_at_first = stop_at_first;
  options.make = every_tenth_fails;
  return options;
}

TEST(Search, FindsTheLowestSeedThatFailsWhateverTheThreads) {
  for (const unsigned jobs : {1U, 2U, 5U}) {
    const SearchReport report = search(options(jobs, true), {});
    ASSERT_THAT(report.failures, SizeIs(1)) << jobs;
    EXPECT_EQ(report.failures[0].seed, 25U) << jobs;
    EXPECT_EQ(report.failures[0].kind(), "discarded and never offered again");
  }
}

TEST(Search, GoesOnToTheEndIfAskedTo) {
  std::uint64_t told = 0;
  const SearchReport report =
      search(options(3, false), [&told](std::uint64_t num_done) { told = num_done; });
  EXPECT_THAT(report.failures, SizeIs(8));
  EXPECT_EQ(report.tally.conversations, 100U);
  EXPECT_EQ(report.tally.notifications, 300U);
  EXPECT_EQ(told, 100U);
}

TEST(Search, CountsTheSameWhateverTheThreads) {
  SearchOptions one;
  one.last_seed = 200;
  one.stop_at_first = false;
  SearchOptions many = one;
  many.jobs = 4;
  // TLS differs by some bytes from run to run.
  one.make = many.make = [](std::uint64_t seed) {
    Case made = make_case(seed);
    made.host = HostKind::Memory;
    return made;
  };
  EXPECT_EQ(search(one, {}).tally, search(many, {}).tally);
}

TEST(SearchReport, SaysWhatWasTriedAndWhatHappened) {
  SearchOptions some;
  some.first_seed = 11;
  some.last_seed = 60;
  const SearchReport report = search(some, {});
  std::ostringstream text;
  write_text(report, text);
  EXPECT_THAT(text.str(), HasSubstr("search      seeds 11-60: 50 conversations in "));
  EXPECT_THAT(text.str(), HasSubstr("\nfaults      "));
  EXPECT_THAT(text.str(), testing::EndsWith("\npassed\n"));
  std::ostringstream out;
  write_json(report, nullptr, out);
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["passed"], true);
  EXPECT_EQ(json["conversations"], 50);
  EXPECT_GT(json["faults"]["reject"], 0);
  EXPECT_EQ(json["excused"], report.tally.excused);
}

TEST(KindOf, IsTheFindingWithoutItsNumbers) {
  CaseReport report;
  EXPECT_EQ(kind_of(report), "");
  report.findings.push_back(
      Finding{"invariant", {}, "e", "1-3,7 reported sent, never accepted", true});
  EXPECT_EQ(kind_of(report), "reported sent never accepted");
  report.findings = {Finding{"workload[3]", {}, "drained within 5000 ms", "a"}};
  EXPECT_EQ(kind_of(report), "drained within ms");
  report.verdict = CaseVerdict::Error;
  report.why = "it broke";
  EXPECT_EQ(kind_of(report), "error: it broke");
}

}  // namespace
}  // namespace apns::scenarios::search
