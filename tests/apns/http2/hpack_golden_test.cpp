#include "tests/golden/hpack_golden.h"

#include <gtest/gtest.h>

#include "apns/http2/hpack_decoder.h"
#include "tests/apns/http2/hpack_text.h"

namespace apns::http2::test {

namespace {

using apns::golden::HpackBlock;
using apns::golden::HpackExample;

constexpr std::size_t kMaxListBytes = 65'536;

class HpackGolden : public testing::TestWithParam<HpackExample> {
 protected:
  /// The decoder of a connection whose table limit is the example's, agreed upon by hand: the
  /// appendix leaves out how.
  void agree_on_limit(HpackDecoder& decoder) {
    if (GetParam().table_limit == kDefaultHeaderTableSize) {
      return;
    }
    decoder.set_limit(GetParam().table_limit);
    Bytes update;
    append_hpack_size_update(update, GetParam().table_limit);
    ASSERT_TRUE(decoder.decode(update, 0, scratch).has_value());
  }

  FieldNames names;
  HpackScratch scratch;
};

TEST_P(HpackGolden, Decodes) {
  HpackDecoder decoder(names);
  agree_on_limit(decoder);
  for (const HpackBlock& block : GetParam().blocks) {
    const Bytes bytes = from_hex(block.hex);
    const auto decoded = decoder.decode(bytes, kMaxListBytes, scratch);
    ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error().fault);
    EXPECT_EQ(lines(decoded->fields), lines(block.fields));
    std::size_t list_bytes = 0;
    for (std::size_t i = 0; i < block.fields.size(); ++i) {
      EXPECT_EQ(decoded->fields[i].representation, block.fields[i].representation);
      EXPECT_EQ(decoded->fields[i].name_id, names.find(block.fields[i].name));
      list_bytes += block.fields[i].name.size() + block.fields[i].value.size() + 32;
    }
    EXPECT_EQ(decoded->list_bytes, list_bytes);
    EXPECT_FALSE(decoded->is_too_large);
    EXPECT_EQ(lines(decoder.table()), lines(block.table));
    EXPECT_EQ(decoder.table().size(), block.table_size);
  }
}

/// The bytes in front of every boundary between two fields decode to the fields so far; all others
/// end inside one.
TEST_P(HpackGolden, EveryTruncationOfTheLastBlockIsNoticed) {
  const std::vector<HpackBlock>& blocks = GetParam().blocks;
  const Bytes last = from_hex(blocks.back().hex);
  std::size_t num_whole = 0;
  for (std::size_t len = 0; len < last.size(); ++len) {
    HpackDecoder decoder(names);
    agree_on_limit(decoder);
    for (std::size_t i = 0; i + 1 < blocks.size(); ++i) {
      ASSERT_TRUE(decoder.decode(from_hex(blocks[i].hex), kMaxListBytes, scratch).has_value());
    }
    const Bytes part(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(len));
    const auto decoded = decoder.decode(part, kMaxListBytes, scratch);
    if (decoded.has_value()) {
      Lines expected = lines(blocks.back().fields);
      expected.resize(num_whole);
      EXPECT_EQ(lines(decoded->fields), expected) << "at " << len;
      ++num_whole;
    } else {
      EXPECT_TRUE(decoded.error().fault == HpackFault::Truncated ||
                  decoded.error().fault == HpackFault::StringPastEnd)
          << to_string(decoded.error().fault) << " at " << len;
    }
  }
  EXPECT_EQ(num_whole, blocks.back().fields.size());
}

INSTANTIATE_TEST_SUITE_P(Rfc7541AppendixC, HpackGolden,
                         testing::ValuesIn(apns::golden::hpack_examples()),
                         [](const auto& row) { return row.param.name; });

}  // namespace

}  // namespace apns::http2::test
