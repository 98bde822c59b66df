#include "scenarios/search/generator.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <variant>

#include <gtest/gtest.h>

#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_loader.h"
#include "scenarios/runner/scenario_writer.h"
#include "scenarios/runner/service_lies.h"
#include "scenarios/search/binary_generator.h"
#include "scenarios/search/http2_generator.h"
#include "scenarios/search/search.h"

namespace apns::scenarios::search {
namespace {

constexpr std::uint64_t kNumSeeds = 500;

std::string written(const Scenario& scenario) {
  std::ostringstream out;
  write_scenario(scenario, out);
  return out.str();
}

TEST(Generator, HasCasesOfBothProtocols) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Scenario binary = make_case(seed, SearchProtocol::Binary).scenario;
    const Scenario http2 = make_case(seed, SearchProtocol::Http2).scenario;
    EXPECT_EQ(binary.protocol, "binary");
    EXPECT_EQ(http2.protocol, "http2");
    EXPECT_EQ(written(make_case(seed).scenario), written(seed % 2 == 1 ? binary : http2)) << seed;
  }
}

TEST(Generator, KnowsItsProtocolsByTheirWords) {
  EXPECT_EQ(parse_search_protocol("both"), SearchProtocol::Both);
  EXPECT_EQ(parse_search_protocol("binary"), SearchProtocol::Binary);
  EXPECT_EQ(parse_search_protocol("http2"), SearchProtocol::Http2);
  EXPECT_EQ(parse_search_protocol("http"), std::nullopt);
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
    EXPECT_EQ(read.notifications, made.notifications) << seed;
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

TEST(BinaryGenerator, VariesWhatMatters) {
  std::set<std::string> seen;
  std::uint64_t num_tls = 0;
  std::uint64_t num_honest = 0;
  Runner runner(RuleCatalogue::embedded());
  for (std::uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    const Case made = make_binary_case(seed);
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

/// What service and provider do of which a search over HTTP/2 makes use.
std::set<std::string> features_of(const Scenario& scenario) {
  std::set<std::string> seen;
  const auto note = [&seen](bool happens, const char* what) {
    if (happens) {
      seen.insert(what);
    }
  };
  note(scenario.notifications.size() >= 100, "hundreds");
  note(scenario.auth == Auth::ProviderToken, "provider token");
  note(!scenario.provider_token.empty(), "bad provider token");
  note(scenario.refuse_connections > 0, "refuse_connections");
  note(scenario.settings != mock::SettingsFault(), "settings");
  note(scenario.http2_client.max_streams < 10, "max_streams");
  for (const mock::FaultRule& rule : scenario.faults) {
    const mock::FaultAction& then = rule.then;
    note(rule.idle.has_value(), "idle");
    note(then.reason.has_value(), "reject");
    note(then.latency.has_value(), "latency");
    note(then.no_answer, "no_answer");
    note(then.reset_again, "reset_again");
    note(then.goaway && then.goaway->count > 1, "goaway twice");
    note(then.settings.has_value(), "changed settings");
    note(then.withhold_window, "withhold_window");
    note(then.ignore_ping, "ignore_ping");
    note(then.stop_reading, "stop_reading");
    note(!then.raw.empty(), "raw");
  }
  for (const ConnectionScript& script : scenario.connections) {
    for (const ServiceStep& step : script.steps) {
      seen.insert("step " + std::to_string(step.index()));
      const auto* answer = std::get_if<AnswerStep>(&step);
      note(answer != nullptr && answer->before_body, "before_body");
      const auto* settings = std::get_if<SendSettingsStep>(&step);
      note(settings != nullptr &&
               std::ranges::any_of(settings->entries,
                                   [](const http2::Setting& entry) {
                                     return entry.is(http2::SettingId::MaxConcurrentStreams) &&
                                            entry.value == 0;
                                   }),
           "no streams");
    }
  }
  return seen;
}

TEST(Http2Generator, VariesWhatMatters) {
  std::set<std::string> seen;
  std::uint64_t num_tls = 0;
  for (std::uint64_t seed = 1; seed <= kNumSeeds; ++seed) {
    const Case made = make_http2_case(seed);
    num_tls += made.host == HostKind::MemoryTls ? 1 : 0;
    seen.merge(features_of(made.scenario));
  }
  EXPECT_EQ(seen.size(), 17U + std::variant_size_v<ServiceStep> + 2U);
  EXPECT_GT(num_tls, kNumSeeds / 40);
  EXPECT_LT(num_tls, kNumSeeds / 8);
}

}  // namespace
}  // namespace apns::scenarios::search
