#include "cli/push_report.h"

#include <chrono>
#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using namespace std::chrono_literals;
using provider::OutcomeKind;

const std::string kToken = "fa110410" + std::string(56, '0');
const std::string kId = "27CFDC15-E305-27E0-E290-8FC98E115899";

PushResult gone() {
  PushResult result;
  result.n = 7;
  result.kind = OutcomeKind::Rejected;
  result.status = 410;
  result.device_token = kToken;
  result.reason = "410 Unregistered";
  result.http2 = Http2Result{.reason = "Unregistered",
                             .apns_id = kId,
                             .timestamp_ms = 1'764'065'645'123,
                             .duration = 3400us};
  return result;
}

PushResult sent() {
  PushResult result;
  result.n = 8;
  result.status = 200;
  result.device_token = kToken;
  result.http2 = Http2Result{.reason = {}, .apns_id = kId, .timestamp_ms = {}, .duration = 12ms};
  return result;
}

PushResult named_by_an_error_packet() {
  PushResult result;
  result.n = 9;
  result.kind = OutcomeKind::Rejected;
  result.status = 8;
  result.device_token = kToken;
  result.reason = "8 (invalid token)";
  return result;
}

TEST(PushLine, SaysWhatAnAnswerSays) {
  EXPECT_EQ(push_line(gone(), false),
            "rejected  410 Unregistered  since 2025-11-25T10:14:05Z  fa11…0000  apns-id " + kId +
                "  3 ms");
  EXPECT_EQ(push_line(gone(), true),
            "rejected  410 Unregistered  since 2025-11-25T10:14:05Z  fa11…0000  #7  apns-id " +
                kId + "  3 ms");
  EXPECT_EQ(push_line(sent(), false), "sent      fa11…0000  apns-id " + kId + "  12 ms");
}

TEST(PushLine, SaysWhatThereIsWithoutAnAnswer) {
  PushResult result = gone();
  result.kind = OutcomeKind::Unknown;
  result.status = 0;
  result.reason = "no answer in time";
  result.http2 = Http2Result{.reason = {}, .apns_id = {}, .timestamp_ms = {}, .duration = 30s};
  EXPECT_EQ(push_line(result, false), "unknown   no answer in time  fa11…0000  30000 ms");
}

TEST(PushLine, DoesNotBelieveEveryTime) {
  PushResult result = gone();
  result.http2->timestamp_ms = UINT64_MAX;
  EXPECT_THAT(push_line(result, false), testing::HasSubstr("since 18446744073709551615 ms  "));
  result.http2->timestamp_ms = 253'402'300'799'999;
  EXPECT_THAT(push_line(result, false), testing::HasSubstr("since 9999-12-31T23:59:59Z  "));
  result.http2->timestamp_ms = 0;
  EXPECT_THAT(push_line(result, false), testing::HasSubstr("since 1970-01-01T00:00:00Z  "));
}

TEST(PushLine, OfTheBinaryProtocolStaysAsItWas) {
  EXPECT_EQ(push_line(named_by_an_error_packet(), false),
            "rejected  fa11…0000  #9  8 (invalid token)");
}

TEST(PushJson, HasWhatIsKnown) {
  EXPECT_EQ(push_json(gone()), R"({"n":7,"outcome":"rejected","device_token":")" + kToken +
                                   R"(","status":410,"reason":"Unregistered","apns_id":")" + kId +
                                   R"(","timestamp":1764065645123,"duration_us":3400})");
  EXPECT_EQ(push_json(sent()), R"({"n":8,"outcome":"sent","device_token":")" + kToken +
                                   R"(","status":200,"apns_id":")" + kId +
                                   R"(","duration_us":12000})");
  EXPECT_EQ(push_json(named_by_an_error_packet()),
            R"({"n":9,"outcome":"rejected","device_token":")" + kToken +
                R"-(","status":8,"reason":"8 (invalid token)"})-");
}

TEST(PushJson, IsJsonWhateverAServiceSays) {
  PushResult result = gone();
  result.http2->reason = "a\xff\"b";
  EXPECT_THAT(push_json(result), testing::HasSubstr("\"reason\":\"a\xEF\xBF\xBD\\\"b\""));
}

TEST(PushReport, SumsUpByProtocol) {
  Progress progress("", false);
  PushReport report(true, true, progress);
  testing::internal::CaptureStdout();
  report.add(gone());
  report.add(sent());
  (void)testing::internal::GetCapturedStdout();
  EXPECT_FALSE(report.all_sent());
  provider::ClientStats stats;
  stats.connections = 1;
  EXPECT_EQ(report.summary(0.25, stats),
            "2 notifications: 1 sent, 1 rejected, 0 unknown; 1 x 410 Unregistered. 0.2 s, 1 "
            "connection.");
  stats.retries = 4;
  EXPECT_THAT(report.summary(0.25, stats), testing::EndsWith(" 1 connection, 4 sent again."));
  PushReport binary(true, true, progress);
  testing::internal::CaptureStdout();
  binary.add(named_by_an_error_packet());
  (void)testing::internal::GetCapturedStdout();
  stats.connections = 2;
  stats.resent = 3;
  EXPECT_EQ(binary.summary(1.04, stats),
            "1 notification: 0 sent, 1 rejected, 0 unknown; 1 x 8 (invalid token). 1.0 s, 2 "
            "connections, 3 sent again.");
}

}  // namespace
}  // namespace apns::cli
