#include "apns/http2/hpack_encoder.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "apns/http2/hpack_decoder.h"
#include "tests/apns/http2/hpack_text.h"
#include "tests/golden/hpack_golden.h"

namespace apns::http2::test {

namespace {

using enum Representation;
using golden::HpackBlock;
using golden::HpackExample;
using golden::HpackField;

class HpackEncoderGolden : public testing::TestWithParam<HpackExample> {};

TEST_P(HpackEncoderGolden, WritesTheBytesOfTheRfc) {
  HpackEncoder encoder(GetParam().table_limit);
  Bytes out;
  encoder.begin_block(out);  // the appendix leaves the size update out
  for (const HpackBlock& block : GetParam().blocks) {
    out.clear();
    encoder.begin_block(out);
    for (const HpackField& field : block.fields) {
      encoder.add(out, field.name, field.value, field.representation, GetParam().huffman);
    }
    EXPECT_EQ(to_hex(out), to_hex(from_hex(block.hex)));
    EXPECT_EQ(lines(encoder.table()), lines(block.table));
    EXPECT_EQ(encoder.table().size(), block.table_size);
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc7541AppendixC, HpackEncoderGolden,
                         testing::ValuesIn(golden::hpack_examples()),
                         [](const auto& row) { return row.param.name; });

class HpackEncoding : public testing::Test {
 protected:
  std::string begin() {
    out.clear();
    encoder.begin_block(out);
    return to_hex(out);
  }

  std::string add(std::string_view name, std::string_view value, Representation wanted,
                  HuffmanUse huffman = HuffmanUse::Never) {
    out.clear();
    raw = encoder.add(out, name, value, wanted, huffman);
    return to_hex(out);
  }

  HpackEncoder encoder;
  Bytes out;
  std::optional<RawString> raw;
};

TEST_F(HpackEncoding, IndexedIsALiteralWhereNoTableHasIt) {
  EXPECT_EQ(add("a", "b", Indexed), "0001610162");
  EXPECT_EQ(add(":status", "410", Indexed), "0803343130");
  EXPECT_EQ(encoder.table().num_entries(), 0U);
  EXPECT_EQ(add(":status", "400", Indexed), "8c");
}

TEST_F(HpackEncoding, IncrementalEntersOnce) {
  EXPECT_EQ(add("a", "b", Incremental), "4001610162");
  EXPECT_EQ(add("a", "b", Incremental), "be");
  EXPECT_EQ(add("a", "b", Indexed), "be");
  EXPECT_EQ(add("a", "c", Incremental), "7e0163");  // its name is index 62
  EXPECT_EQ(add("a", "b", Incremental), "bf");
  EXPECT_EQ(encoder.table().num_entries(), 2U);
}

TEST_F(HpackEncoding, OthersAreLiteralsWhateverTheTablesHave) {
  EXPECT_EQ(add("a", "b", Incremental), "4001610162");
  EXPECT_EQ(add("a", "b", WithoutIndexing), "0f2f0162");
  EXPECT_EQ(add("a", "b", NeverIndexed), "1f2f0162");
  EXPECT_EQ(add(":method", "GET", NeverIndexed), "1203474554");
  EXPECT_EQ(encoder.table().num_entries(), 1U);
}

TEST_F(HpackEncoding, WhatNoTableCouldHoldDoesNotEmptyIt) {
  add("a", "b", Incremental);
  const std::string large(4096 - 32, 'x');
  EXPECT_EQ(add("n", large, Incremental).substr(0, 6), "00016e");
  EXPECT_EQ(encoder.table().num_entries(), 1U);
  EXPECT_EQ(add("n", large.substr(1), Incremental).substr(0, 6), "40016e");
  EXPECT_EQ(encoder.table().num_entries(), 1U);
}

TEST_F(HpackEncoding, ShorterIsOnlyWhatSavesBytes) {
  EXPECT_EQ(add(":status", "302", Indexed, HuffmanUse::Shorter), "08826402");
  EXPECT_EQ(add(":status", "307", Indexed, HuffmanUse::Shorter), "0803333037");  // no shorter
  EXPECT_EQ(add(":status", "307", Indexed, HuffmanUse::Always), "0883640eff");
}

TEST_F(HpackEncoding, TheRawValueCanBePatchedInACopy) {
  out = from_hex("ffff");
  const auto where = encoder.add(out, ":path", "/3/device/00", WithoutIndexing, HuffmanUse::Never);
  ASSERT_TRUE(where.has_value());
  EXPECT_EQ(as_text(ByteView(out).subspan(where->offset, where->len)), "/3/device/00");
  EXPECT_EQ(where->offset, 4U);
  // Nothing to patch: coded, referred to, or in the peer's table.
  add(":path", "/3/device/00", WithoutIndexing, HuffmanUse::Always);
  EXPECT_FALSE(raw.has_value());
  add(":path", "/", Indexed);
  EXPECT_FALSE(raw.has_value());
  add(":path", "/3/device/00", Incremental);
  EXPECT_FALSE(raw.has_value());
}

// ---- Size updates ----

TEST_F(HpackEncoding, ABlockBeginsWithWhatTheLimitsAskFor) {
  EXPECT_EQ(begin(), "");
  encoder.set_limit(4096);
  EXPECT_EQ(begin(), "");
  encoder.set_limit(100);
  EXPECT_EQ(begin(), "3f45");
  EXPECT_EQ(begin(), "");
  encoder.set_limit(0);
  encoder.set_limit(10);
  encoder.set_limit(100);
  EXPECT_EQ(begin(), "203f45");  // the smallest, then the last
  encoder.set_limit(200);
  encoder.set_limit(20);
  EXPECT_EQ(begin(), "34");
}

TEST_F(HpackEncoding, OwnCapIsNotPassed) {
  encoder.set_limit(65'536);
  EXPECT_EQ(begin(), "");
  EXPECT_EQ(encoder.table().max_size(), 4096U);
  // The limit falls; the table need not, but says so.
  encoder.set_limit(4096);
  EXPECT_EQ(begin(), "3fe11f");
}

TEST(HpackEncoderCap, AnotherThanTheDefaultIsSaidInTheFirstBlock) {
  Bytes out;
  HpackEncoder none(0);
  none.begin_block(out);
  EXPECT_EQ(to_hex(out), "20");
  none.add(out, "a", "b", Incremental, HuffmanUse::Never);
  EXPECT_EQ(to_hex(out), "200001610162");
  out.clear();
  HpackEncoder large(8192);
  large.begin_block(out);
  EXPECT_EQ(to_hex(out), "");
  large.set_limit(65'536);
  large.begin_block(out);
  EXPECT_EQ(to_hex(out), "3fe13f");
}

TEST_F(HpackEncoding, AReductionEvictsAtOnce) {
  add("a", "b", Incremental);
  encoder.set_limit(0);
  encoder.set_limit(4096);
  EXPECT_EQ(begin(), "203fe11f");
  EXPECT_EQ(add("a", "b", Incremental), "4001610162");
}

// ---- decode(encode(x)) = x ----

std::string random_text(RandomStream& random, std::size_t max_len) {
  std::string text(random.next() % (max_len + 1), ' ');
  const bool is_odd = random.next() % 4 == 0;
  for (char& c : text) {
    c = is_odd ? static_cast<char>(random.next()) : static_cast<char>('a' + random.next() % 3);
  }
  return text;
}

TEST(HpackRoundTrip, DecodeOfEncodeIsTheSame) {
  FieldNames names;
  HpackScratch scratch;
  RandomStream random(5, 1);
  for (std::size_t connection = 0; connection < 200; ++connection) {
    HpackEncoder encoder(static_cast<std::uint32_t>(random.next() % 3 * 4096));
    HpackDecoder decoder(names);
    for (std::size_t block = 0; block < 40; ++block) {
      while (random.next() % 8 == 0) {
        const auto limit = static_cast<std::uint32_t>(random.next() % 10'000);
        encoder.set_limit(limit);
        decoder.set_limit(limit);
      }
      Bytes out;
      Lines expected;
      std::vector<Representation> wanted;
      encoder.begin_block(out);
      for (std::size_t i = random.next() % 12; i > 0; --i) {
        const std::string name =
            random.next() % 3 == 0 ? ":path" : random_text(random, random.next() % 3 * 2);
        const std::string value = random_text(random, random.next() % 8 == 0 ? 3000 : 3);
        wanted.push_back(static_cast<Representation>(random.next() % 4));
        encoder.add(out, name, value, wanted.back(), static_cast<HuffmanUse>(random.next() % 3));
        expected.push_back(line(name, value));
      }
      const auto decoded = decoder.decode(out, 1'000'000, scratch);
      ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error().fault);
      ASSERT_EQ(lines(decoded->fields), expected);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Representation got = decoded->fields[i].representation;
        ASSERT_EQ(got == NeverIndexed, wanted[i] == NeverIndexed);
        ASSERT_TRUE(got != Incremental || wanted[i] == Incremental);
      }
      ASSERT_EQ(lines(decoder.table()), lines(encoder.table()));
      ASSERT_EQ(decoder.table().max_size(), encoder.table().max_size());
    }
  }
}

}  // namespace

}  // namespace apns::http2::test
