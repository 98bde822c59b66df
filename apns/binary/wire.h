#pragma once

#include <cstddef>
#include <cstdint>

/// Constants of the binary provider API and its feedback service. Layout, limits and sources:
/// docs/wire/binary.md, docs/wire/feedback.md.
namespace apns::binary {

enum class Command : std::uint8_t {
  Simple = 0,    // "Legacy Notification Format": token, payload
  Enhanced = 1,  // ... with identifier and expiry
  Framed = 2,    // Binary Provider API: frame of items
  Error = 8,     // gateway to provider
};

enum class Item : std::uint8_t {
  DeviceToken = 1,
  Payload = 2,
  Identifier = 3,
  Expiration = 4,
  Priority = 5,
};

inline constexpr std::size_t kCommandLen = 1;
inline constexpr std::size_t kLengthLen = 2;           // of a device token, payload or item
inline constexpr std::size_t kErrorPacketLen = 6;      // command, status, identifier (4)
inline constexpr std::size_t kSimpleHeaderLen = 3;     // command, token length (2)
inline constexpr std::size_t kEnhancedHeaderLen = 11;  // command, identifier, expiry, token length
inline constexpr std::size_t kFrameHeaderLen = 5;      // command, frame length (4)
inline constexpr std::size_t kItemHeaderLen = 3;       // id, length (2)
inline constexpr std::size_t kIdentifierLen = 4;
inline constexpr std::size_t kExpirationLen = 4;
inline constexpr std::size_t kPriorityLen = 1;
inline constexpr std::size_t kTimestampLen = 4;       // feedback tuple
inline constexpr std::size_t kFeedbackHeaderLen = 6;  // timestamp (4), token length (2)

/// What stands for "no expiration" in command 1, which cannot leave the field out: the latest
/// second that a signed reader understands, in 2038. Zero would mean "do not store". Our choice.
inline constexpr std::uint32_t kLatestExpiration = 0x7FFFFFFF;

/// No legal frame is longer: token and payload items of the largest 16-bit length, and the three
/// fixed items. Our choice; Apple gives no limit.
inline constexpr std::size_t kMaxFrameLen =
    2 * (kItemHeaderLen + 0xFFFF) + (kItemHeaderLen + kIdentifierLen) +
    (kItemHeaderLen + kExpirationLen) + (kItemHeaderLen + kPriorityLen);

}  // namespace apns::binary
