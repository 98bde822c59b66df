#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "apns/base/bytes.h"
#include "apns/base/result.h"

namespace apns::http2 {

/// Bytes of `text` once encoded.
[[nodiscard]] std::size_t huffman_len(std::string_view text);

/// Appends `text` in the code of RFC 7541 Appendix B, padded with the first bits of EOS
/// (section 5.2): huffman_len(text) bytes.
void huffman_encode(std::string_view text, Bytes& out);

/// More than this many bytes never come from `encoded_len` encoded ones: no code is shorter than 5
/// bits.
[[nodiscard]] constexpr std::size_t max_huffman_decoded_len(std::size_t encoded_len) {
  return encoded_len * 8 / 5;
}

enum class HuffmanError : std::uint8_t {
  Eos,             // the symbol EOS inside the string (RFC 7541 section 5.2)
  PaddingTooLong,  // 8 bits or more of padding (section 5.2)
  PaddingNotOnes,  // it is not the first bits of EOS, or a code is not whole (section 5.2)
  OutputFull,      // more than `out` takes
};

/// Decodes the whole of `in` to the front of `out`; returns the number of bytes written. On error,
/// what stands in `out` is of no meaning. Never reads or writes past either.
[[nodiscard]] Result<std::size_t, HuffmanError> huffman_decode(ByteView in, std::span<char> out);

}  // namespace apns::http2
