#include "scenarios/runner/binary_frames.h"

#include <algorithm>
#include <optional>

#include "apns/binary/error_packet.h"
#include "apns/binary/notification_codec.h"
#include "apns/binary/wire.h"
#include "apns/model/binary_status.h"

namespace apns::scenarios {
namespace {

constexpr std::size_t kShownFrames = 2;
constexpr std::size_t kPayloadKeepLimit = 65535;

/// The length of the frame in front, if it is one of command 2 and whole.
std::optional<std::size_t> whole_frame(ByteView bytes) {
  ByteReader in(bytes);
  if (!in.has(binary::kFrameHeaderLen) ||
      in.read<std::uint8_t>() != static_cast<std::uint8_t>(binary::Command::Framed)) {
    return std::nullopt;
  }
  const auto len = in.read<std::uint32_t>();
  if (!in.has(len)) {
    return std::nullopt;
  }
  return binary::kFrameHeaderLen + len;
}

std::string describe_notification(const binary::NotificationView& view) {
  std::string text = "notification";
  if (view.identifier) {
    text += ", identifier " + std::to_string(*view.identifier);
  }
  if (const std::optional<DeviceToken> token = DeviceToken::from_bytes(view.device_token)) {
    text += ", device token " + token->to_short_text();
  }
  text += ", payload " + std::to_string(view.payload_len) + " bytes";
  if (view.expiration) {
    text += ", expiration " + std::to_string(*view.expiration);
  }
  if (view.priority) {
    text += ", priority " + std::to_string(*view.priority);
  }
  return text;
}

std::vector<std::string> notifications_of(ByteView bytes) {
  std::vector<std::string> lines;
  binary::NotificationDecoder decoder(kPayloadKeepLimit);
  ByteReader in(bytes);
  while (in.left() > 0) {
    const ByteView before = in.rest();
    const auto decoded = decoder.next(in);
    if (decoded.has_value()) {
      lines.push_back(frame_line(before.first(decoded.value().wire_len),
                                 describe_notification(decoded.value())));
    } else {
      lines.push_back(frame_line(before, decoded.need_more() ? "not whole" : "not a notification"));
      break;
    }
  }
  return lines;
}

std::vector<std::string> packets_of(ByteView bytes) {
  std::vector<std::string> lines;
  ByteReader in(bytes);
  while (in.left() > 0) {
    const ByteView before = in.rest();
    const auto decoded = binary::decode_error_packet(in);
    if (!decoded.has_value()) {
      lines.push_back(
          frame_line(before, decoded.need_more() ? "not whole" : "not an error packet"));
      break;
    }
    lines.push_back(frame_line(before.first(binary::kErrorPacketLen),
                               "error packet, status " +
                                   binary_status_text(decoded.value().status) + ", identifier " +
                                   std::to_string(decoded.value().identifier)));
  }
  return lines;
}

}  // namespace

void BinaryFrames::add(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  while (bytes_.size() - at_ > kKeepBytes) {
    const ByteView kept = this->bytes();
    const std::size_t drop = whole_frame(kept).value_or(kept.size() - kKeepBytes);
    at_ += drop;
    num_dropped_ += drop;
  }
  if (at_ > kKeepBytes) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
  }
}

std::vector<std::string> BinaryFrames::lines() const {
  std::vector<std::string> all =
      direction_ == Direction::ToService ? notifications_of(bytes()) : packets_of(bytes());
  const std::size_t skipped = all.size() - std::min(all.size(), kShownFrames);
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(skipped));
  return all;
}

}  // namespace apns::scenarios
