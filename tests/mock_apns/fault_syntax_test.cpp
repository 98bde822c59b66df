#include "mock_apns/fault_syntax.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fault_errors.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::error_of_text;
using Packet = ErrorPacketFault;

FaultRule read_text(std::string_view json) {
  return read_fault(json::parse(json, "f.json"));
}

std::string error_of_json(std::string_view json) {
  try {
    (void)read_text(json);
  } catch (const json::Error& error) {
    return error.what();
  }
  return "no error";
}

template <class F>
FaultRule rejecting(const F& change) {
  FaultRule rule;
  rule.then.reject = 8;
  change(rule);
  return rule;
}

template <class F>
FaultRule doing(const F& change) {
  FaultRule rule;
  change(rule.then);
  return rule;
}

template <class F>
FaultRule with_packet(const F& change) {
  return rejecting([&change](FaultRule& rule) { change(rule.then.error_packet.emplace()); });
}

TEST(FaultSyntax, EachKeyMeansTheSameInBothSyntaxes) {
  struct Case {
    std::string text;
    std::string_view json;
    FaultRule expected;
  };

  const Case cases[] = {
      {": reject=8", R"({"then": {"reject": 8}})", rejecting([](FaultRule&) {})},
      {":reject=8", R"({"when": {}, "then": {"reject": 8}})", rejecting([](FaultRule&) {})},
      {"protocol=binary: reject=8", R"({"when": {"protocol": "binary"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.protocol = FaultProtocol::Binary; })},
      {"environment=production: reject=8",
       R"({"when": {"environment": "production"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.environment = Environment::Production; })},
      {"environment=development: reject=8",
       R"({"when": {"environment": "development"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.environment = Environment::Development; })},
      {"connection=1: reject=8", R"({"when": {"connection": 1}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.connection = {.first = 1, .last = 1}; })},
      {"connection=2-5: reject=8", R"({"when": {"connection": "2-5"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.connection = {.first = 2, .last = 5}; })},
      {"nth=4: reject=8", R"({"when": {"nth": "4"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.nth = NumberMatch{.first = 4, .last = 4}; })},
      {"nth=3-3: reject=8", R"({"when": {"nth": 3}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.nth = NumberMatch{.first = 3, .last = 3}; })},
      {"nth=6-: reject=8", R"({"when": {"nth": "6-"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.nth = NumberMatch{.first = 6}; })},
      {R"(nth="every 500": reject=8)", R"({"when": {"nth": "every 500"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.nth = NumberMatch{.every = 500}; })},
      {"topic=com.example.app: reject=8",
       R"({"when": {"topic": "com.example.app"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.topic = "com.example.app"; })},
      {"device_token=0A1b: reject=8",
       R"({"when": {"device_token": "0A1b"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.device_token_prefix = "0a1b"; })},
      {"device_token=1234: reject=8",
       R"({"when": {"device_token": "1234"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.device_token_prefix = "1234"; })},
      {"probability=0.25: reject=8", R"({"when": {"probability": 0.25}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) { r.probability = 0.25; })},
      {"probability=1: reject=8", R"({"when": {"probability": 1}, "then": {"reject": 8}})",
       rejecting([](FaultRule&) {})},
      {"idle=5s: close=fin", R"({"when": {"idle": "5s"}, "then": {"close": "fin"}})",
       [] {
         FaultRule rule;
         rule.idle = 5s;
         rule.then.close = FaultClose::Fin;
         return rule;
       }()},
      {": reject.binary=255 reject.http2=BadDeviceToken",
       R"({"then": {"reject": {"binary": 255, "http2": "BadDeviceToken"}}})",
       rejecting([](FaultRule& r) {
         r.then.reject = 255;
         r.then.reason = Reason::BadDeviceToken;
       })},
      {": reject=Unregistered status=418 timestamp=1454948015990",
       R"({"then": {"reject": "Unregistered", "status": 418, "timestamp": 1454948015990}})",
       doing([](FaultAction& a) {
         a.reason = Reason::Unregistered;
         a.status = 418;
         a.timestamp = 1454948015990;
       })},
      {"push_type=voip protocol=http2: reject.http2=BadTopic",
       R"({"when": {"push_type": "voip", "protocol": "http2"}, "then": {"reject": {"http2": "BadTopic"}}})",
       [] {
         FaultRule rule = doing([](FaultAction& a) { a.reason = Reason::BadTopic; });
         rule.protocol = FaultProtocol::Http2;
         rule.push_type = "voip";
         return rule;
       }()},
      {": reset_stream=REFUSED_STREAM", R"({"then": {"reset_stream": 7}})",
       doing([](FaultAction& a) { a.reset_stream = 7; })},
      {": reset_stream=4294967295", R"({"then": {"reset_stream": 4294967295}})",
       doing([](FaultAction& a) { a.reset_stream = 4294967295; })},
      {": reset_stream=CANCEL reset_again=true",
       R"({"then": {"reset_stream": "CANCEL", "reset_again": true}})", doing([](FaultAction& a) {
         a.reset_stream = 8;
         a.reset_again = true;
       })},
      {": goaway.reason=Shutdown", R"({"then": {"goaway": {"reason": "Shutdown"}}})",
       doing([](FaultAction& a) {
         a.goaway = GoawayFault{.last_nth = {}, .code = 0, .reason = Reason::Shutdown};
       })},
      {"idle=5s: goaway.last_nth=5 goaway.code=ENHANCE_YOUR_CALM goaway.count=2 "
       "goaway.keep_open=true",
       R"({"when": {"idle": "5s"}, "then": {"goaway": {"last_nth": 5, "code": 11, "count": 2, "keep_open": true}}})",
       [] {
         FaultRule rule = doing([](FaultAction& a) {
           a.goaway =
               GoawayFault{.last_nth = 5, .code = 11, .reason = {}, .count = 2, .keep_open = true};
         });
         rule.idle = 5s;
         return rule;
       }()},
      {": ignore_ping=true withhold_window=true",
       R"({"then": {"ignore_ping": true, "withhold_window": true}})", doing([](FaultAction& a) {
         a.ignore_ping = true;
         a.withhold_window = true;
       })},
      {": settings.max_concurrent_streams=1 settings.initial_window_size=0 "
       "settings.max_frame_size=16384 "
       "settings.header_table_size=0 settings.max_header_list_size=8000",
       R"({"then": {"settings": {"max_concurrent_streams": 1, "initial_window_size": 0,
           "max_frame_size": 16384, "header_table_size": 0, "max_header_list_size": 8000}}})",
       doing([](FaultAction& a) {
         a.settings = SettingsFault{.header_table_size = 0,
                                    .max_concurrent_streams = 1,
                                    .initial_window_size = 0,
                                    .max_frame_size = 16384,
                                    .max_header_list_size = 8000};
       })},
      {": latency=\"p50=40ms p99=200ms\"", R"({"then": {"latency": "p50=40ms p99=200ms"}})",
       doing([](FaultAction& a) { a.latency = Latency::parse("p50=40ms p99=200ms"); })},
      {": reject.binary=1", R"({"then": {"reject": {"binary": 1}}})",
       rejecting([](FaultRule& r) { r.then.reject = 1; })},
      {": reject=8 delay=200ms", R"({"then": {"reject": 8, "delay": "200ms"}})",
       rejecting([](FaultRule& r) { r.then.delay = 200ms; })},
      {": delay=24h", R"({"then": {"delay": "24h"}})",
       [] {
         FaultRule rule;
         rule.then.delay = 24h;
         return rule;
       }()},
      {": error_packet.status=77", R"({"then": {"error_packet": {"status": 77}}})",
       [] {
         FaultRule rule;
         rule.then.error_packet.emplace().status = 77;
         return rule;
       }()},
      {": reject=8 error_packet.status=0",
       R"({"then": {"reject": 8, "error_packet": {"status": 0}}})",
       with_packet([](Packet& p) { p.status = 0; })},
      {": reject=8 error_packet.identifier=own",
       R"({"then": {"reject": 8, "error_packet": {"identifier": "own"}}})",
       with_packet([](Packet&) {})},
      {": reject=8 error_packet.identifier=previous",
       R"({"then": {"reject": 8, "error_packet": {"identifier": "previous"}}})",
       with_packet([](Packet& p) { p.identifier = Packet::Identifier::Previous; })},
      {": reject=8 error_packet.identifier=4294967295",
       R"({"then": {"reject": 8, "error_packet": {"identifier": 4294967295}}})",
       with_packet([](Packet& p) {
         p.identifier = Packet::Identifier::Number;
         p.number = 4294967295;
       })},
      {": reject=8 error_packet.split=2 error_packet.count=0",
       R"({"then": {"reject": 8, "error_packet": {"split": 2, "count": 0}}})",
       with_packet([](Packet& p) {
         p.split = 2;
         p.count = 0;
       })},
      {": reject=8 close=fin", R"({"then": {"reject": 8, "close": "fin"}})",
       rejecting([](FaultRule& r) { r.then.close = FaultClose::Fin; })},
      {": reject=8 close=fin-without-close-notify",
       R"({"then": {"reject": 8, "close": "fin-without-close-notify"}})",
       rejecting([](FaultRule& r) { r.then.close = FaultClose::FinWithoutCloseNotify; })},
      {": reject=8 close=rst", R"({"then": {"reject": 8, "close": "rst"}})",
       rejecting([](FaultRule& r) { r.then.close = FaultClose::Rst; })},
      {": reject=8 close=half-open", R"({"then": {"reject": 8, "close": "half-open"}})",
       rejecting([](FaultRule& r) { r.then.close = FaultClose::HalfOpen; })},
      {": reject=8 stop_reading=true", R"({"then": {"reject": 8, "stop_reading": true}})",
       rejecting([](FaultRule& r) { r.then.stop_reading = true; })},
      {": reject=8 stop_reading=false", R"({"then": {"reject": 8, "stop_reading": false}})",
       rejecting([](FaultRule&) {})},
      {"after=10s until=1m: reject=8",
       R"({"when": {"after": "10s", "until": "1m"}, "then": {"reject": 8}})",
       rejecting([](FaultRule& r) {
         r.after = 10s;
         r.until = 1min;
       })},
      {": no_answer=true", R"({"then": {"no_answer": true}})",
       doing([](FaultAction& a) { a.no_answer = true; })},
      {": raw=08ff", R"({"then": {"raw": "08FF"}})", doing([](FaultAction& a) {
         a.raw = {std::byte{0x08}, std::byte{0xff}};
       })},
      {": bandwidth=10000", R"({"then": {"bandwidth": 10000}})",
       doing([](FaultAction& a) { a.bandwidth = 10000; })},
      {": tls_alert=0", R"({"then": {"tls_alert": 0}})",
       doing([](FaultAction& a) { a.tls_alert = 0; })},
      {"protocol=feedback: tuples.split=7 tuples.truncate=18",
       R"({"when": {"protocol": "feedback"}, "then": {"tuples": {"split": 7, "truncate": 18}}})",
       [] {
         FaultRule rule = doing([](FaultAction& a) { a.tuples = {.split = 7, .truncate = 18}; });
         rule.protocol = FaultProtocol::Feedback;
         return rule;
       }()},
      {": reject=8 times=1 name=bad-token",
       R"({"then": {"reject": 8}, "times": 1, "name": "bad-token"})", rejecting([](FaultRule& r) {
         r.times = 1;
         r.name = "bad-token";
       })},
      {"\t nth=4\n  topic=x :  reject=8  ",
       R"({"when": {"topic": "x", "nth": 4}, "then": {"reject": 8}})", rejecting([](FaultRule& r) {
         r.nth = NumberMatch{.first = 4, .last = 4};
         r.topic = "x";
       })},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(error_of_text(c.text), "no error") << c.text;
    EXPECT_EQ(error_of_json(c.json), "no error") << c.json;
    EXPECT_EQ(parse_fault(c.text), c.expected) << c.text;
    EXPECT_EQ(read_text(c.json), c.expected) << c.json;
  }
}

TEST(FaultSyntax, ReadsOneRuleOrAnArray) {
  EXPECT_EQ(read_faults(json::parse(R"({"then": {"reject": 8}})", "")).size(), 1U);
  EXPECT_EQ(read_faults(json::parse("[]", "")).size(), 0U);
  const auto rules =
      read_faults(json::parse(R"([{"then": {"reject": 8}}, {"then": {"reject": 10}}])", ""));
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[1].then.reject, std::optional<std::uint8_t>(10));
  try {
    (void)read_faults(
        json::parse("[{\"then\": {\"reject\": 8}, \"name\": \"a\"},\n"
                    " {\"then\": {\"reject\": 8}, \"name\": \"a\"}]",
                    "f.json"));
    FAIL();
  } catch (const json::Error& error) {
    EXPECT_STREQ(error.what(), "f.json:2:2: two fault rules have the name a. Give each its own.");
  }
}

// ---- docs/faults.md ----

}  // namespace
}  // namespace apns::mock
