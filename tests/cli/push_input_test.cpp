#include "cli/push_input.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/json/document.h"

namespace apns::cli {
namespace {

using testing::HasSubstr;

std::string problem_of(const std::string& line) {
  try {
    (void)parse_push_line(line, 3, "in.ndjson");
  } catch (const json::Error& error) {
    return error.what();
  }
  return "none";
}

TEST(PushInput, ReadsAllThatANotificationHas) {
  const PushItem item = parse_push_line(
      R"({"type":"send","n":7,"device_token":"A1b2","payload":{"aps":{"alert":"Hello"}},)"
      R"("priority":5,"expiration":0,"topic":"com.example.app.voip","push_type":"voip",)"
      R"("apns_id":"4084a6e4-9ea8-6d2a-ca49-9a344a152da7","collapse_id":"score"})",
      3, "in.ndjson");
  EXPECT_EQ(item.n, 7U);
  EXPECT_EQ(item.notification.device_token.to_hex(), "a1b2");
  EXPECT_EQ(item.notification.payload, R"({"aps":{"alert":"Hello"}})");
  EXPECT_EQ(item.notification.priority, 5);
  EXPECT_EQ(item.notification.expiration, 0U);
  EXPECT_EQ(item.notification.topic, "com.example.app.voip");
  EXPECT_EQ(item.notification.push_type, PushType::Voip);
  EXPECT_EQ(item.notification.apns_id, "4084a6e4-9ea8-6d2a-ca49-9a344a152da7");
  EXPECT_EQ(item.notification.collapse_id, "score");
}

TEST(PushInput, LeavesOutWhatTheLineDoesNotSay) {
  const PushItem item = parse_push_line(R"({"device_token":"a1","payload":"{}"})", 3, "in");
  EXPECT_EQ(item.n, 3U);
  EXPECT_EQ(item.notification.payload, "{}");
  EXPECT_EQ(item.notification.priority, std::nullopt);
  EXPECT_EQ(item.notification.expiration, std::nullopt);
  EXPECT_EQ(item.notification.push_type, std::nullopt);
  EXPECT_EQ(item.notification.topic + item.notification.apns_id + item.notification.collapse_id,
            "");
}

TEST(PushInput, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(problem_of(R"({"device_token":"a1","payload":"{}","push_type":"alrt"})"),
              HasSubstr("push_type must be one of alert, background, "));
  EXPECT_THAT(problem_of(R"({"device_token":"xx","payload":"{}"})"),
              HasSubstr("device_token must be 2 to 200 hex digits"));
  EXPECT_THAT(problem_of(R"({"device_token":"a1"})"), HasSubstr("payload is missing"));
  EXPECT_THAT(problem_of(R"({"device_token":"a1","payload":"{}","expiration":1764028800123})"),
              HasSubstr("expiration 1764028800123 is in milliseconds; send seconds: 1764028800."));
  EXPECT_THAT(problem_of(R"({"device_token":"a1","payload":"{}","expiration":1764028800.5})"),
              HasSubstr("expiration 1764028800.5 has a fraction; send whole seconds: 1764028800."));
  EXPECT_THAT(problem_of(R"({"device_token":"a1","payload":"{}","expiration":"0"})"),
              HasSubstr("expiration must be a whole number"));
  EXPECT_THAT(problem_of(R"({"payload":"{}"})"), HasSubstr("in.ndjson:3:"));
}

}  // namespace
}  // namespace apns::cli
