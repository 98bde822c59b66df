#include "mock_apns/null_answer.h"

#include <algorithm>

namespace apns::mock {

namespace {

using Pair = std::array<std::byte, 2>;

consteval std::array<Pair, 256> make_hex_pairs() {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::array<Pair, 256> pairs{};
  for (std::size_t value = 0; value < pairs.size(); ++value) {
    pairs[value] = {static_cast<std::byte>(kDigits[value / 16]),
                    static_cast<std::byte>(kDigits[value % 16])};
  }
  return pairs;
}

constexpr std::array<Pair, 256> kHexPairs = make_hex_pairs();

// Where the two digits of each byte stand in an apns-id, and its dashes.
constexpr std::array<std::uint8_t, 16> kPairsAt = {0,  2,  4,  6,  9,  11, 14, 16,
                                                   19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::uint8_t, 4> kDashesAt = {8, 13, 18, 23};

/// SplitMix64: one step of the state, and its finaliser.
std::uint64_t next_u64(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t x = state;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

}  // namespace

// RFC 7541: ":status 200" is index 8 of the static table (section 6.1, appendix A). The apns-id is
// a literal without indexing with a literal name (section 6.2.2), and neither is Huffman-coded.
NullAnswer::NullAnswer(std::uint64_t seed) : state_(seed) {
  block_[0] = std::byte{0x88};
  block_[1] = std::byte{0x00};
  block_[2] = static_cast<std::byte>(kName.size());
  std::ranges::copy(as_bytes(kName), block_.begin() + kNameAt);
  block_[kIdAt - 1] = static_cast<std::byte>(kIdLen);
  for (const std::size_t at : kDashesAt) {
    block_.at(kIdAt + at) = static_cast<std::byte>('-');
  }
}

ByteView NullAnswer::next() {
  std::byte* const id = block_.data() + kIdAt;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = next_u64(state_);
    for (std::size_t i = 0; i < 8; ++i, bits >>= 8U) {
      const Pair& pair = kHexPairs[bits & 0xFFU];
      std::ranges::copy(pair, id + kPairsAt[half * 8 + i]);
    }
  }
  return block_;
}

}  // namespace apns::mock
