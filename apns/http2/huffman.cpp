#include "apns/http2/huffman.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstring>

#include "apns/http2/huffman_code.h"

namespace apns::http2 {

namespace {

using huffman_code::kCanonical;
using huffman_code::kCodes;
using huffman_code::kLens;
using huffman_code::kMaxLen;

constexpr unsigned kLookupBits = 12;
constexpr unsigned kWordBits = 64;

/// What the next kLookupBits bits stand for.
struct Lookup {
  std::array<char, 2> symbols{};
  std::uint8_t num_symbols = 0;  // 0: a code longer than kLookupBits
  std::uint8_t num_bits = 0;     // of all of them
};

/// The symbol at the left of `bits`, which are kLookupBits, of which `valid` count; kEos: none.
consteval std::size_t short_symbol(std::uint32_t bits, unsigned valid) {
  for (unsigned len = huffman_code::kMinLen; len <= valid; ++len) {
    const std::uint32_t code = bits >> (kLookupBits - len);
    const std::uint32_t index = kCanonical.first_index[len] + (code - kCanonical.first_code[len]);
    if (code >= kCanonical.first_code[len] && index < kCanonical.first_index[len + 1]) {
      return kCanonical.symbols[index];
    }
  }
  return huffman_code::kEos;
}

consteval std::array<Lookup, 1U << kLookupBits> make_lookups() {
  std::array<Lookup, 1U << kLookupBits> made{};
  for (std::uint32_t bits = 0; bits < made.size(); ++bits) {
    Lookup& entry = made[bits];
    std::uint32_t rest = bits;
    while (entry.num_symbols < 2) {
      const std::size_t symbol = short_symbol(rest, kLookupBits - entry.num_bits);
      if (symbol == huffman_code::kEos) {
        break;
      }
      entry.symbols[entry.num_symbols++] = static_cast<char>(symbol);
      entry.num_bits = static_cast<std::uint8_t>(entry.num_bits + kLens[symbol]);
      rest = (rest << kLens[symbol]) & ((1U << kLookupBits) - 1);
    }
  }
  return made;
}

constexpr std::array<Lookup, 1U << kLookupBits> kLookups = make_lookups();

/// Per length, one past its greatest code, aligned at the left of 32 bits: ascending, so that the
/// first length whose bound is above the bits is the length of the code in front.
consteval std::array<std::uint64_t, kMaxLen + 1> make_bounds() {
  std::array<std::uint64_t, kMaxLen + 1> bounds{};
  for (unsigned len = huffman_code::kMinLen; len <= kMaxLen; ++len) {
    const auto num =
        static_cast<std::uint64_t>(kCanonical.first_index[len + 1]) - kCanonical.first_index[len];
    bounds[len] = (kCanonical.first_code[len] + num) << (32U - len);
  }
  return bounds;
}

constexpr std::array<std::uint64_t, kMaxLen + 1> kBounds = make_bounds();

std::uint64_t load_big_endian(const std::byte* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof(word));
  if constexpr (std::endian::native == std::endian::little) {
    word = __builtin_bswap64(word);
  }
  return word;
}

/// The bits that are left, next one at the left of a word.
/// Invariant: below the num_bits valid ones, `bits` holds what follows in the input, or zeros.
class BitReader {
 public:
  explicit BitReader(ByteView in) : at_(in.data()), end_(in.data() + in.size()) {}

  [[nodiscard]] bool has_word() const { return end_ - at_ >= 8; }

  /// Afterwards at least 56 bits are valid. Asks for has_word().
  void refill_word() {
    bits_ |= load_big_endian(at_) >> num_bits_;
    at_ += (kWordBits - 1 - num_bits_) >> 3U;
    num_bits_ |= 56U;
  }

  /// Afterwards at least 56 bits are valid, or all that are left.
  void refill_bytes() {
    while (at_ != end_ && num_bits_ <= kWordBits - 8) {
      bits_ |= std::to_integer<std::uint64_t>(*at_++) << (kWordBits - 8 - num_bits_);
      num_bits_ += 8;
    }
  }

  [[nodiscard]] std::uint64_t bits() const { return bits_; }

  [[nodiscard]] unsigned num_bits() const { return num_bits_; }

  void skip(unsigned n) {
    bits_ <<= n;
    num_bits_ -= n;
  }

  /// The bits past the valid ones as ones, as if the padding went on.
  [[nodiscard]] std::uint64_t padded() const {
    return num_bits_ >= kWordBits ? bits_ : bits_ | ~std::uint64_t{0} >> num_bits_;
  }

  /// Drops what refill_word() looked at beyond the valid bits, for refill_bytes().
  void clear_invalid() {
    bits_ = num_bits_ == 0 ? 0 : bits_ & ~std::uint64_t{0} << (kWordBits - num_bits_);
  }

 private:
  const std::byte* at_;
  const std::byte* end_;
  std::uint64_t bits_ = 0;
  unsigned num_bits_ = 0;  // below 64
};

/// Length of the code at the left of `bits`.
unsigned code_len(std::uint64_t bits) {
  const std::uint64_t front = bits >> 32U;
  unsigned len = huffman_code::kMinLen;
  while (len < kMaxLen && front >= kBounds[len]) {
    ++len;
  }
  return len;
}

/// What is left is shorter than the code it begins with: fine if it is padding (section 5.2).
Result<std::size_t, HuffmanError> finish(const BitReader& in, std::size_t num_written) {
  if (in.padded() != ~std::uint64_t{0}) {
    return HuffmanError::PaddingNotOnes;
  }
  if (in.num_bits() >= 8) {
    return HuffmanError::PaddingTooLong;
  }
  return num_written;
}

}  // namespace

std::size_t huffman_len(std::string_view text) {
  std::size_t num_bits = 0;
  for (const char c : text) {
    num_bits += kLens[static_cast<unsigned char>(c)];
  }
  return (num_bits + 7) / 8;
}

void huffman_encode(std::string_view text, Bytes& out) {
  const std::size_t begin = out.size();
  out.resize(begin + huffman_len(text));
  std::byte* at = out.data() + begin;
  std::uint64_t bits = 0;  // the num_bits at its right are yet to be written
  unsigned num_bits = 0;
  for (const char c : text) {
    const auto symbol = static_cast<unsigned char>(c);
    bits = bits << kLens[symbol] | kCodes[symbol];
    num_bits += kLens[symbol];
    if (num_bits >= 32) {
      num_bits -= 32;
      const auto word = static_cast<std::uint32_t>(bits >> num_bits);
      for (unsigned shift = 32; shift > 0; shift -= 8) {
        *at++ = static_cast<std::byte>(word >> (shift - 8));
      }
    }
  }
  const unsigned padding = (8 - num_bits % 8) % 8;
  bits = bits << padding | ((1U << padding) - 1);
  num_bits += padding;
  while (num_bits > 0) {
    num_bits -= 8;
    *at++ = static_cast<std::byte>(bits >> num_bits);
  }
}

Result<std::size_t, HuffmanError> huffman_decode(ByteView encoded, std::span<char> out) {
  // Each round of the fast loop takes four look-ups out of 56 bits; a code longer than a look-up,
  // and the last bytes of either side, go symbol by symbol.
  constexpr std::ptrdiff_t kLookupsPerWord = 4;
  BitReader in(encoded);
  char* at = out.data();
  char* const end = out.data() + out.size();
  while (true) {
    bool is_fast = in.has_word() && end - at >= 2 * kLookupsPerWord;
    if (is_fast) {
      in.refill_word();
      for (std::ptrdiff_t i = 0; i < kLookupsPerWord && is_fast; ++i) {
        const Lookup& lookup = kLookups[in.bits() >> (kWordBits - kLookupBits)];
        std::memcpy(at, lookup.symbols.data(), 2);
        at += lookup.num_symbols;
        in.skip(lookup.num_bits);
        is_fast = lookup.num_symbols != 0;
      }
      if (is_fast) {
        continue;
      }
    }
    in.clear_invalid();
    in.refill_bytes();
    const std::uint64_t bits = in.padded();
    const Lookup& last = kLookups[bits >> (kWordBits - kLookupBits)];
    if (last.num_symbols != 0 && last.num_bits <= in.num_bits() && end - at >= 2) {
      std::memcpy(at, last.symbols.data(), 2);
      at += last.num_symbols;
      in.skip(last.num_bits);
      continue;
    }
    const unsigned len = code_len(bits);
    if (len > in.num_bits()) {
      return finish(in, static_cast<std::size_t>(at - out.data()));
    }
    assert(len >= huffman_code::kMinLen);
    const std::uint64_t code = bits >> (kWordBits - len);
    const std::size_t symbol =
        kCanonical.symbols[kCanonical.first_index[len] + (code - kCanonical.first_code[len])];
    if (symbol == huffman_code::kEos) {
      return HuffmanError::Eos;
    }
    if (at == end) {
      return HuffmanError::OutputFull;
    }
    *at++ = static_cast<char>(symbol);
    in.skip(len);
  }
}

}  // namespace apns::http2
