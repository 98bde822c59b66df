#include "apns/http2/frame.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace apns::http2 {

namespace {

constexpr std::uint32_t kReservedBit = 0x8000'0000;

std::uint8_t byte_at(ByteView in, std::size_t at) {
  return std::to_integer<std::uint8_t>(in[at]);
}

std::uint32_t u32_at(ByteView in, std::size_t at) {
  return static_cast<std::uint32_t>(byte_at(in, at)) << 24U |
         static_cast<std::uint32_t>(byte_at(in, at + 1)) << 16U |
         static_cast<std::uint32_t>(byte_at(in, at + 2)) << 8U |
         static_cast<std::uint32_t>(byte_at(in, at + 3));
}

void put_u32(std::byte* at, std::uint32_t value) {
  at[0] = static_cast<std::byte>(value >> 24U);
  at[1] = static_cast<std::byte>(value >> 16U);
  at[2] = static_cast<std::byte>(value >> 8U);
  at[3] = static_cast<std::byte>(value);
}

std::string hex_text(std::string_view what, std::uint32_t value) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  do {
    digits.insert(digits.begin(), kDigits[value & 0xFU]);
    value >>= 4U;
  } while (value != 0);
  return std::string(what) + " 0x" + digits;
}

/// Appends a frame header and `payload_len` bytes, to which it returns a pointer.
std::byte* append_room(Bytes& out, std::size_t payload_len, FrameType type, std::uint8_t flags,
                       StreamId stream) {
  const std::size_t at = out.size();
  append_frame_header(out, FrameHeader{static_cast<std::uint32_t>(payload_len),
                                       static_cast<std::uint8_t>(type), flags, stream});
  out.resize(at + kFrameHeaderLen + payload_len);
  return out.data() + at + kFrameHeaderLen;
}

}  // namespace

FrameHeader decode_frame_header(ByteView in) {
  assert(in.size() >= kFrameHeaderLen);
  return FrameHeader{u32_at(in, 0) >> 8U, byte_at(in, 3), byte_at(in, 4),
                     u32_at(in, 5) & ~kReservedBit};
}

Setting decode_setting(ByteView payload, std::size_t i) {
  const std::size_t at = i * kSettingLen;
  assert(payload.size() >= at + kSettingLen);
  return Setting{static_cast<std::uint16_t>(u32_at(payload, at) >> 16U), u32_at(payload, at + 2)};
}

std::optional<ByteView> strip_padding(const FrameHeader& header, ByteView payload) {
  if (!header.has(flag::kPadded)) {
    return payload;
  }
  if (payload.empty() || byte_at(payload, 0) >= payload.size()) {
    return std::nullopt;
  }
  return payload.subspan(1, payload.size() - 1 - byte_at(payload, 0));
}

std::uint32_t decode_u31(ByteView payload) {
  assert(payload.size() >= 4);
  return u32_at(payload, 0) & ~kReservedBit;
}

void append_frame_header(Bytes& out, const FrameHeader& header) {
  assert(header.payload_len <= kMaxMaxFrameSize);
  std::array<std::byte, kFrameHeaderLen> bytes;
  put_u32(bytes.data(), header.payload_len << 8U | header.type);
  bytes[4] = static_cast<std::byte>(header.flags);
  put_u32(bytes.data() + 5, header.stream);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_frame(Bytes& out, std::uint8_t type, std::uint8_t flags, StreamId stream,
                  ByteView payload) {
  append_frame_header(out,
                      FrameHeader{static_cast<std::uint32_t>(payload.size()), type, flags, stream});
  out.insert(out.end(), payload.begin(), payload.end());
}

void append_settings(Bytes& out, std::span<const Setting> settings) {
  std::byte* at = append_room(out, settings.size() * kSettingLen, FrameType::Settings, 0, 0);
  for (const Setting& setting : settings) {
    at[0] = static_cast<std::byte>(setting.id >> 8U);
    at[1] = static_cast<std::byte>(setting.id);
    put_u32(at + 2, setting.value);
    at += kSettingLen;
  }
}

void append_settings_ack(Bytes& out) {
  append_room(out, 0, FrameType::Settings, flag::kAck, 0);
}

void append_ping(Bytes& out, ByteView opaque, bool is_ack) {
  assert(opaque.size() == kPingLen);
  append_frame(out, static_cast<std::uint8_t>(FrameType::Ping),
               is_ack ? flag::kAck : std::uint8_t{0}, 0, opaque);
}

void append_goaway(Bytes& out, StreamId last_stream, ErrorCode code, std::string_view debug) {
  std::byte* at = append_room(out, kGoawayFixedLen + debug.size(), FrameType::Goaway, 0, 0);
  put_u32(at, last_stream);
  put_u32(at + 4, static_cast<std::uint32_t>(code));
  std::ranges::copy(as_bytes(debug), at + kGoawayFixedLen);
}

void append_rst_stream(Bytes& out, StreamId stream, ErrorCode code) {
  put_u32(append_room(out, kRstStreamLen, FrameType::RstStream, 0, stream),
          static_cast<std::uint32_t>(code));
}

void append_window_update(Bytes& out, StreamId stream, std::uint32_t increment) {
  put_u32(append_room(out, kWindowUpdateLen, FrameType::WindowUpdate, 0, stream), increment);
}

void append_headers(Bytes& out, StreamId stream, ByteView block, bool end_stream,
                    std::uint32_t max_frame_size) {
  FrameType type = FrameType::Headers;
  std::uint8_t flags = end_stream ? flag::kEndStream : std::uint8_t{0};
  do {
    const ByteView part = block.first(std::min<std::size_t>(block.size(), max_frame_size));
    block = block.subspan(part.size());
    if (block.empty()) {
      flags |= flag::kEndHeaders;
    }
    append_frame(out, static_cast<std::uint8_t>(type), flags, stream, part);
    type = FrameType::Continuation;
    flags = 0;
  } while (!block.empty());
}

std::string frame_type_text(std::uint8_t type) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "DATA",         "HEADERS", "PRIORITY", "RST_STREAM",    "SETTINGS",
      "PUSH_PROMISE", "PING",    "GOAWAY",   "WINDOW_UPDATE", "CONTINUATION"};
  return type < kNames.size() ? std::string(kNames[type]) : hex_text("type", type);
}

std::string error_code_text(std::uint32_t code) {
  static constexpr std::array<std::string_view, 14> kNames = {"NO_ERROR",
                                                              "PROTOCOL_ERROR",
                                                              "INTERNAL_ERROR",
                                                              "FLOW_CONTROL_ERROR",
                                                              "SETTINGS_TIMEOUT",
                                                              "STREAM_CLOSED",
                                                              "FRAME_SIZE_ERROR",
                                                              "REFUSED_STREAM",
                                                              "CANCEL",
                                                              "COMPRESSION_ERROR",
                                                              "CONNECT_ERROR",
                                                              "ENHANCE_YOUR_CALM",
                                                              "INADEQUATE_SECURITY",
                                                              "HTTP_1_1_REQUIRED"};
  return code < kNames.size() ? std::string(kNames[code]) : hex_text("error", code);
}

std::string setting_text(std::uint16_t id) {
  static constexpr std::array<std::string_view, 7> kNames = {"",
                                                             "HEADER_TABLE_SIZE",
                                                             "ENABLE_PUSH",
                                                             "MAX_CONCURRENT_STREAMS",
                                                             "INITIAL_WINDOW_SIZE",
                                                             "MAX_FRAME_SIZE",
                                                             "MAX_HEADER_LIST_SIZE"};
  return id > 0 && id < kNames.size() ? std::string(kNames[id]) : hex_text("setting", id);
}

std::string frame_text(const FrameHeader& header) {
  std::string text = frame_type_text(header.type) + ", stream " + std::to_string(header.stream) +
                     ", " + std::to_string(header.payload_len) + " bytes";
  const bool is_ackable = header.is(FrameType::Settings) || header.is(FrameType::Ping);
  const bool is_block = header.is(FrameType::Headers) || header.is(FrameType::PushPromise) ||
                        header.is(FrameType::Continuation);
  const bool may_end = header.is(FrameType::Data) || header.is(FrameType::Headers);
  std::string names;
  const auto name = [&](bool may_have, std::uint8_t flag, std::string_view as) {
    if (may_have && header.has(flag)) {
      (names += " ") += as;
    }
  };
  name(is_ackable, flag::kAck, "ACK");
  name(may_end, flag::kEndStream, "END_STREAM");
  name(is_block, flag::kEndHeaders, "END_HEADERS");
  name(may_end || header.is(FrameType::PushPromise), flag::kPadded, "PADDED");
  name(header.is(FrameType::Headers), flag::kPriority, "PRIORITY");
  return names.empty() ? text : text + "," + names;
}

}  // namespace apns::http2
