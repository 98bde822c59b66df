#include "scenarios/runner/runner.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/ledger_text.h"
#include "scenarios/deviations/deviation.h"
#include "scenarios/runner/report.h"
#include "scenarios/runner/scenario_loader.h"
#include "scenarios/runner/scenario_set.h"

namespace apns::scenarios {

// For GoogleTest, which finds it by the argument's namespace.
static void PrintTo(HostKind host, std::ostream* out) {
  *out << to_string(host);
}

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A catalogue of one must and one should.
const RuleCatalogue& two_rules() {
  static const RuleCatalogue kRules = RuleCatalogue::load(
      R"([{"id": "test/must", "level": "must", "text": "t", "source": "s", "confidence": "observed",
           "evidence": "wire", "binds": "provider"},
          {"id": "test/should", "level": "should", "text": "t", "source": "s",
           "confidence": "observed", "evidence": "wire", "binds": "provider"}])",
      "rules.json");
  return kRules;
}

/// Five notifications of which the service rejects the third. `head` is inserted as more keys of
/// the scenario.
Scenario five(const std::string& rule, const std::string& outcomes, const std::string& ledger,
              const std::string& head = "") {
  return load_scenario("{" + head + R"("title": "t", "rules": [")" + rule +
                           R"("], "source": ["s"], "protocol": "binary",
       "service": {"faults": [{"when": {"connection": 1, "nth": 3}, "then": {"reject": 8},
                               "times": 1}]},
       "workload": [{"options": {"settle_after": "200ms"}}, {"send": 5}, {"drain": "5s"}],
       "expect": {"outcomes": )" +
                           outcomes + R"(, "ledger": )" + ledger + "}}",
                       "scenarios/test/five.json");
}

constexpr const char* kRight = R"({"sent": "1-2,4-5", "rejected": {"3": 8}})";
constexpr const char* kWrong = R"({"sent": "1-5"})";

CaseReport run(const Scenario& scenario, HostKind host = HostKind::Memory,
               const CheckOptions& options = {}) {
  return Runner(two_rules()).run(scenario, host, options);
}

/// "memory", "tls", "sockets"; GoogleTest wants letters only.
std::string word_for(HostKind host) {
  return host == HostKind::Memory ? "memory" : std::string(to_string(host));
}

class EachHost : public testing::TestWithParam<HostKind> {};

TEST_P(EachHost, PassesWhatIsRight) {
  const CaseReport report = run(
      five("test/must", kRight, R"([{"event": "connection", "outcome": "opened", "count": 2}])"),
      GetParam());
  EXPECT_EQ(report.verdict, CaseVerdict::Pass) << describe_case(report, two_rules());
  EXPECT_THAT(report.frames, IsEmpty());
}

TEST_P(EachHost, FailsAWrongOutcomeAndShowsWhatPassed) {
  const CaseReport report = run(five("test/must", kWrong, "[]"), GetParam());
  EXPECT_EQ(report.verdict, CaseVerdict::Fail);
  const std::string text = describe_case(report, two_rules());
  EXPECT_THAT(text, HasSubstr("FAIL test/five [" + std::string(to_string(GetParam())) +
                              "]   must   test/must\n"));
  EXPECT_THAT(text, HasSubstr("  step       expect.outcomes\n"
                              "  expected   3 sent\n"
                              "  actual     3 rejected (8)\n"));
  EXPECT_THAT(text, HasSubstr("#1 service > provider   08 08 00 00 00 03   error packet, status 8 "
                              "(invalid token), identifier 3\n"));
  EXPECT_THAT(text, HasSubstr("  seed       4711\n"
                              "  again      apnslab check test/five --" +
                              std::string(to_string(GetParam())) + " --seed 4711\n"));
}

TEST_P(EachHost, FailsWhatArrivedAlthoughItMustNot) {
  const CaseReport report =
      run(five("test/must", kRight, R"([{"event": "notification", "connection": 2, "count": 0}])"),
          GetParam());
  EXPECT_EQ(report.verdict, CaseVerdict::Fail);
  EXPECT_THAT(describe_case(report, two_rules()),
              HasSubstr("  step       expect.ledger[0] (scenarios/test/five.json:5:85)\n"
                        "  expected   0 in all: notification events, connection 2\n"
                        "  actual     2: #2 accepted n 4; #2 accepted n 5\n"));
}

TEST_P(EachHost, FailsAStepThatIsNeverReached) {
  const Scenario scenario = load_scenario(
      R"({"title": "t", "rules": ["test/must"], "source": ["s"], "protocol": "binary",
          "workload": [{"options": {"settle_after": "50ms"}}, {"send": 1},
                       {"wait_for": {"event": "notification", "outcome": "rejected"},
                        "within": "200ms"},
                       {"drain": "5s"}],
          "expect": {"outcomes": {"sent": "1"}}})",
      "scenarios/test/waits.json");
  const CaseReport report = run(scenario, GetParam());
  EXPECT_EQ(report.verdict, CaseVerdict::Fail);
  ASSERT_THAT(report.findings, Not(IsEmpty()));
  EXPECT_THAT(report.findings[0].step, testing::StartsWith("workload[2] {\"wait_for\""));
  EXPECT_EQ(report.findings[0].expected, "1 within 200 ms: rejected notification events");
  EXPECT_EQ(report.findings[0].actual, "0");
}

INSTANTIATE_TEST_SUITE_P(All, EachHost, testing::ValuesIn(kAllHosts),
                         [](const testing::TestParamInfo<HostKind>& row) {
                           return word_for(row.param);
                         });

TEST(Runner, IsLenientWhereARuleOnlySaysShould) {
  EXPECT_EQ(run(five("test/should", kWrong, "[]")).verdict, CaseVerdict::NonStrict);
  EXPECT_EQ(run(five("test/should", kRight, "[]")).verdict, CaseVerdict::Pass);
}

TEST(Runner, SkipsAHostThatTheScenarioExcludes) {
  const Scenario scenario =
      five("test/must", kWrong, "[]", R"("not_in": {"in-memory": "needs a kernel"}, )");
  const CaseReport report = run(scenario);
  EXPECT_EQ(report.verdict, CaseVerdict::Skipped);
  EXPECT_EQ(report.why, "needs a kernel");
  EXPECT_EQ(run(scenario, HostKind::MemoryTls).verdict, CaseVerdict::Fail);
}

TEST(Runner, SkipsSocketsWhereTheClockMustJump) {
  const Scenario scenario = load_scenario(
      R"({"title": "t", "rules": ["test/must"], "source": ["s"], "protocol": "binary",
          "needs": ["clock"],
          "workload": [{"send": 1}, {"advance": "90m"}, {"send": 1}, {"drain": "5s"}],
          "expect": {"outcomes": {"sent": "1-2"},
                     "ledger": [{"event": "connection", "outcome": "opened", "count": 1}]}})",
      "scenarios/test/hours.json");
  EXPECT_EQ(run(scenario, HostKind::Sockets).verdict, CaseVerdict::Skipped);
  const CaseReport report = run(scenario);
  EXPECT_EQ(report.verdict, CaseVerdict::Pass) << describe_case(report, two_rules());
  EXPECT_GE(report.events.back().event.at - kManualStart, std::chrono::minutes(90));
}

TEST(Runner, ShowsTheFramesOfHttp2) {
  const Scenario scenario = load_scenario(
      R"({"title": "t", "rules": ["test/must"], "source": ["s"], "protocol": "http2",
          "world": {},
          "workload": [{"send": 1}, {"drain": "5s"}],
          "expect": {"outcomes": {"sent": "1"}}})",
      "scenarios/test/frames.json");
  for (const HostKind host : kAllHosts) {
    const CaseReport report = run(scenario, host);
    EXPECT_EQ(report.verdict, CaseVerdict::Fail);
    const std::string text = describe_case(report, two_rules());
    EXPECT_THAT(text, HasSubstr("  expected   1 sent\n"
                                "  actual     1 rejected (400 BadDeviceToken)\n"));
    EXPECT_THAT(text, HasSubstr("   HEADERS, stream 1, :method POST, :scheme https, :path "
                                "/3/device/a100…0001, :authority api.push.apple.com, apns-topic "
                                "com.example.app, apns-push-type alert\n"));
    EXPECT_THAT(text, HasSubstr(R"(   DATA, stream 1, 27 bytes, END_STREAM, )"
                                R"({"reason":"BadDeviceToken"})"));
  }
}

TEST(Runner, LeavesAProviderOfAnotherProtocolAsItIs) {
  const Scenario scenario = load_scenario(
      R"({"title": "t", "rules": ["test/must"], "source": ["s"], "protocol": "http2",
          "workload": [{"send": 3}, {"drain": "5s"}],
          "expect": {"outcomes": {"sent": "1-3"}}})",
      "scenarios/test/deviates.json");
  CheckOptions options;
  options.deviation = find_deviation("identifier-is-zero");
  ASSERT_NE(options.deviation, nullptr);
  EXPECT_EQ(run(scenario, HostKind::Memory, options).verdict, CaseVerdict::Pass);
}

TEST(Runner, CallsARuleThatIsNotInTheCatalogueAnErrorOfOurs) {
  const CaseReport report = run(five("test/nowhere", kRight, "[]"));
  EXPECT_EQ(report.verdict, CaseVerdict::Error);
  EXPECT_THAT(report.why, HasSubstr("cites the rule test/nowhere, which is not in the catalogue"));
}

TEST(Runner, ExcusesWhatAServiceThatLiesKeptFromTheProvider) {
  // The packet names the one before the bad one, which was accepted: the provider cannot know.
  Scenario scenario = five("test/should", R"({"sent": "1,3-5", "rejected": {"2": 8}})", "[]");
  scenario.faults[0].then.error_packet = mock::ErrorPacketFault{
      .status = {}, .identifier = mock::ErrorPacketFault::Identifier::Previous};
  const CaseReport report = run(scenario);
  EXPECT_EQ(report.verdict, CaseVerdict::Pass) << describe_case(report, two_rules());
  EXPECT_EQ(report.num_excused, 2U) << "a rejection of what was accepted, with a foreign status";
  EXPECT_EQ(run(five("test/should", kRight, "[]")).num_excused, 0U);
}

TEST(Runner, NeverForgivesABrokenInvariant) {
  // A magic device token is the script's own wish, and no lie of the service: half-open.
  const Scenario scenario = load_scenario(
      R"({"title": "t", "rules": ["test/should"], "source": ["s"], "protocol": "binary",
          "workload": [
            {"options": {"settle_after": "50ms"}},
            {"send": 1, "device_tokens": ["fa11c1050200)" +
          std::string(52, '0') + R"("]}, {"send": 2}, {"drain": "5s"}],
          "expect": {"outcomes": {"any": "1-3"}}})",
      "scenarios/test/half_open.json");
  const CaseReport report = run(scenario);
  EXPECT_EQ(report.verdict, CaseVerdict::Fail) << "a should does not make it lenient";
  ASSERT_THAT(report.findings, Not(IsEmpty()));
  EXPECT_EQ(report.findings.back().step, "invariant");
  EXPECT_EQ(report.findings.back().actual, "2-3 reported sent, never accepted");
}

TEST(Runner, GetsPastAnIdleRuleThatWasDueWhileTheServiceWasBusy) {
  // Search, seed 91950: the service asked for ever for a deadline that was over.
  const Scenario scenario = load_scenario(
      R"({"title": "t", "rules": ["test/must"], "source": ["s"], "protocol": "binary",
          "service": {"faults": [
            {"when": {"idle": "200ms", "until": "400ms"}, "then": {"raw": "07"}},
            {"then": {"delay": "700ms"}, "times": 1}]},
          "workload": [{"send": 1}, {"drain": "5s"}],
          "expect": {"outcomes": {"sent": "1"}}})",
      "scenarios/test/busy.json");
  const CaseReport report = run(scenario);
  EXPECT_EQ(report.verdict, CaseVerdict::Pass) << describe_case(report, two_rules());
}

TEST(Runner, StopsBehindTheFirstFailureWhenAskedTo) {
  const std::vector<Scenario> scenarios = {five("test/must", kRight, "[]"),
                                           five("test/must", kWrong, "[]"),
                                           five("test/must", kRight, "[]")};
  CheckOptions options;
  options.hosts = {HostKind::Memory};
  EXPECT_EQ(Runner(two_rules()).check(scenarios, options).cases.size(), 3U);
  options.fail_fast = true;
  const CheckReport report = Runner(two_rules()).check(scenarios, options);
  EXPECT_EQ(report.cases.size(), 2U);
  EXPECT_FALSE(report.passed());
}

std::string ledger_text(const CaseReport& report) {
  std::string text;
  for (const NumberedEvent& event : report.events) {
    text += mock::to_json_line(event.event) + "\n";
  }
  return text;
}

TEST(Runner, GivesAnotherLedgerForAnotherSeed) {
  const Scenario scenario = five("test/must", kRight, "[]");
  CheckOptions one;
  one.seed = 1;
  CheckOptions two;
  two.seed = 2;
  EXPECT_NE(ledger_text(run(scenario, HostKind::Memory, one)),
            ledger_text(run(scenario, HostKind::Memory, two)));
}

// Every kShares-th scenario from the parameter on, so that the cores share the work.
class RunnerSeeds : public testing::TestWithParam<std::size_t> {};

constexpr std::size_t kShares = 8;

TEST_P(RunnerSeeds, BreakNoScenario) {
  constexpr std::uint64_t kSeeds = 200;
  constexpr std::uint64_t kNotifications = 5'000;  // of a scenario's runs together
  Runner runner(RuleCatalogue::embedded());
  CheckOptions options;
  const std::vector<Scenario> scenarios = find_scenarios({});
  for (std::size_t i = GetParam(); i < scenarios.size(); i += kShares) {
    const Scenario& scenario = scenarios[i];
    if (runner.run(scenario, HostKind::Memory, options).verdict == CaseVerdict::Skipped) {
      continue;
    }
    const std::uint64_t num_seeds =
        std::min(kSeeds, kNotifications / std::max<std::size_t>(1, scenario.notifications.size()));
    for (std::uint64_t seed = 0; seed < num_seeds; ++seed) {
      options.seed = seed;
      const CaseReport report = runner.run(scenario, HostKind::Memory, options);
      ASSERT_EQ(report.verdict, CaseVerdict::Pass)
          << describe_case(report, RuleCatalogue::embedded());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RunnerSeeds, testing::Range(std::size_t{0}, kShares));

TEST(Runner, HoldsManyConversationsASecondInMemory) {
  constexpr int kRuns = 2000;
  const std::vector<std::string> pattern = {"binary/one_notification"};
  const Scenario scenario = find_scenarios(pattern).front();
  Runner runner(RuleCatalogue::embedded());
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRuns; ++i) {
    ASSERT_EQ(runner.run(scenario, HostKind::Memory, CheckOptions()).verdict, CaseVerdict::Pass);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto a_second = static_cast<long>(kRuns / took.count());
  std::cout << scenario.id << " in memory: " << a_second << " conversations a second\n";
  RecordProperty("conversations_a_second", std::to_string(a_second));
}

}  // namespace
}  // namespace apns::scenarios
