#include "scenarios/runner/network_reader.h"

#include <gtest/gtest.h>

#include "scenarios/runner/memory_scenario_host.h"
#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_loader.h"

namespace apns::scenarios {
namespace {

using std::chrono::milliseconds;

constexpr const char* kFile = "scenarios/test/network.json";

std::string text_with(const std::string& network, const std::string& outcomes) {
  return R"({"title": "t", "rules": ["binary/fields-arrive-unchanged"], "source": ["s"],
"protocol": "binary", "seed": 7,
"network": )" +
         network + R"(,
"workload": [{"options": {"settle_after": "100ms", "max_attempts": 2}}, {"send": 3},
             {"drain": "60s"}],
"expect": {"outcomes": )" +
         outcomes + "}}";
}

Scenario with(const std::string& network, const std::string& outcomes = R"({"any": "1-3"})") {
  return load_scenario(text_with(network, outcomes), kFile);
}

CaseVerdict verdict_of(const Scenario& scenario, HostKind host = HostKind::Memory) {
  return Runner(RuleCatalogue::embedded()).run(scenario, host, {}).verdict;
}

TEST(Network, ReadsEveryKeyOfALink) {
  const Scenario scenario = with(R"({"links": [
    {"connection": "2-3", "latency": "5ms", "split_min": 2, "split_max": 7, "window": 90,
     "reset_after_to_server": 40, "reset_after_to_client": 0, "refuse": true,
     "stalled_server": true},
    {"connection": 4, "hang": true}]})");
  LinkOptions link;
  link.latency = milliseconds(5);
  link.split_min = 2;
  link.split_max = 7;
  link.window = 90;
  link.reset_after_to_server = 40;
  link.reset_after_to_client = 0;
  link.refuse = true;
  link.stalled_server = true;
  LinkOptions hanging;
  hanging.hang = true;
  EXPECT_EQ(planned_link(scenario, 7, 1), LinkOptions());
  EXPECT_EQ(planned_link(scenario, 7, 2), link);
  EXPECT_EQ(planned_link(scenario, 7, 3), link);
  EXPECT_EQ(planned_link(scenario, 7, 4), hanging);
}

TEST(Network, TheFirstLinkThatNamesAConnectionCounts) {
  const Scenario scenario = with(R"({"links": [{"connection": 1, "latency": "1ms"},
                                               {"connection": "1-", "latency": "2ms"}]})");
  EXPECT_EQ(planned_link(scenario, 7, 1).latency, milliseconds(1));
  EXPECT_EQ(planned_link(scenario, 7, 9).latency, milliseconds(2));
}

TEST(Network, IsWhatTheConversationRunsOver) {
  EXPECT_EQ(verdict_of(with(R"({"links": []})", R"({"sent": "1-3"})")), CaseVerdict::Pass);
  EXPECT_EQ(verdict_of(with(R"({"links": [{"connection": "1-", "refuse": true}]})",
                            R"({"rejected": {"1-3": "unsent"}})")),
            CaseVerdict::Pass);
  EXPECT_EQ(verdict_of(with(R"({"links": [{"connection": 1, "reset_after_to_server": 100}]})",
                            R"({"unknown": {"1-3": "connection-lost"}})")),
            CaseVerdict::Pass);
}

TEST(Network, IsOfTheMemoryHosts) {
  const Scenario scenario = with(R"({"links": []})");
  EXPECT_EQ(obstacle(scenario, HostKind::Memory), "");
  EXPECT_EQ(obstacle(scenario, HostKind::MemoryTls), "");
  EXPECT_EQ(obstacle(scenario, HostKind::Sockets), "its links are the memory hosts'");
}

struct Case {
  const char* name;
  const char* network;
  const char* error;  // behind the file name

  friend void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }
};

class NetworkErrors : public testing::TestWithParam<Case> {};

TEST_P(NetworkErrors, SayWhereWhatAndWhatWouldBeRight) {
  try {
    (void)with(GetParam().network);
    FAIL() << "it was accepted";
  } catch (const json::Error& error) {
    EXPECT_EQ(std::string(error.what()), std::string(kFile) + GetParam().error);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, NetworkErrors,
    testing::Values(
        Case{"UnknownKey", R"({"links": [{"connection": 1, "latncy": "1ms"}]})",
             ":3:41: \"latncy\" is not a key of link; did you mean \"latency\"? Keys: connection, "
             "latency, split_min, split_max, window, reset_after_to_server, "
             "reset_after_to_client, refuse, hang, stalled_server."},
        Case{"NoConnection", R"({"links": [{"refuse": true}]})",
             ":3:23: link needs \"connection\""},
        Case{"NoLinks", "{}", ":3:12: network needs \"links\""},
        Case{"LongLatency", R"({"links": [{"connection": 1, "latency": "2m"}]})",
             ":3:52: \"2m\" is not a latency. Write it as \"200us\", \"5ms\" or \"2s\"; 1m at "
             "most."},
        Case{"EmptyWindow", R"({"links": [{"connection": 1, "window": 0}]})",
             ":3:51: window must be a whole number from 1 to 1073741824, not 0."},
        Case{"SplitTheWrongWay", R"({"links": [{"connection": 1, "split_min": 9}]})",
             ":3:23: split_min is more than split_max. A delivery has as many bytes as are drawn "
             "between the two: give split_max too, and make it the larger one."},
        Case{"RefusedAndHanging", R"({"links": [{"connection": 1, "refuse": true, "hang": true}]})",
             ":3:23: A connect attempt is either refused or never answered. Keep refuse or "
             "hang."}),
    [](const testing::TestParamInfo<Case>& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace apns::scenarios
