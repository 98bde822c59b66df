#include "cli/push_completion.h"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

constexpr const char* kWakes = R"({"aps":{"content-available":1}})";

Notification notification(std::string payload) {
  return Notification{.device_token = *DeviceToken::parse("f00d"), .payload = std::move(payload)};
}

const provider::NotificationRoute kRoute{.app_topic = "com.example.app",
                                         .short_device_tokens = true};

TEST(PushCompletion, FillsInAndSaysNothing) {
  std::ostringstream out;
  PushCompletion completion({}, kRoute, out);
  Notification sent = notification(kWakes);
  completion.finish(sent, 0);
  completion.sum_up();
  EXPECT_EQ(sent.push_type, PushType::Background);
  EXPECT_EQ(sent.priority, 5);
  EXPECT_EQ(sent.topic, "com.example.app");
  EXPECT_EQ(out.str(), "");
}

TEST(PushCompletion, AsItIsChangesAndSaysNothing) {
  std::ostringstream out;
  PushCompletion completion({.as_is = true}, kRoute, out);
  Notification sent = notification(kWakes);
  sent.priority = std::uint8_t{7};
  const Notification given = sent;
  completion.finish(sent, 0);
  EXPECT_EQ(sent, given);
  EXPECT_EQ(out.str(), "");
}

TEST(PushCompletion, SaysEachKindOnceAndThenHowMany) {
  std::ostringstream out;
  PushCompletion completion({}, kRoute, out);
  for (std::uint64_t line = 3; line < 6; ++line) {
    Notification sent = notification(kWakes);
    sent.priority = std::uint8_t{10};
    sent.collapse_id = std::string(line == 4 ? 65 : 64, 'a');
    completion.finish(sent, line);
  }
  completion.sum_up();
  EXPECT_EQ(out.str(),
            "apnslab push: line 3: http2/background-has-priority-5: push type background with "
            "priority 10: the service takes it, and it does not do what was meant. Right: send it "
            "with priority 5.\n"
            "apnslab push: line 4: http2/collapse-id-size: collapse_id has 65 bytes: 400 "
            "BadCollapseId. Right: send at most 64 bytes of UTF-8; letters outside ASCII have two "
            "to four.\n"
            "apnslab push: http2/background-has-priority-5: 2 more lines.\n");
}

TEST(PushCompletion, FitsByThePushType) {
  for (const auto& [topic, bytes] :
       {std::pair{"com.example.app", 4096}, std::pair{"com.example.app.voip", 5120}}) {
    std::ostringstream out;
    const provider::NotificationRoute route{.app_topic = topic, .short_device_tokens = true};
    PushCompletion completion({.fit = true}, route, out);
    Notification sent = notification(R"({"aps":{"alert":")" + std::string(6000, 'a') + R"("}})");
    completion.finish(sent, 0);
    EXPECT_EQ(sent.payload.size(), static_cast<std::size_t>(bytes));
    EXPECT_EQ(out.str().find("apnslab push: --fit: the alert was shortened: body 6000 to "), 0U);
  }
}

}  // namespace
}  // namespace apns::cli
