#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace apns::http2 {

/// The Huffman code of RFC 7541 Appendix B: 256 bytes and the end-of-string symbol, EOS.
namespace huffman_code {

inline constexpr std::size_t kNumSymbols = 257;
inline constexpr std::size_t kEos = 256;
inline constexpr unsigned kMinLen = 5;
inline constexpr unsigned kMaxLen = 30;

/// Length of each symbol's code in bits. They are all that defines the code, which is canonical:
/// shorter codes are smaller when aligned at the left, codes of one length ascend with the symbol.
inline constexpr std::array<std::uint8_t, kNumSymbols> kLens = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,  // 0x00
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,  // 0x10
    6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,   // 0x20: space to /
    5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8,  15, 6,  12, 10,  // 0x30: 0 to ?
    13, 6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,   // 0x40: @ to O
    7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8,  13, 19, 13, 14, 6,   // 0x50: P to _
    15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,   // 0x60: ` to o
    6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7,  15, 11, 14, 13, 28,  // 0x70: p to DEL
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,  // 0x80
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,  // 0x90
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,  // 0xa0
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,  // 0xb0
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,  // 0xc0
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,  // 0xd0
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,  // 0xe0
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,  // 0xf0
    30,                                                              // EOS
};

/// What a canonical code is made of, per length.
struct Canonical {
  std::array<std::uint32_t, kMaxLen + 2> first_code{};   // of that length; not aligned
  std::array<std::uint16_t, kMaxLen + 2> first_index{};  // of its symbol in `symbols`
  std::array<std::uint16_t, kNumSymbols> symbols{};      // ordered by length, then by symbol
};

consteval Canonical make_canonical() {
  Canonical made;
  std::uint32_t code = 0;
  std::uint16_t index = 0;
  for (unsigned len = kMinLen; len <= kMaxLen; ++len) {
    made.first_code[len] = code;
    made.first_index[len] = index;
    for (std::size_t symbol = 0; symbol < kNumSymbols; ++symbol) {
      if (kLens[symbol] == len) {
        made.symbols[index++] = static_cast<std::uint16_t>(symbol);
        ++code;
      }
    }
    code <<= 1U;
  }
  // One past the last code of the greatest length, with a bit more: all codes are in use.
  made.first_code[kMaxLen + 1] = code;
  made.first_index[kMaxLen + 1] = index;
  return made;
}

inline constexpr Canonical kCanonical = make_canonical();
static_assert(kCanonical.first_code[kMaxLen + 1] == 1U << (kMaxLen + 1), "the code is complete");
static_assert(kCanonical.first_index[kMaxLen + 1] == kNumSymbols);

consteval std::array<std::uint32_t, kNumSymbols> make_codes() {
  std::array<std::uint32_t, kNumSymbols> codes{};
  std::array<std::uint32_t, kMaxLen + 2> next = kCanonical.first_code;
  for (std::size_t symbol = 0; symbol < kNumSymbols; ++symbol) {
    codes[symbol] = next[kLens[symbol]]++;
  }
  return codes;
}

/// Each symbol's code, aligned at the right.
inline constexpr std::array<std::uint32_t, kNumSymbols> kCodes = make_codes();
static_assert(kCodes['0'] == 0x0 && kCodes['&'] == 0xf8 && kCodes[0] == 0x1ff8);
static_assert(kCodes[0xff] == 0x3ffffee && kCodes[kEos] == 0x3fffffff);

}  // namespace huffman_code

}  // namespace apns::http2
