#include "apns/http2/hpack_integer.h"

#include <gtest/gtest.h>

#include "apns/http2/hpack_writer.h"
#include "tests/apns/http2/hpack_text.h"

namespace apns::http2::test {

namespace {

struct Golden {
  const char* name;
  std::string_view hex;
  unsigned prefix_bits;
  std::uint32_t value;
};

class HpackInteger : public testing::TestWithParam<Golden> {};

TEST_P(HpackInteger, BothWays) {
  const Bytes bytes = from_hex(GetParam().hex);
  std::size_t at = 0;
  EXPECT_EQ(*decode_prefix_integer(bytes, at, GetParam().prefix_bits), GetParam().value);
  EXPECT_EQ(at, bytes.size());
  Bytes out;
  append_hpack_integer(out, 0, GetParam().prefix_bits, GetParam().value);
  EXPECT_EQ(to_hex(out), to_hex(bytes));
}

INSTANTIATE_TEST_SUITE_P(HpackInteger, HpackInteger,
                         testing::Values(Golden{"C_1_1_TenInFiveBits", "0a", 5, 10},
                                         Golden{"C_1_2_1337InFiveBits", "1f9a0a", 5, 1337},
                                         Golden{"C_1_3_42InAByte", "2a", 8, 42},
                                         Golden{"TheLargestInThePrefix", "1e", 5, 30},
                                         Golden{"TheSmallestBehindThePrefix", "1f00", 5, 31},
                                         Golden{"OneBit", "0107", 1, 8},
                                         Golden{"AWholeByte", "ff00", 8, 255},
                                         Golden{"TheLargest", "1fe0ffffff0f", 5, 0xFFFF'FFFF}),
                         [](const auto& row) { return row.param.name; });

TEST(HpackIntegerPrefix, BitsAboveItAreNotPartOfIt) {
  const Bytes bytes = from_hex("ea");
  std::size_t at = 0;
  EXPECT_EQ(*decode_prefix_integer(bytes, at, 5), 10U);
}

TEST(HpackIntegerPadding, ZerosAreReadAsFarAsAnIntegerMayGo) {
  Bytes out;
  append_hpack_integer(out, 0x20, 5, 1337, 3);
  EXPECT_EQ(to_hex(out), "3f9a8a808000");
  std::size_t at = 0;
  EXPECT_EQ(*decode_prefix_integer(out, at, 5), 1337U);
  EXPECT_EQ(at, out.size());
  out.clear();
  append_hpack_integer(out, 0x20, 5, 1337, 4);
  at = 0;
  EXPECT_EQ(decode_prefix_integer(out, at, 5).error(), HpackFault::IntegerOverflow);
}

TEST(HpackIntegerLimit, AboveItIsAnOverflow) {
  for (const std::string_view hex : {
           "1fe1ffffff0f",          // 2^32
           "1fffffffff7f",          // the largest in five bytes
           "1f808080808000",        // a sixth one, which says zero
           "1fffffffffffffffff7f",  // above 2^63
       }) {
    std::size_t at = 0;
    EXPECT_EQ(decode_prefix_integer(from_hex(hex), at, 5).error(), HpackFault::IntegerOverflow)
        << hex;
  }
}

TEST(HpackIntegerEnd, EveryTruncationIsNoticed) {
  const Bytes bytes = from_hex("1fe0ffffff0f");
  for (std::size_t len = 1; len < bytes.size(); ++len) {
    std::size_t at = 0;
    EXPECT_EQ(decode_prefix_integer(ByteView(bytes).first(len), at, 5).error(),
              HpackFault::Truncated);
  }
}

}  // namespace

}  // namespace apns::http2::test
