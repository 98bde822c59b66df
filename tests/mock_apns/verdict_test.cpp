#include "mock_apns/verdict.h"

#include <string>

#include <gtest/gtest.h>

#include "apns/base/time.h"
#include "mock_apns/world/world.h"

namespace apns::mock {
namespace {

using binary::Command;
using binary::FrameError;
using binary::FrameErrorInfo;
using binary::NotificationView;

/// What every check lets through; the cases break one thing, or several.
NotificationView good() {
  NotificationView view;
  view.command = Command::Framed;
  view.has_device_token = true;
  view.has_payload = true;
  view.device_token_len = 32;
  view.payload_len = 35;
  return view;
}

struct Case {
  const char* name;
  void (*change)(NotificationView& view);
  BinaryStatus status;
  const char* rule;
  const char* found;
  const char* fix;
  const char* profile = "2025";
};

class VerdictOf : public testing::TestWithParam<Case> {};

TEST_P(VerdictOf, HasItsStatusRuleAndAdvice) {
  const Case& row = GetParam();
  const Profile* profile = find_profile(row.profile);
  ASSERT_NE(profile, nullptr);
  const VerdictContext context{.profile = *profile, .topic = "com.example.app"};
  NotificationView view = good();
  row.change(view);

  const Verdict verdict = judge(view, context);
  EXPECT_EQ(verdict.status, row.status);
  EXPECT_EQ(verdict.rule, row.rule);
  EXPECT_EQ(verdict.accepted(), row.status == BinaryStatus::NoErrors);

  const Why why = explain(verdict, view, context);
  EXPECT_EQ(why.rule, row.rule);
  EXPECT_EQ(why.found, row.found);
  EXPECT_EQ(why.fix, row.fix);
}

constexpr const char* kTokenIsPresent = "binary/device-token-is-present";
constexpr const char* kTokenSize = "binary/device-token-size";
constexpr const char* kPayloadIsPresent = "binary/payload-is-present";
constexpr const char* kPayloadSize = "binary/payload-size";
constexpr const char* kPriority = "binary/priority-is-5-or-10";

constexpr const char* kSendToken = "send the device token's raw bytes, usually 32";
constexpr const char* kTokenLimit = "send 1 to 100 raw bytes, not hex text";
constexpr const char* kSendPayload = "send a JSON object, at least {}";
constexpr const char* kPriorities = "send priority 10 or 5, or leave the item out";

const Case kCases[] = {
    {"AllIsWell", [](NotificationView&) {}, BinaryStatus::NoErrors, "", "", ""},
    {"NoTokenItem",
     [](NotificationView& view) {
       view.has_device_token = false;
       view.device_token_len = 0;
     },
     BinaryStatus::MissingDeviceToken, kTokenIsPresent, "no device token item", kSendToken},
    {"EmptyToken", [](NotificationView& view) { view.device_token_len = 0; },
     BinaryStatus::MissingDeviceToken, kTokenIsPresent, "a device token of length 0", kSendToken},
    {"TokenOfOneByte", [](NotificationView& view) { view.device_token_len = 1; },
     BinaryStatus::NoErrors, "", "", ""},
    {"LongestToken", [](NotificationView& view) { view.device_token_len = 100; },
     BinaryStatus::NoErrors, "", "", ""},
    {"TokenTooLong", [](NotificationView& view) { view.device_token_len = 101; },
     BinaryStatus::InvalidTokenSize, kTokenSize, "a device token of 101 bytes", kTokenLimit},
    {"NoPayloadItem",
     [](NotificationView& view) {
       view.has_payload = false;
       view.payload_len = 0;
     },
     BinaryStatus::MissingPayload, kPayloadIsPresent, "no payload item", kSendPayload},
    {"EmptyPayload", [](NotificationView& view) { view.payload_len = 0; },
     BinaryStatus::MissingPayload, kPayloadIsPresent, "a payload of length 0", kSendPayload},
    {"PayloadOfOneByte", [](NotificationView& view) { view.payload_len = 1; },
     BinaryStatus::NoErrors, "", "", ""},
    {"LongestPayload", [](NotificationView& view) { view.payload_len = 2048; },
     BinaryStatus::NoErrors, "", "", ""},
    {"PayloadTooLong", [](NotificationView& view) { view.payload_len = 2049; },
     BinaryStatus::InvalidPayloadSize, kPayloadSize, "a payload of 2049 bytes",
     "send at most 2048 bytes"},
    {"LongestPayloadOf2013", [](NotificationView& view) { view.payload_len = 256; },
     BinaryStatus::NoErrors, "", "", "", "2013"},
    {"PayloadTooLongIn2013", [](NotificationView& view) { view.payload_len = 257; },
     BinaryStatus::InvalidPayloadSize, kPayloadSize, "a payload of 257 bytes",
     "send at most 256 bytes", "2013"},
    {"SimplePayloadBelowThePedanticLimit",
     [](NotificationView& view) {
       view.command = Command::Simple;
       view.payload_len = 256;
     },
     BinaryStatus::NoErrors, "", "", "", "pedantic"},
    {"SimplePayloadAboveThePedanticLimit",
     [](NotificationView& view) {
       view.command = Command::Simple;
       view.payload_len = 257;
     },
     BinaryStatus::InvalidPayloadSize, kPayloadSize, "a payload of 257 bytes",
     "send at most 256 bytes", "pedantic"},
    {"EnhancedPayloadAboveThePedanticLimit",
     [](NotificationView& view) {
       view.command = Command::Enhanced;
       view.payload_len = 257;
     },
     BinaryStatus::InvalidPayloadSize, kPayloadSize, "a payload of 257 bytes",
     "send at most 256 bytes", "pedantic"},
    {"FramedPayloadAtThePedanticLimit", [](NotificationView& view) { view.payload_len = 2048; },
     BinaryStatus::NoErrors, "", "", "", "pedantic"},
    {"FramedPayloadAboveThePedanticLimit", [](NotificationView& view) { view.payload_len = 2049; },
     BinaryStatus::InvalidPayloadSize, kPayloadSize, "a payload of 2049 bytes",
     "send at most 2048 bytes", "pedantic"},
    {"SimplePayloadAtTheLimitOf2021",
     [](NotificationView& view) {
       view.command = Command::Simple;
       view.payload_len = 2048;
     },
     BinaryStatus::NoErrors, "", "", "", "2021"},
    {"Priority10", [](NotificationView& view) { view.priority = 10; }, BinaryStatus::NoErrors, "",
     "", ""},
    {"Priority5", [](NotificationView& view) { view.priority = 5; }, BinaryStatus::NoErrors, "", "",
     ""},
    {"Priority0", [](NotificationView& view) { view.priority = 0; }, BinaryStatus::ProtocolError,
     kPriority, "priority 0", kPriorities},
    {"Priority1", [](NotificationView& view) { view.priority = 1; }, BinaryStatus::ProtocolError,
     kPriority, "priority 1", kPriorities},
    {"Priority255", [](NotificationView& view) { view.priority = 255; },
     BinaryStatus::ProtocolError, kPriority, "priority 255", kPriorities},
    // What the decoder counts and lets pass is no reason to reject.
    {"DuplicateAndUnknownItems",
     [](NotificationView& view) {
       view.num_duplicate_items = 3;
       view.num_unknown_items = 2;
     },
     BinaryStatus::NoErrors, "", "", ""},
    {"NoIdentifier", [](NotificationView& view) { view.identifier = std::nullopt; },
     BinaryStatus::NoErrors, "", "", ""},
};

INSTANTIATE_TEST_SUITE_P(Notification, VerdictOf, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

// The world that knows only what was registered.
class StrictVerdict : public testing::Test {
 protected:
  [[nodiscard]] VerdictContext context(std::string_view topic) {
    return VerdictContext{.profile = default_profile(),
                          .topic = topic,
                          .world = &world,
                          .topic_id = world.topic_id(topic)};
  }

  ManualClock clock;
  World world{WorldOptions{.open = false}, clock, nullptr};
};

TEST_F(StrictVerdict, TheFirstCheckThatFailsDecides) {
  const VerdictContext strict = context("");
  NotificationView view = good();
  view.device_token_len = 0;
  view.payload_len = 0;
  view.priority = 7;
  EXPECT_EQ(judge(view, strict).status, BinaryStatus::MissingDeviceToken);
  view.device_token_len = 101;
  EXPECT_EQ(judge(view, strict).status, BinaryStatus::InvalidTokenSize);
  view.device_token_len = 32;
  EXPECT_EQ(judge(view, strict).status, BinaryStatus::MissingPayload);
  view.payload_len = 5000;
  EXPECT_EQ(judge(view, strict).status, BinaryStatus::InvalidPayloadSize);
  view.payload_len = 2;
  EXPECT_EQ(judge(view, strict).status, BinaryStatus::ProtocolError);
  view.priority = 10;
  EXPECT_EQ(judge(view, strict).status, BinaryStatus::MissingTopic);
}

TEST_F(StrictVerdict, ACertificateWithoutTopicIsGoodEnoughForTheOpenWorldOnly) {
  const NotificationView view = good();
  EXPECT_TRUE(judge(view, VerdictContext{.profile = default_profile(), .topic = ""}).accepted());

  const VerdictContext strict = context("");
  const Verdict verdict = judge(view, strict);
  EXPECT_EQ(verdict.status, BinaryStatus::MissingTopic);
  EXPECT_EQ(verdict.rule, "binary/topic-is-known");
  const Why why = explain(verdict, view, strict);
  EXPECT_EQ(why.rule, "binary/topic-is-known");
  EXPECT_EQ(why.found, "a client certificate that names no topic");
  EXPECT_EQ(why.fix, "use a push certificate, with the bundle id as the subject's UID");
}

struct FrameCase {
  const char* name;
  FrameErrorInfo error;
  const char* rule;
  const char* found;
  const char* fix;
};

class VerdictOfBytes : public testing::TestWithParam<FrameCase> {};

TEST_P(VerdictOfBytes, IsProtocolErrorWithItsRuleAndAdvice) {
  const FrameCase& row = GetParam();
  const Verdict verdict = judge(row.error);
  EXPECT_EQ(verdict.status, BinaryStatus::ProtocolError);
  EXPECT_EQ(verdict.rule, row.rule);
  const Why why = explain(verdict, row.error);
  EXPECT_EQ(why.rule, row.rule);
  EXPECT_EQ(why.found, row.found);
  EXPECT_EQ(why.fix, row.fix);
}

const FrameCase kFrameCases[] = {
    {"BadCommand", FrameErrorInfo{FrameError::BadCommand, std::nullopt, 0},
     "binary/command-is-known", "a command byte other than 0, 1 and 2 (byte 0 of the frame)",
     "start each notification with command 2 and a frame length of four bytes"},
    {"ItemPastFrame", FrameErrorInfo{FrameError::ItemPastFrame, 7, 41},
     "binary/items-fit-the-frame", "an item that reaches past its frame (byte 41 of the frame)",
     "make the frame length the sum of all items, each with its header of three bytes"},
    {"BadItemLength", FrameErrorInfo{FrameError::BadItemLength, 7, 6},
     "binary/item-lengths-are-fixed",
     "an identifier, expiration or priority item of another length than 4, 4 and 1 (byte 6 of the "
     "frame)",
     "send identifier and expiration as four bytes, the priority as one"},
    {"FrameTooLong", FrameErrorInfo{FrameError::FrameTooLong, std::nullopt, 1},
     "binary/frame-length-is-bounded",
     "a frame length that no legal notification has (byte 1 of the frame)",
     "check that the length is big-endian"},
};

INSTANTIATE_TEST_SUITE_P(FrameError, VerdictOfBytes, testing::ValuesIn(kFrameCases),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace apns::mock
