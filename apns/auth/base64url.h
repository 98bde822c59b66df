#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apns/base/bytes.h"

/// Base64 with the alphabet for URLs and without padding, as tokens are written: RFC 4648 section
/// 5, RFC 7515 section 2.
namespace apns::auth {

enum class Base64UrlError : std::uint8_t {
  Padded,         // '=' at the end
  OtherAlphabet,  // '+' or '/', which are of the ordinary base64
  BadCharacter,   // any other that is of neither alphabet
  BadLength,      // four characters and one more: no number of bytes is written so
  UnusedBits,     // the last character says more than the bytes need (RFC 4648 section 3.5)
};

/// Replaces what `out` held; its capacity is kept. Nullopt: decoded. An error leaves `out` empty.
/// Of several errors the first in the text counts, and BadLength and UnusedBits come last.
[[nodiscard]] std::optional<Base64UrlError> decode_base64url(std::string_view text, Bytes& out);

/// Appends to `out`.
void append_base64url(ByteView bytes, std::string& out);

}  // namespace apns::auth
