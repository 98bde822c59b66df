#include "scenarios/runner/scenario_writer.h"

#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>

#include "scenarios/runner/scenario_loader.h"

namespace apns::scenarios {
namespace {

constexpr const char* kWhole = R"({
  "title": "t",
  "rules": ["binary/x","binary/y"],
  "source": ["s"],
  "protocol": "binary",
  "profile": "2013",
  "seed": 9,
  "needs": ["clock"],
  "service": {"refuse_connections": 2, "faults": [
    {"when":{"connection":1,"nth":3},"then":{"reject":8},"times":1,"name":"bad"},
    {"then":{"close":"rst"},"name":"fault-2"}
  ]},
  "network": {"links": [
    {"connection":"1","latency":"5ms","split_min":1,"split_max":7,"window":90},
    {"connection":"2-","reset_after_to_server":12,"reset_after_to_client":0}
  ]},
  "workload": [
    {"options":{"settle_after":"300ms","resend_unknown":true,"window_len":2,"payload_limit":900}},
    {"send":3},
    {"send":2,"payload_bytes":40,"expiration":7,"priority":5},
    {"advance":"2500us"},
    {"send":1,"device_tokens":["b1b1"],"payload":"{\"a\":\"b\"}"},
    {"send":1,"device_tokens":["b1b1"],"payload_bytes":0},
    {"drain":"60s"}
  ],
  "expect": {"outcomes": {"any": "1-7"}}
}
)";

constexpr const char* kHttp2 = R"({
  "title": "t",
  "rules": ["http2/x"],
  "source": ["s"],
  "protocol": "http2",
  "auth": "provider-token",
  "provider_token": "too-old",
  "service": {"settings": {"max_concurrent_streams":3,"initial_window_size":0}, "faults": [
    {"when":{"nth":3},"then":{"reject":"Unregistered"},"name":"gone"}
  ], "connections": [
    {"settings":{},"steps":[{"hold":"2500us"},{"settings":{"header_table_size":0,"max_concurrent_streams":4}},{"wait_for":{"requests":2}},{"answer":"1-3,7-"},{"goaway":{}},{"close":"fin"}]},
    {},
    {"settings":{"max_frame_size":16384},"steps":[{"answer":"1","reject":"Unregistered","status":404,"split":3,"before_body":true},{"answer":"2","status":410,"body":"{\"reason\":\"Unregistered\",\"timestamp\":7}"},{"answer":"3","body":"no"},{"reset_stream":{"4-10":"REFUSED_STREAM"}},{"reset_stream":{"11":77}},{"withhold_window":true},{"ignore_ping":false},{"goaway":{"last_nth":0,"code":"CANCEL","reason":"Shutdown"}},{"goaway":{"last_stream":9,"code":99,"debug":"bye"}},{"raw":"00ff"},{"close":"half-open"}]}
  ]},
  "workload": [
    {"options":{"request_timeout":"1s","queue_len":7,"check_payload":false,"max_attempts":2}},
    {"send":2},
    {"send":1,"payload_bytes":0,"push_type":"voip"},
    {"send":1,"push_type":"","topic":""},
    {"send":1,"topic":"com.example.other","collapse_id":"c","apns_id":"i"},
    {"drain":"5s"}
  ],
  "expect": {"outcomes": {"any": "1-5"}}
}
)";

std::string written(const Scenario& scenario) {
  std::ostringstream out;
  write_scenario(scenario, out);
  return out.str();
}

TEST(ScenarioWriter, WritesWhatWasRead) {
  EXPECT_EQ(written(load_scenario(kWhole, "a.json")), kWhole);
}

TEST(ScenarioWriter, HasTheWordsOfHttp2) {
  EXPECT_EQ(written(load_scenario(kHttp2, "a.json")), kHttp2);
}

TEST(ScenarioWriter, StepsReadAsTheLoaderKeepsThem) {
  const Scenario scenario = load_scenario(kWhole, "a.json");
  for (const Step& step : scenario.workload) {
    EXPECT_EQ(step_text(scenario, step), step.text);
  }
}

struct Case {
  const char* name;
  const char* workload;
  const char* expect;
  const char* error;

  friend void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }
};

class ScenarioWriterRefuses : public testing::TestWithParam<Case> {};

TEST_P(ScenarioWriterRefuses, WhatItHasNoWordsFor) {
  const Scenario scenario = load_scenario(
      std::string(R"({"title": "t", "rules": ["r"], "source": ["s"], "protocol": "binary",
                      "workload": [{"send": 2}, )") +
          GetParam().workload + R"({"drain": "1s"}], "expect": )" + GetParam().expect + "}",
      "a.json");
  try {
    (void)written(scenario);
    FAIL() << "it was written";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()),
              "A scenario with " + std::string(GetParam().error) + " cannot be written to a file.");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, ScenarioWriterRefuses,
    testing::Values(Case{"Outcomes", "", R"({"outcomes": {"sent": "1-2"}})",
                         "a world, or with exact expectations"},
                    Case{"Wait", R"({"wait_for": {"closed_connections": 1}}, )",
                         R"({"outcomes": {"any": "1-2"}})",
                         "steps other than send, advance and drain"}),
    [](const testing::TestParamInfo<Case>& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace apns::scenarios
