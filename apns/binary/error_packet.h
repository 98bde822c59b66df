#pragma once

#include <array>
#include <cstdint>

#include "apns/base/bytes.h"
#include "apns/base/result.h"
#include "apns/binary/wire.h"

namespace apns::binary {

/// What the gateway says, at most once, before it closes: which notification was bad and why.
/// The status is a raw byte, because peers send bytes that are not in Apple's table; see
/// BinaryStatus.
struct ErrorPacket {
  std::uint8_t status = 0;
  std::uint32_t identifier = 0;

  [[nodiscard]] bool operator==(const ErrorPacket&) const = default;
};

enum class ErrorPacketError {
  BadCommand,  // the first byte is not 8
};

/// Decodes one error packet from the front of `in`.
/// Wire: 6 bytes = command 8, status (1 byte), identifier (4 bytes, exactly as the provider sent
/// them). Returns the packet and advances `in` by 6. NeedMore: fewer than 6 bytes, nothing
/// consumed. BadCommand: first byte is not 8, nothing consumed. Source: "Local and Remote
/// Notification Programming Guide", Binary Provider API; docs/wire/binary.md#error-packet.
[[nodiscard]] Decoded<ErrorPacket, ErrorPacketError> decode_error_packet(ByteReader& in);

[[nodiscard]] std::array<std::byte, kErrorPacketLen> encode_error_packet(const ErrorPacket& packet);

}  // namespace apns::binary
