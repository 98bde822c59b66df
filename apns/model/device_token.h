#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "apns/base/bytes.h"

namespace apns {

/// A device token: 1 to 100 opaque bytes. Apple says not to assume a length; 32 is what the binary
/// API saw in practice, "up to 100" is the last text of the framed format. Source: "Local and
/// Remote Notification Programming Guide", Binary Provider API (2018), item 1. A value type without
/// allocation; compares by bytes.
class DeviceToken {
 public:
  static constexpr std::size_t kMaxLen = 100;

  /// Nullopt: empty, or longer than kMaxLen.
  [[nodiscard]] static std::optional<DeviceToken> from_bytes(ByteView bytes);

  /// Parses hex in either case, without separators. Nullopt: another character, an odd number of
  /// digits, or a length that from_bytes refuses.
  [[nodiscard]] static std::optional<DeviceToken> parse(std::string_view hex);

  [[nodiscard]] ByteView bytes() const { return ByteView(bytes_).first(len_); }

  /// Lower-case hex, whole.
  [[nodiscard]] std::string to_hex() const { return apns::to_hex(bytes()); }

  /// For text and logs, which never show a token whole: "a1a1…a1a1" (first and last two bytes), or
  /// all of a token of at most 4 bytes.
  [[nodiscard]] std::string to_short_text() const;

  [[nodiscard]] bool operator==(const DeviceToken& other) const {
    return std::ranges::equal(bytes(), other.bytes());
  }

  [[nodiscard]] std::size_t hash() const { return std::hash<std::string_view>{}(as_text(bytes())); }

 private:
  DeviceToken() = default;

  std::uint8_t len_ = 0;  // 1 to kMaxLen
  std::array<std::byte, kMaxLen> bytes_{};
};

}  // namespace apns

template <>
struct std::hash<apns::DeviceToken> {
  std::size_t operator()(const apns::DeviceToken& token) const { return token.hash(); }
};
