#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apns/base/bytes.h"
#include "apns/http2/wire.h"

namespace apns::http2 {

/// The nine bytes in front of every frame (RFC 9113 section 4.1). `type` and `flags` are kept as
/// they came: unknown ones are legal.
struct FrameHeader {
  std::uint32_t payload_len = 0;  // 24 bits
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  StreamId stream = 0;  // without the reserved bit, which is ignored

  [[nodiscard]] bool is(FrameType of) const { return type == static_cast<std::uint8_t>(of); }

  [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// `in` holds at least kFrameHeaderLen bytes. Every nine bytes are a frame header; whether it may
/// stand where it stands is the session's question.
[[nodiscard]] FrameHeader decode_frame_header(ByteView in);

/// One entry of a SETTINGS frame, of any id and value.
struct Setting {
  std::uint16_t id = 0;
  std::uint32_t value = 0;

  Setting() = default;

  Setting(SettingId known, std::uint32_t of) : id(static_cast<std::uint16_t>(known)), value(of) {}

  Setting(std::uint16_t any, std::uint32_t of) : id(any), value(of) {}

  [[nodiscard]] bool is(SettingId known) const { return id == static_cast<std::uint16_t>(known); }

  [[nodiscard]] bool operator==(const Setting&) const = default;
};

/// The i-th entry; `payload` holds it.
[[nodiscard]] Setting decode_setting(ByteView payload, std::size_t i);

/// What stands in `payload` of a DATA, HEADERS or PUSH_PROMISE frame between the pad length and the
/// padding. Nullopt: the pad length is missing, or says as much as or more than what follows
/// (sections 6.1, 6.2).
[[nodiscard]] std::optional<ByteView> strip_padding(const FrameHeader& header, ByteView payload);

/// A 31-bit number at the front of `payload`, which holds four bytes; the reserved bit is ignored.
[[nodiscard]] std::uint32_t decode_u31(ByteView payload);

// ---- Encoders. Each appends one frame, and sends what it is given: none checks. ----

void append_frame_header(Bytes& out, const FrameHeader& header);
/// Any type, flags and payload; `stream` may have the reserved bit.
void append_frame(Bytes& out, std::uint8_t type, std::uint8_t flags, StreamId stream,
                  ByteView payload);
void append_settings(Bytes& out, std::span<const Setting> settings);
void append_settings_ack(Bytes& out);
void append_ping(Bytes& out, ByteView opaque, bool is_ack);
void append_goaway(Bytes& out, StreamId last_stream, ErrorCode code, std::string_view debug = {});
void append_rst_stream(Bytes& out, StreamId stream, ErrorCode code);
void append_window_update(Bytes& out, StreamId stream, std::uint32_t increment);
/// `block` in one HEADERS frame and as many CONTINUATION frames as `max_frame_size` asks for.
void append_headers(Bytes& out, StreamId stream, ByteView block, bool end_stream,
                    std::uint32_t max_frame_size = kMinMaxFrameSize);

// ---- For people ----

/// "HEADERS"; "type 0x2a" for one that RFC 9113 does not know.
[[nodiscard]] std::string frame_type_text(std::uint8_t type);
/// "PROTOCOL_ERROR"; "error 0x2a".
[[nodiscard]] std::string error_code_text(std::uint32_t code);
/// "MAX_CONCURRENT_STREAMS"; "setting 0x2a".
[[nodiscard]] std::string setting_text(std::uint16_t id);
/// "HEADERS, stream 1, 34 bytes, END_STREAM END_HEADERS".
[[nodiscard]] std::string frame_text(const FrameHeader& header);

}  // namespace apns::http2
