#include "mock_apns/verdict.h"

#include <array>
#include <string>

#include "apns/model/device_token.h"

namespace apns::mock {

namespace {

using binary::Command;
using binary::FrameError;
using binary::FrameErrorInfo;
using binary::NotificationView;

std::size_t payload_limit(const NotificationView& n, const VerdictContext& context) {
  return n.command == Command::Framed ? context.profile.binary_payload_limit_framed
                                      : context.profile.binary_payload_limit_simple;
}

/// One row of the verdict: when it fails, which status, and what to tell a person.
struct Check {
  std::string_view rule;
  BinaryStatus status;
  bool (*fails)(const NotificationView& n, const VerdictContext& context);
  std::string (*found)(const NotificationView& n, const VerdictContext& context);
  std::string (*fix)(const NotificationView& n, const VerdictContext& context);
};

/// In this order; the first that fails decides. The order is our choice: Apple's is not known, and
/// no client can tell, because each input below draws one status whatever stands around it.
constexpr std::array<Check, 6> kChecks = {{
    {"binary/device-token-is-present", BinaryStatus::MissingDeviceToken,
     [](const NotificationView& n, const VerdictContext& /*context*/) {
       return !n.has_device_token || n.device_token_len == 0;
     },
     [](const NotificationView& n, const VerdictContext& /*context*/) -> std::string {
       return n.has_device_token ? "a device token of length 0" : "no device token item";
     },
     [](const NotificationView& /*n*/, const VerdictContext& /*context*/) -> std::string {
       return "send the device token's raw bytes, usually 32";
     }},
    {"binary/device-token-size", BinaryStatus::InvalidTokenSize,
     [](const NotificationView& n, const VerdictContext& /*context*/) {
       return n.device_token_len > DeviceToken::kMaxLen;
     },
     [](const NotificationView& n, const VerdictContext& /*context*/) {
       return "a device token of " + std::to_string(n.device_token_len) + " bytes";
     },
     [](const NotificationView& /*n*/, const VerdictContext& /*context*/) -> std::string {
       return "send 1 to 100 raw bytes, not hex text";
     }},
    {"binary/payload-is-present", BinaryStatus::MissingPayload,
     [](const NotificationView& n, const VerdictContext& /*context*/) {
       return !n.has_payload || n.payload_len == 0;
     },
     [](const NotificationView& n, const VerdictContext& /*context*/) -> std::string {
       return n.has_payload ? "a payload of length 0" : "no payload item";
     },
     [](const NotificationView& /*n*/, const VerdictContext& /*context*/) -> std::string {
       return "send a JSON object, at least {}";
     }},
    {"binary/payload-size", BinaryStatus::InvalidPayloadSize,
     [](const NotificationView& n, const VerdictContext& context) {
       return n.payload_len > payload_limit(n, context);
     },
     [](const NotificationView& n, const VerdictContext& /*context*/) {
       return "a payload of " + std::to_string(n.payload_len) + " bytes";
     },
     [](const NotificationView& n, const VerdictContext& context) {
       return "send at most " + std::to_string(payload_limit(n, context)) + " bytes";
     }},
    {"binary/priority-is-5-or-10", BinaryStatus::ProtocolError,
     [](const NotificationView& n, const VerdictContext& /*context*/) {
       return n.priority && *n.priority != 5 && *n.priority != 10;
     },
     [](const NotificationView& n, const VerdictContext& /*context*/) {
       return "priority " + std::to_string(n.priority.value_or(0));
     },
     [](const NotificationView& /*n*/, const VerdictContext& /*context*/) -> std::string {
       return "send priority 10 or 5, or leave the item out";
     }},
    {"binary/topic-is-known", BinaryStatus::MissingTopic,
     [](const NotificationView& /*n*/, const VerdictContext& context) {
       return context.topic.empty() && !context.open_world;
     },
     [](const NotificationView& /*n*/, const VerdictContext& /*context*/) -> std::string {
       return "a client certificate that names no topic";
     },
     [](const NotificationView& /*n*/, const VerdictContext& /*context*/) -> std::string {
       return "use a push certificate, with the bundle id as the subject's UID";
     }},
}};

struct FrameRow {
  FrameError error;
  std::string_view rule;
  std::string_view found;
  std::string_view fix;
};

constexpr std::array<FrameRow, 4> kFrameRows = {{
    {FrameError::BadCommand, "binary/command-is-known", "a command byte other than 0, 1 and 2",
     "start each notification with command 2 and a frame length of four bytes"},
    {FrameError::ItemPastFrame, "binary/items-fit-the-frame", "an item that reaches past its frame",
     "make the frame length the sum of all items, each with its header of three bytes"},
    {FrameError::BadItemLength, "binary/item-lengths-are-fixed",
     "an identifier, expiration or priority item of another length than 4, 4 and 1",
     "send identifier and expiration as four bytes, the priority as one"},
    {FrameError::FrameTooLong, "binary/frame-length-is-bounded",
     "a frame length that no legal notification has", "check that the length is big-endian"},
}};

const FrameRow& frame_row(FrameError error) {
  for (const FrameRow& row : kFrameRows) {
    if (row.error == error) {
      return row;
    }
  }
  return kFrameRows.front();
}

}  // namespace

Verdict judge(const NotificationView& notification, const VerdictContext& context) {
  for (const Check& check : kChecks) {
    if (check.fails(notification, context)) {
      return Verdict{check.status, check.rule};
    }
  }
  return Verdict{};
}

Verdict judge(const FrameErrorInfo& error) {
  return Verdict{BinaryStatus::ProtocolError, frame_row(error.error).rule};
}

Why explain(const Verdict& verdict, const NotificationView& notification,
            const VerdictContext& context) {
  for (const Check& check : kChecks) {
    if (check.rule == verdict.rule) {
      return Why{std::string(check.rule), check.found(notification, context),
                 check.fix(notification, context)};
    }
  }
  return Why{};
}

Why explain(const Verdict& /*verdict*/, const FrameErrorInfo& error) {
  const FrameRow& row = frame_row(error.error);
  return Why{std::string(row.rule),
             std::string(row.found) + " (byte " + std::to_string(error.offset) + " of the frame)",
             std::string(row.fix)};
}

}  // namespace apns::mock
