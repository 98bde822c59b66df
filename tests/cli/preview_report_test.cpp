#include "cli/preview_report.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace apns::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

mock::PreviewRequest request_for(const std::string& json) {
  mock::PreviewRequest request;
  request.json = json;
  return request;
}

std::string text_of(const mock::PreviewRequest& request) {
  return preview_text(mock::preview(request, {}), request, "hello.json");
}

TEST(PreviewReport, ShowsTheLockScreen) {
  EXPECT_EQ(text_of(request_for(
                R"({"aps":{"alert":{"title":"Mail","subtitle":"Eva","body":"Hello\nyou"},)"
                R"("badge":0,"sound":{"critical":1,"name":"alarm","volume":0.5}}})")),
            "alert push, priority 10, for com.example.app, in the background\n"
            "\n"
            "  on the lock screen\n"
            "  | Mail\n"
            "  | Eva\n"
            "  | Hello\n"
            "  | you\n"
            "  badge removed\n"
            "  sound alarm (critical, volume 0.5)\n"
            "\n"
            "size  132 bytes; HTTP/2 takes 4096, the binary interface 2048 (until 2014 256)\n");
}

TEST(PreviewReport, SaysWhyNothingIsSeenAndWhereTheFaultIs) {
  EXPECT_EQ(text_of(request_for("{\n  \"aps\": {\n    \"badge\": \"5\"\n  }\n}")),
            "alert push, priority 10, for com.example.app, in the background\n"
            "\n"
            "  nothing is seen\n"
            "\n"
            "why   nothing shown: aps has none of alert, badge, sound and content-available\n"
            "size  35 bytes; HTTP/2 takes 4096, the binary interface 2048 (until 2014 256)\n"
            "hello.json:3:14: payload/badge-is-a-number (should): badge is the text \"5\". Right: "
            "make badge a whole number from 0 on; 0 removes it.\n");
}

TEST(PreviewReport, SaysWhatTheServiceRefuses) {
  EXPECT_THAT(text_of(request_for("")), HasSubstr("the service refuses it: 400 PayloadEmpty\n"));
}

TEST(PreviewReport, SaysWhatWaits) {
  mock::PreviewRequest request = request_for(R"({"aps":{"alert":"a"}})");
  request.is_online = false;
  const std::string text = text_of(request);
  EXPECT_THAT(text, HasSubstr("in the background; the phone is offline\n"));
  EXPECT_THAT(text, HasSubstr("  nothing is seen: it is stored\n"));
  EXPECT_THAT(text, HasSubstr("why   the phone is offline\n"));
}

TEST(PreviewReport, WrapsLongTextsBetweenWords) {
  std::string words;
  for (int i = 0; i < 20; ++i) {
    words += "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 ";
  }
  const std::string line = words.substr(0, 11 * 12 - 1);
  EXPECT_THAT(text_of(request_for(R"({"aps":{"alert":")" + words + "\"}}")),
              HasSubstr("  | " + line + "\n  | " + words.substr(0, 11 * 8 - 1) + "\n"));
}

TEST(PreviewReport, NothingOfThePayloadReachesTheTerminalsState) {
  const std::string text =
      text_of(request_for(R"({"aps":{"alert":"\u001b[2J","sound":"\u0007","\u001b":1}})"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\x07")));
  EXPECT_THAT(text, HasSubstr("  | ?[2J\n"));
}

TEST(PreviewReport, IsOneObjectForMachines) {
  const mock::PreviewRequest request = request_for("{\"aps\":{\"alert\":\"Hello\",\n\"order\":1}}");
  const auto json =
      nlohmann::json::parse(preview_json(mock::preview(request, {}), request, "hello.json"));
  EXPECT_EQ(json, nlohmann::json::parse(R"({
    "app": "com.example.app", "topic": "com.example.app", "push_type": "alert", "priority": 10,
    "state": "background", "outcome": "delivered",
    "shown": {"place": "lock-screen", "body": "Hello"}, "woke_app": false,
    "payload_bytes": 36, "payload_limit": 4096,
    "findings": [{"rule": "payload/aps-keys-are-known", "level": "should",
                  "found": "the key \"order\" inside aps",
                  "fix": "put keys of your own beside aps: inside they are ignored",
                  "pointer": "/aps/order", "file": "hello.json", "line": 2, "column": 1}],
    "good": true})"));
}

}  // namespace
}  // namespace apns::cli
