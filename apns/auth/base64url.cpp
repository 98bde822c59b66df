#include "apns/auth/base64url.h"

#include <array>

namespace apns::auth {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNone = 0xFF;
constexpr std::size_t kGroup = 4;  // characters, for three bytes
constexpr unsigned kBits = 6;      // of a character

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> kValues = make_values();

Base64UrlError error_at(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '=':
      return text.find_first_not_of('=', at) == std::string_view::npos
                 ? Base64UrlError::Padded
                 : Base64UrlError::BadCharacter;
    case '+':
    case '/':
      return Base64UrlError::OtherAlphabet;
    default:
      return Base64UrlError::BadCharacter;
  }
}

}  // namespace

std::optional<Base64UrlError> decode_base64url(std::string_view text, Bytes& out) {
  out.clear();
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(text[i])];
    if (value == kNone) {
      out.clear();
      return error_at(text, i);
    }
    bits = (bits << kBits | value) & 0xFFFU;
    num_bits += kBits;
    if (num_bits >= 8) {
      num_bits -= 8;
      out.push_back(static_cast<std::byte>(bits >> num_bits));
    }
  }
  if (text.size() % kGroup == 1) {
    out.clear();
    return Base64UrlError::BadLength;
  }
  if ((bits & ((1U << num_bits) - 1U)) != 0) {
    out.clear();
    return Base64UrlError::UnusedBits;
  }
  return std::nullopt;
}

void append_base64url(ByteView bytes, std::string& out) {
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (const std::byte byte : bytes) {
    bits = (bits << 8U | std::to_integer<std::uint32_t>(byte)) & 0xFFFFU;
    num_bits += 8;
    while (num_bits >= kBits) {
      num_bits -= kBits;
      out += kAlphabet[bits >> num_bits & 0x3FU];
    }
  }
  if (num_bits > 0) {
    out += kAlphabet[bits << (kBits - num_bits) & 0x3FU];
  }
}

}  // namespace apns::auth
