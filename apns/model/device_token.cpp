#include "apns/model/device_token.h"

#include <charconv>

namespace apns {

std::optional<DeviceToken> DeviceToken::from_bytes(ByteView bytes) {
  if (bytes.empty() || bytes.size() > kMaxLen) {
    return std::nullopt;
  }
  DeviceToken token;
  std::ranges::copy(bytes, token.bytes_.begin());
  token.len_ = static_cast<std::uint8_t>(bytes.size());
  return token;
}

std::optional<DeviceToken> DeviceToken::parse(std::string_view hex) {
  if (hex.size() % 2 != 0 || hex.size() > 2 * kMaxLen) {
    return std::nullopt;
  }
  std::array<std::byte, kMaxLen> bytes{};
  std::size_t len = 0;
  for (; !hex.empty(); hex.remove_prefix(2)) {
    // from_chars takes neither blanks, signs nor "0x" here, so two characters read are two hex
    // digits.
    std::uint8_t value = 0;
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + 2, value, 16);
    if (error != std::errc{} || end != hex.data() + 2) {
      return std::nullopt;
    }
    bytes[len++] = std::byte{value};
  }
  return from_bytes(ByteView(bytes).first(len));
}

std::string DeviceToken::to_short_text() const {
  constexpr std::size_t kShownLen = 2;  // at each end
  if (bytes().size() <= 2 * kShownLen) {
    return to_hex();
  }
  return apns::to_hex(bytes().first(kShownLen)) + "\u2026" + apns::to_hex(bytes().last(kShownLen));
}

}  // namespace apns
