#include "mock_apns/fault_text.h"

#include <gtest/gtest.h>

#include "mock_apns/fault_syntax.h"

namespace apns::mock {
namespace {

struct Case {
  const char* rule;  // as the command line has it
  const char* text;

  friend void PrintTo(const Case& row, std::ostream* out) { *out << row.rule; }
};

class FaultText : public testing::TestWithParam<Case> {};

TEST_P(FaultText, IsReadAsTheSameRuleAgain) {
  const FaultRule rule = parse_fault(GetParam().rule);
  EXPECT_EQ(write_fault(rule), GetParam().text);
  EXPECT_EQ(read_fault(json::parse(write_fault(rule), "rule")), rule);
}

INSTANTIATE_TEST_SUITE_P(
    Table, FaultText,
    testing::Values(
        Case{": reject=8", R"({"then":{"reject":8}})"},
        Case{"connection=1 nth=3: reject=8 times=1 name=bad",
             R"({"when":{"connection":1,"nth":3},"then":{"reject":8},"times":1,"name":"bad"})"},
        Case{"nth=2-5: reject=8 delay=1500us",
             R"({"when":{"nth":"2-5"},"then":{"reject":8,"delay":"1500us"}})"},
        Case{"nth=6- environment=development: close=rst",
             R"({"when":{"environment":"development","nth":"6-"},"then":{"close":"rst"}})"},
        Case{"nth=\"every 7\" protocol=binary: no_answer=true",
             R"({"when":{"protocol":"binary","nth":"every 7"},"then":{"no_answer":true}})"},
        Case{"nth=1: reject=8 error_packet.status=0 error_packet.identifier=previous",
             R"({"when":{"nth":1},"then":{"reject":8,"error_packet":{"status":0,)"
             R"("identifier":"previous"}}})"},
        Case{"nth=1: reject=8 error_packet.identifier=9 error_packet.split=2 error_packet.count=0",
             R"({"when":{"nth":1},"then":{"reject":8,"error_packet":{"identifier":9,"split":2,)"
             R"("count":0}}})"},
        Case{"nth=1: reject=8 error_packet.count=1",
             R"({"when":{"nth":1},"then":{"reject":8,"error_packet":{"count":1}}})"},
        Case{"idle=5s after=1ms until=2m: raw=0aff close=fin-without-close-notify",
             R"({"when":{"idle":"5s","after":"1ms","until":"120s"},)"
             R"("then":{"raw":"0aff","close":"fin-without-close-notify"}})"},
        Case{"topic=com.example.app probability=0.25: stop_reading=true bandwidth=9",
             R"({"when":{"topic":"com.example.app","probability":0.25},)"
             R"("then":{"stop_reading":true,"bandwidth":9}})"},
        Case{"device_token=a1a1: close=half-open",
             R"({"when":{"device_token":"a1a1"},"then":{"close":"half-open"}})"},
        Case{"connection=2: tls_alert=45", R"({"when":{"connection":2},"then":{"tls_alert":45}})"},
        Case{": reject=BadTopic", R"({"then":{"reject":"BadTopic"}})"},
        Case{": reject.http2=Unregistered reject.binary=8 timestamp=5 status=418",
             R"({"then":{"reject":{"binary":8,"http2":"Unregistered"},"status":418,)"
             R"("timestamp":5}})"},
        Case{"push_type=alert protocol=http2: reset_stream=7 latency=20ms-80ms",
             R"({"when":{"protocol":"http2","push_type":"alert"},)"
             R"("then":{"latency":"20ms-80ms","reset_stream":"REFUSED_STREAM"}})"},
        Case{": reset_stream=99", R"({"then":{"reset_stream":99}})"},
        Case{": reset_stream=5 reset_again=true",
             R"({"then":{"reset_stream":"STREAM_CLOSED","reset_again":true}})"},
        Case{": goaway.code=0", R"({"then":{"goaway":{"code":"NO_ERROR"}}})"},
        Case{": goaway.reason=Shutdown goaway.last_nth=0 goaway.count=2 goaway.keep_open=true "
             "goaway.code=8",
             R"({"then":{"goaway":{"last_nth":0,"code":"CANCEL","reason":"Shutdown","count":2,)"
             R"("keep_open":true}}})"},
        Case{
            "connection=1: ignore_ping=true withhold_window=true settings.max_concurrent_streams=0",
            R"({"when":{"connection":1},"then":{"ignore_ping":true,"withhold_window":true,)"
            R"("settings":{"max_concurrent_streams":0}}})"},
        Case{"protocol=feedback: tuples.split=3 tuples.truncate=4 close=fin",
             R"({"when":{"protocol":"feedback"},)"
             R"("then":{"close":"fin","tuples":{"split":3,"truncate":4}}})"}));

}  // namespace
}  // namespace apns::mock
