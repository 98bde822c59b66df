#include "apns/http2/huffman.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "apns/http2/huffman_code.h"
#include "tests/apns/http2/hpack_reference.h"
#include "tests/apns/http2/hpack_text.h"

namespace apns::http2::test {

namespace {

Bytes encoded(std::string_view text) {
  Bytes out;
  huffman_encode(text, out);
  return out;
}

/// Into exactly the room that a text of `len` needs, on the heap, where a write past it is seen.
Result<std::string, HuffmanError> decoded(ByteView in, std::size_t len) {
  std::vector<char> out(len);
  const auto written = huffman_decode(in, out);
  if (written.has_error()) {
    return written.error();
  }
  return std::string(out.data(), *written);
}

Result<std::string, HuffmanError> decoded(ByteView in) {
  return decoded(in, max_huffman_decoded_len(in.size()));
}

/// Text of which about one byte in `one_odd_in` is any byte, the others hex digits.
std::string random_text(RandomStream& random, std::size_t len, std::uint64_t one_odd_in) {
  std::string text(len, ' ');
  for (char& c : text) {
    const std::uint64_t draw = random.next();
    c = draw % one_odd_in == 0 ? static_cast<char>(draw >> 32U)
                               : "0123456789abcdef"[(draw >> 32U) % 16];
  }
  return text;
}

struct Golden {
  const char* name;
  std::string_view text;
  std::string_view hex;
};

class HuffmanGolden : public testing::TestWithParam<Golden> {};

TEST_P(HuffmanGolden, BothWays) {
  EXPECT_EQ(to_hex(encoded(GetParam().text)), GetParam().hex);
  EXPECT_EQ(huffman_len(GetParam().text) * 2, GetParam().hex.size());
  EXPECT_EQ(*decoded(from_hex(GetParam().hex)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc7541AppendixC, HuffmanGolden,
    testing::Values(Golden{"Host", "www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"},
                    Golden{"NoCache", "no-cache", "a8eb10649cbf"},
                    Golden{"Private", "private", "aec3771a4b"},
                    Golden{"Date", "Mon, 21 Oct 2013 20:13:21 GMT",
                           "d07abe941054d444a8200595040b8166e082a62d1bff"},
                    Golden{"Url", "https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"},
                    Golden{"Status", "307", "640eff"}, Golden{"Nothing", "", ""}),
    [](const auto& row) { return row.param.name; });

TEST(Huffman, EveryPairOfBytesComesBack) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const Bytes bytes = encoded(text);
      ASSERT_EQ(bytes.size(), huffman_len(text));
      ASSERT_EQ(*decoded(bytes), text) << first << ' ' << second;
    }
  }
}

TEST(Huffman, RandomTextComesBackInJustTheRoomItNeeds) {
  RandomStream random(1, 1);
  for (std::size_t round = 0; round < 20'000; ++round) {
    const std::string text = random_text(random, round % 97, 1 + random.next() % 40);
    const Bytes bytes = encoded(text);
    ASSERT_EQ(*decoded(bytes, text.size()), text) << to_hex(bytes);
    if (!text.empty()) {
      ASSERT_EQ(decoded(bytes, text.size() - 1).error(), HuffmanError::OutputFull);
    }
  }
}

/// All the bits of a symbol, however many fill a byte: the table's look-ups meet every remainder.
TEST(Huffman, AgreesWithTheReferenceOnRandomBytes) {
  RandomStream random(2, 1);
  std::size_t num_accepted = 0;
  for (std::size_t round = 0; round < 50'000; ++round) {
    Bytes bytes(random.next() % 24);
    for (std::byte& byte : bytes) {
      // Many ones: long codes, and padding at the end.
      byte = static_cast<std::byte>(random.next() | (random.next() % 3 == 0 ? 0xFFU : 0U));
    }
    const auto expected = reference_huffman_decode(bytes);
    const auto got = decoded(bytes);
    ASSERT_EQ(got.has_value(), expected.has_value()) << to_hex(bytes);
    if (expected) {
      ASSERT_EQ(*got, *expected) << to_hex(bytes);
      ++num_accepted;
    }
  }
  EXPECT_GT(num_accepted, 5'000U);
}

struct Wrong {
  const char* name;
  std::string_view hex;
  HuffmanError error;
};

class HuffmanWrong : public testing::TestWithParam<Wrong> {};

TEST_P(HuffmanWrong, IsRefused) {
  const auto outcome = decoded(from_hex(GetParam().hex));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_EQ(outcome.error(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Huffman, HuffmanWrong,
    testing::Values(Wrong{"Eos", "ffffffff", HuffmanError::Eos},
                    Wrong{"EosBehindText", "640efffffffffc", HuffmanError::Eos},
                    Wrong{"EosInALongString", "ffffffff0000000000000000000000", HuffmanError::Eos},
                    Wrong{"APaddingByte", "640effff", HuffmanError::PaddingTooLong},
                    Wrong{"OnlyAPaddingByte", "ff", HuffmanError::PaddingTooLong},
                    Wrong{"ThreePaddingBytes", "ffffff", HuffmanError::PaddingTooLong},
                    Wrong{"PaddingOfZeros", "640e80", HuffmanError::PaddingNotOnes},
                    Wrong{"LastBitOfPaddingZero", "640efe", HuffmanError::PaddingNotOnes},
                    Wrong{"HalfASymbol", "fffe", HuffmanError::PaddingNotOnes}),
    [](const auto& row) { return row.param.name; });

TEST(Huffman, EveryTruncationIsNoticedUnlessItLeavesPadding) {
  const std::string text =
      "/3/device/00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";
  const Bytes bytes = encoded(text);
  for (std::size_t len = 0; len < bytes.size(); ++len) {
    const ByteView part = ByteView(bytes).first(len);
    const auto expected = reference_huffman_decode(part);
    ASSERT_EQ(decoded(part).has_value(), expected.has_value()) << len;
  }
}

}  // namespace

}  // namespace apns::http2::test
