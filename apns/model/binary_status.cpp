#include "apns/model/binary_status.h"

#include <algorithm>
#include <array>

namespace apns {

namespace {

// Names as in Apple's table of error codes, where 255 is "None (unknown)". Apple explains 10 alone:
// the other causes were observed against the real gateway or are what the layout leaves as the only
// explanation; docs/wire/binary.md#statuses says which is which.
constexpr std::array kRows{
    BinaryStatusRow{.status = BinaryStatus::NoErrors,
                    .name = "no errors",
                    .cause = "never seen on the wire",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::ProcessingError,
                    .name = "processing error",
                    .cause = "a fault on the side of the service",
                    .retryable = true},
    BinaryStatusRow{.status = BinaryStatus::MissingDeviceToken,
                    .name = "missing device token",
                    .cause = "a device token of length 0, or a frame without item 1",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::MissingTopic,
                    .name = "missing topic",
                    .cause = "a certificate that names no topic",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::MissingPayload,
                    .name = "missing payload",
                    .cause = "a payload of length 0, or a frame without item 2",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::InvalidTokenSize,
                    .name = "invalid token size",
                    .cause = "a device token of a length that the service does not know",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::InvalidTopicSize,
                    .name = "invalid topic size",
                    .cause = "a certificate with a topic of an impossible length",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::InvalidPayloadSize,
                    .name = "invalid payload size",
                    .cause = "a payload above the limit",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::InvalidToken,
                    .name = "invalid token",
                    .cause = "a device token of the right size that is unknown here: of the other "
                             "environment, of another app, or of an app that was removed",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::Shutdown,
                    .name = "shutdown",
                    .cause = "the service closes the connection for maintenance; the notification "
                             "named is the last one accepted",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::ProtocolError,
                    .name = "protocol error",
                    .cause = "bytes that are not a notification",
                    .retryable = false},
    BinaryStatusRow{.status = BinaryStatus::Unknown,
                    .name = "unknown",
                    .cause = "none that the service would tell",
                    .retryable = false},
};

static_assert(std::ranges::is_sorted(kRows, {}, &BinaryStatusRow::status));

}  // namespace

std::span<const BinaryStatusRow> binary_statuses() {
  return kRows;
}

const BinaryStatusRow* find_binary_status(std::uint8_t status) {
  const auto row = std::ranges::find(kRows, BinaryStatus{status}, &BinaryStatusRow::status);
  return row == kRows.end() ? nullptr : &*row;
}

std::string binary_status_text(std::uint8_t status) {
  const BinaryStatusRow* row = find_binary_status(status);
  std::string text = std::to_string(status);
  text += " (";
  text += row == nullptr ? std::string_view("not in Apple's table") : row->name;
  text += ')';
  return text;
}

}  // namespace apns
