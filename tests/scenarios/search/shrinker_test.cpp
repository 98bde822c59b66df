#include "scenarios/search/shrinker.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_loader.h"
#include "scenarios/runner/scenario_writer.h"
#include "scenarios/search/generator.h"
#include "scenarios/search/search.h"

namespace apns::scenarios::search {
namespace {

std::string written(const Scenario& scenario) {
  std::ostringstream out;
  write_scenario(scenario, out);
  return out.str();
}

/// Everything below its "service".
std::string body(const Scenario& scenario) {
  const std::string text = written(scenario);
  return text.substr(text.find("  \"network\""));
}

bool has_rst(const Scenario& scenario) {
  return std::ranges::any_of(scenario.faults, [](const mock::FaultRule& rule) {
    return rule.then.close == mock::FaultClose::Rst;
  });
}

/// Goes wrong where a service resets and the provider has three notifications.
std::string planted(const Case& one) {
  return has_rst(one.scenario) && one.scenario.notifications.size() >= 3 ? "planted" : "";
}

TEST(Shrinker, LeavesWhatIsNeededAndNothingElse) {
  std::uint64_t num_tried = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const Case original = make_case(seed);
    if (planted(original).empty()) {
      continue;
    }
    ++num_tried;
    const Case smallest = shrink(original, planted).smallest;
    EXPECT_EQ(planted(smallest), "planted");
    ASSERT_EQ(smallest.scenario.faults.size(), 1U) << seed;
    mock::FaultAction reset;
    reset.close = mock::FaultClose::Rst;
    EXPECT_EQ(smallest.scenario.faults[0].then, reset) << seed;
    EXPECT_EQ(smallest.host, HostKind::Memory);
    EXPECT_EQ(body(smallest.scenario),
              "  \"network\": {\"links\": []},\n"
              "  \"workload\": [\n"
              "    {\"send\":3},\n"
              "    {\"drain\":\"60s\"}\n"
              "  ],\n"
              "  \"expect\": {\"outcomes\": {\"any\": \"1-3\"}}\n}\n")
        << seed;
  }
  EXPECT_GT(num_tried, 20U);
}

TEST(Shrinker, EndsWhenEverythingGoesWrong) {
  const Shrunk shrunk = shrink(make_case(7), [](const Case&) { return "always"; });
  EXPECT_EQ(shrunk.smallest.scenario.notifications.size(), 1U);
  EXPECT_TRUE(shrunk.smallest.scenario.faults.empty());
  EXPECT_LT(shrunk.num_tries, 500U);
}

TEST(Shrinker, KeepsTheKindOfFinding) {
  // Two ways to go wrong: the one that was there first must stay.
  const auto judge = [](const Case& one) {
    const std::size_t num = one.scenario.notifications.size();
    return std::string(num >= 5 ? "large" : num >= 1 ? "small" : "");
  };
  Case original = make_case(7);
  ASSERT_EQ(judge(original), "large");
  EXPECT_EQ(shrink(original, judge).smallest.scenario.notifications.size(), 5U);
}

/// A violation that a conversation really has: a magic device token that makes the service vanish
/// is nobody's lie but the script's.
TEST(Shrinker, MakesAFileThatFailsAlike) {
  Case original = make_case(7);
  original.host = HostKind::Memory;
  Scenario& scenario = original.scenario;
  scenario.client = provider::BinaryClientOptions();
  scenario.refuse_connections = 0;
  scenario.faults.clear();
  LinkOptions link;
  link.latency = std::chrono::milliseconds(3);
  link.window = 4000;
  scenario.network = {LinkPlan{NumberSet(1, UINT64_MAX), link}};
  scenario.notifications.clear();
  for (std::uint32_t n = 1; n <= 6; ++n) {
    scenario.notifications.push_back(Notification{device_token_of(n), payload_of(n)});
  }
  scenario.notifications[1].device_token =
      *DeviceToken::parse("fa11c1050200" + std::string(52, '0'));
  scenario.workload.clear();
  for (std::uint64_t n = 1; n <= 6; ++n) {
    scenario.workload.push_back(Step{SendStep{n, n}, "", "", {}});
  }
  scenario.workload.push_back(Step{AdvanceStep{std::chrono::seconds(1)}, "", "", {}});
  scenario.workload.push_back(Step{DrainStep{std::chrono::seconds(60)}, "", "", {}});
  finish_scenario(scenario);

  Runner runner(RuleCatalogue::embedded());
  const Judge judge = [&runner](const Case& one) { return kind_of(run_case(one, runner)); };
  ASSERT_EQ(judge(original), "discarded and never offered again");
  const Case smallest = shrink(original, judge).smallest;
  EXPECT_EQ(body(smallest.scenario),
            "  \"network\": {\"links\": []},\n"
            "  \"workload\": [\n"
            "    {\"send\":2,\"device_tokens\":[\"fa11c1050200" +
                std::string(52, '0') + "\",\"" + device_token_of(2).to_hex() +
                "\"]},\n"
                "    {\"drain\":\"60s\"}\n"
                "  ],\n"
                "  \"expect\": {\"outcomes\": {\"any\": \"1-2\"}}\n}\n");
  Case read = smallest;
  read.scenario = load_scenario(written(smallest.scenario), "again.json");
  EXPECT_EQ(judge(read), "discarded and never offered again");
}

}  // namespace
}  // namespace apns::scenarios::search
