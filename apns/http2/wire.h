#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Constants of HTTP/2 (RFC 9113). Layout, limits and sources: docs/wire/http2.md.
namespace apns::http2 {

using StreamId = std::uint32_t;  // 31 bits; 0 is the connection itself

/// RFC 9113 section 6. Other types are legal and ignored (section 5.5).
enum class FrameType : std::uint8_t {
  Data = 0,
  Headers = 1,
  Priority = 2,
  RstStream = 3,
  Settings = 4,
  PushPromise = 5,
  Ping = 6,
  Goaway = 7,
  WindowUpdate = 8,
  Continuation = 9,
};

/// Flags, by the frame types that define them. Others are ignored (section 4.1).
namespace flag {
inline constexpr std::uint8_t kEndStream = 0x01;   // DATA, HEADERS
inline constexpr std::uint8_t kAck = 0x01;         // SETTINGS, PING
inline constexpr std::uint8_t kEndHeaders = 0x04;  // HEADERS, PUSH_PROMISE, CONTINUATION
inline constexpr std::uint8_t kPadded = 0x08;      // DATA, HEADERS, PUSH_PROMISE
inline constexpr std::uint8_t kPriority = 0x20;    // HEADERS
}  // namespace flag

/// RFC 9113 section 7. A peer may send any 32-bit number.
enum class ErrorCode : std::uint32_t {
  NoError = 0,
  ProtocolError = 1,
  InternalError = 2,
  FlowControlError = 3,
  SettingsTimeout = 4,
  StreamClosed = 5,
  FrameSizeError = 6,
  RefusedStream = 7,
  Cancel = 8,
  CompressionError = 9,
  ConnectError = 10,
  EnhanceYourCalm = 11,
  InadequateSecurity = 12,
  Http11Required = 13,
};

/// RFC 9113 section 6.5.2. Unknown settings are ignored.
enum class SettingId : std::uint16_t {
  HeaderTableSize = 1,
  EnablePush = 2,
  MaxConcurrentStreams = 3,
  InitialWindowSize = 4,
  MaxFrameSize = 5,
  MaxHeaderListSize = 6,
};

inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline constexpr std::size_t kFrameHeaderLen = 9;  // length (3), type, flags, stream (4)
inline constexpr std::size_t kSettingLen = 6;      // id (2), value (4)
inline constexpr std::size_t kPingLen = 8;
inline constexpr std::size_t kRstStreamLen = 4;
inline constexpr std::size_t kWindowUpdateLen = 4;
inline constexpr std::size_t kPriorityLen = 5;     // exclusive bit and parent (4), weight
inline constexpr std::size_t kGoawayFixedLen = 8;  // last stream (4), error code (4)
inline constexpr std::size_t kPromisedIdLen = 4;

inline constexpr std::uint32_t kDefaultHeaderTableSize = 4096;
inline constexpr std::uint32_t kDefaultWindow = 65'535;
inline constexpr std::uint32_t kMaxWindow = 0x7FFF'FFFF;
inline constexpr std::uint32_t kMinMaxFrameSize = 16'384;  // what every endpoint must take
inline constexpr std::uint32_t kMaxMaxFrameSize = 0xFF'FFFF;
inline constexpr StreamId kMaxStreamId = 0x7FFF'FFFF;

}  // namespace apns::http2
