#include "scenarios/runner/http2_frames.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "apns/model/device_token.h"

namespace apns::scenarios {
namespace {

using http2::FrameHeader;
using http2::FrameType;

constexpr std::size_t kShownFrames = 4;
constexpr std::size_t kKeptBytes = 300;  // of a frame; more than a GOAWAY or an answer has
constexpr std::size_t kMaxListBytes = 16'384;
constexpr std::string_view kDevicePath = "/3/device/";

std::string printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~'; }, '.');
  return out;
}

std::string value_text(const http2::Field& field) {
  if (field.name == "authorization") {
    return "(not shown)";
  }
  if (field.name == ":path" && field.value.starts_with(kDevicePath)) {
    const auto token = DeviceToken::parse(field.value.substr(kDevicePath.size()));
    return std::string(kDevicePath) + (token ? token->to_short_text() : "?");
  }
  return printable(field.value);
}

std::string settings_text(const FrameHeader& header, ByteView payload) {
  if (header.has(http2::flag::kAck)) {
    return ", ACK";
  }
  std::string text;
  for (std::size_t i = 0; (i + 1) * http2::kSettingLen <= payload.size(); ++i) {
    const http2::Setting entry = http2::decode_setting(payload, i);
    text += ", " + http2::setting_text(entry.id) + " " + std::to_string(entry.value);
  }
  return text;
}

std::string stream_text(const FrameHeader& header) {
  return ", stream " + std::to_string(header.stream);
}

std::string u32_text(ByteView payload, std::string (*text)(std::uint32_t)) {
  ByteReader in(payload);
  return in.has(sizeof(std::uint32_t)) ? text(in.read<std::uint32_t>()) : "cut short";
}

std::string goaway_text(ByteView payload) {
  if (payload.size() < http2::kGoawayFixedLen) {
    return ", cut short";
  }
  std::string text = ", last stream " + std::to_string(http2::decode_u31(payload)) + ", " +
                     u32_text(payload.subspan(sizeof(std::uint32_t)), http2::error_code_text);
  if (const ByteView debug = payload.subspan(http2::kGoawayFixedLen); !debug.empty()) {
    text += ", " + printable(as_text(debug));
  }
  return text;
}

}  // namespace

Http2Frames::Http2Frames(Direction direction)
    : direction_(direction), is_preface_due_(direction == Direction::ToService), decoder_(names_) {}

void Http2Frames::add(ByteView bytes) {
  partial_.insert(partial_.end(), bytes.begin(), bytes.end());
  if (is_preface_due_) {
    if (partial_.size() < http2::kPreface.size()) {
      return;
    }
    partial_.erase(partial_.begin(),
                   partial_.begin() + static_cast<std::ptrdiff_t>(http2::kPreface.size()));
    is_preface_due_ = false;
  }
  take_frames();
}

void Http2Frames::take_frames() {
  ByteView rest(partial_);
  while (rest.size() >= http2::kFrameHeaderLen) {
    const FrameHeader header = http2::decode_frame_header(rest);
    const std::size_t len = http2::kFrameHeaderLen + header.payload_len;
    if (rest.size() < len) {
      break;
    }
    keep(header, rest.first(len));
    rest = rest.subspan(len);
  }
  partial_.erase(partial_.begin(), partial_.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

void Http2Frames::keep(const FrameHeader& header, ByteView frame) {
  Kept kept;
  kept.header = header;
  kept.fields = decode(header, frame.subspan(http2::kFrameHeaderLen));
  const ByteView first = frame.first(std::min(frame.size(), kKeptBytes));
  kept.bytes.assign(first.begin(), first.end());
  kept_.push_back(std::move(kept));
  if (kept_.size() > kShownFrames) {
    kept_.pop_front();
  }
}

std::string Http2Frames::decode(const FrameHeader& header, ByteView payload) {
  const bool begins = header.is(FrameType::Headers);
  if (!begins && !header.is(FrameType::Continuation)) {
    return {};
  }
  ByteView fragment = payload;
  if (begins) {
    fragment = http2::strip_padding(header, payload).value_or(ByteView());
    const std::size_t priority = header.has(http2::flag::kPriority) ? http2::kPriorityLen : 0;
    fragment = fragment.subspan(std::min(priority, fragment.size()));
  }
  block_.insert(block_.end(), fragment.begin(), fragment.end());
  if (!header.has(http2::flag::kEndHeaders)) {
    return ", not over";
  }
  const Bytes block = std::exchange(block_, {});
  if (is_undecodable_) {
    return ", not decoded";
  }
  const auto decoded = decoder_.decode(block, kMaxListBytes, scratch_);
  if (!decoded) {
    is_undecodable_ = true;
    return ", cannot be decoded";
  }
  std::string text;
  for (const http2::Field& field : decoded->fields) {
    text += ", " + printable(field.name) + " " + value_text(field);
  }
  return text;
}

std::string Http2Frames::describe(const Kept& kept) const {
  const FrameHeader& header = kept.header;
  const ByteView payload = ByteView(kept.bytes).subspan(http2::kFrameHeaderLen);
  const std::string name = http2::frame_type_text(header.type);
  const std::string end = header.has(http2::flag::kEndStream) ? ", END_STREAM" : "";
  if (header.is(FrameType::Headers)) {
    return name + stream_text(header) + kept.fields + end;
  }
  if (header.is(FrameType::Data)) {
    const bool is_answer = direction_ == Direction::ToProvider && !payload.empty();
    return name + stream_text(header) + ", " + std::to_string(header.payload_len) + " bytes" + end +
           (is_answer ? ", " + printable(as_text(payload)) : "");
  }
  if (header.is(FrameType::Continuation)) {
    return name + stream_text(header) + kept.fields;
  }
  if (header.is(FrameType::Settings)) {
    return name + settings_text(header, payload);
  }
  if (header.is(FrameType::Goaway)) {
    return name + goaway_text(payload);
  }
  if (header.is(FrameType::RstStream)) {
    return name + stream_text(header) + ", " + u32_text(payload, http2::error_code_text);
  }
  if (header.is(FrameType::WindowUpdate)) {
    return name + stream_text(header) + ", " +
           u32_text(payload, [](std::uint32_t value) { return std::to_string(value); });
  }
  if (header.is(FrameType::Ping)) {
    return name + (header.has(http2::flag::kAck) ? ", ACK" : "");
  }
  return http2::frame_text(header);
}

std::vector<std::string> Http2Frames::lines() const {
  std::vector<std::string> all;
  for (const Kept& kept : kept_) {
    all.push_back(frame_line(kept.bytes, describe(kept)));
  }
  if (!partial_.empty()) {
    all.push_back(frame_line(partial_, "not whole"));
  }
  return all;
}

}  // namespace apns::scenarios
