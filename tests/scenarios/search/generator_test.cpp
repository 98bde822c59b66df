#include "scenarios/search/generator.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_loader.h"
#include "scenarios/runner/scenario_writer.h"
#include "scenarios/runner/service_lies.h"
#include "scenarios/search/search.h"

namespace apns::scenarios::search {
namespace {

constexpr std::uint64_t kNumSeeds = 500;

std::string written(const Scenario& scenario) {
  std::ostringstream out;
  write_scenario(scenario, out);
  return out.str();
}

TEST(Generator, MakesTheSameCaseOfTheSameSeed) {
  for (std::uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    EXPECT_EQ(written(make_case(seed).scenario), written(make_case(seed).scenario));
  }
  EXPECT_NE(written(make_case(1).scenario), written(make_case(2).scenario));
}

TEST(Generator, MakesScenariosThatAFileCanHave) {
  for (std::uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    const Scenario made = make_case(seed).scenario;
    const Scenario read = load_scenario(written(made), made.file);
    EXPECT_EQ(written(read), written(made)) << seed;
    EXPECT_EQ(read.faults, made.faults) << seed;
    EXPECT_EQ(read.network, made.network) << seed;
    ASSERT_EQ(read.notifications.size(), made.notifications.size()) << seed;
    for (std::size_t i = 0; i < made.notifications.size(); ++i) {
      EXPECT_EQ(read.notifications[i].device_token, made.notifications[i].device_token);
      EXPECT_EQ(read.notifications[i].payload, made.notifications[i].payload);
    }
    ASSERT_EQ(read.workload.size(), made.workload.size()) << seed;
    for (std::size_t i = 0; i < made.workload.size(); ++i) {
      EXPECT_EQ(read.workload[i].text, made.workload[i].text) << seed;
    }
  }
}

/// What a file has shall come to the same as the seed.
TEST(Generator, MakesFilesThatRunAsTheSeedDoes) {
  Runner runner(RuleCatalogue::embedded());
  for (std::uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    const Case made = make_case(seed);
    if (made.host != HostKind::Memory) {
      continue;  // two handshakes never have the same bytes
    }
    Case read = made;
    read.scenario = load_scenario(written(made.scenario), made.scenario.file);
    const CaseReport of_seed = run_case(made, runner);
    const CaseReport of_file = run_case(read, runner);
    EXPECT_EQ(of_seed.outcomes, of_file.outcomes) << seed;
    EXPECT_EQ(of_seed.events.size(), of_file.events.size()) << seed;
  }
}

TEST(Generator, VariesWhatMatters) {
  std::set<std::string> seen;
  std::uint64_t num_tls = 0;
  std::uint64_t num_honest = 0;
  Runner runner(RuleCatalogue::embedded());
  for (std::uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    const Case made = make_case(seed);
    const Scenario& scenario = made.scenario;
    const auto note = [&seen](bool happens, const char* what) {
      if (happens) {
        seen.insert(what);
      }
    };
    num_tls += made.host == HostKind::MemoryTls ? 1 : 0;
    note(scenario.notifications.size() >= 100, "hundreds");
    note(scenario.client.resend_unknown, "resend_unknown");
    note(scenario.client.window_len < 65536, "window_len");
    note(scenario.client.window_bytes < 4096, "window_bytes");
    note(scenario.refuse_connections > 0, "refuse_connections");
    note(scenario.network->size() > 1, "links");
    for (const mock::FaultRule& rule : scenario.faults) {
      note(rule.idle.has_value(), "idle");
      note(rule.then.tls_alert.has_value(), "tls_alert");
      note(rule.then.bandwidth > 0, "bandwidth");
      note(rule.then.no_answer, "no_answer");
      note(!rule.then.raw.empty(), "raw");
    }
    if (made.host == HostKind::Memory) {
      const CaseReport report = run_case(made, runner);
      num_honest += find_lies(scenario, false, report.events, report.attempts).empty() ? 1U : 0U;
    }
  }
  EXPECT_EQ(seen.size(), 11U);
  EXPECT_GT(num_tls, kNumSeeds / 40);
  EXPECT_LT(num_tls, kNumSeeds / 8);
  EXPECT_GT(num_honest, kNumSeeds * 6 / 10) << "most services tell the truth";
  EXPECT_LT(num_honest, kNumSeeds * 9 / 10);
}

}  // namespace
}  // namespace apns::scenarios::search
