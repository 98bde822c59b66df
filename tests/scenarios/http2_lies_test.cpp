#include "scenarios/runner/http2_lies.h"

#include <gtest/gtest.h>

#include "scenarios/runner/scenario_loader.h"

namespace apns::scenarios {
namespace {

/// Of notification 1 on connection 1, as the request of that number.
std::vector<NumberedEvent> accepted(const std::string& payload, std::uint64_t nth) {
  NumberedEvent made;
  made.n = 1;
  made.event.kind = mock::EventKind::Notification;
  made.event.seq = 9;
  made.event.connection = 1;
  made.event.nth = nth;
  made.event.payload = payload;
  return {made};
}

TEST(FindTakenInPart, NamesWhatAScriptTookEarlyAndNothingElse) {
  const Scenario scenario = load_scenario(
      R"({"title": "t", "rules": ["r"], "source": ["s"], "protocol": "http2",
          "service": {"connections": [{"steps": [{"answer": 2, "before_body": true}, {"answer": "1-"}]}]},
          "workload": [{"send": 1, "payload": "1234"}, {"drain": "1s"}],
          "expect": {"outcomes": {"any": "1"}}})",
      "a.json");
  const std::set<std::uint64_t> taken = {9};
  const std::set<std::uint64_t> none;
  EXPECT_EQ(find_taken_in_part(scenario, accepted("12", 2)), taken);
  EXPECT_EQ(find_taken_in_part(scenario, accepted("", 2)), taken);
  EXPECT_EQ(find_taken_in_part(scenario, accepted("1234", 2)), none) << "all of it";
  EXPECT_EQ(find_taken_in_part(scenario, accepted("13", 2)), none) << "something else";
  EXPECT_EQ(find_taken_in_part(scenario, accepted("12", 1)), none) << "that one was waited for";
  std::vector<NumberedEvent> served = accepted("12", 2);
  served[0].event.connection = 2;
  EXPECT_EQ(find_taken_in_part(scenario, served), none) << "served as usual";
}

}  // namespace
}  // namespace apns::scenarios
