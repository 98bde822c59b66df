#include "apns/http2/repeated_texts.h"

#include <algorithm>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "apns/http2/hpack_decoder.h"
#include "apns/http2/hpack_writer.h"
#include "apns/http2/huffman.h"

namespace apns::http2::test {
namespace {

Bytes encoded(std::string_view text) {
  Bytes out;
  huffman_encode(text, out);
  return out;
}

/// As long as a provider token, and another for each number.
std::string secret(unsigned number) {
  return "bearer " + std::string(160, 'x') + std::to_string(10'000 + number) + "-signature";
}

TEST(RepeatedTexts, KeepsATextUnderAllItsBytes) {
  RepeatedTexts texts;
  const Bytes bytes = encoded(secret(1));
  ASSERT_TRUE(RepeatedTexts::takes(bytes.size()));
  EXPECT_FALSE(texts.find(bytes).has_value());
  texts.keep(bytes, secret(1));
  EXPECT_EQ(texts.find(bytes), secret(1));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes other = bytes;
    other[i] ^= std::byte{1};
    EXPECT_FALSE(texts.find(other).has_value()) << i;
  }
  EXPECT_FALSE(texts.find(ByteView(bytes).first(bytes.size() - 1)).has_value());
}

TEST(RepeatedTexts, HoldsAFewHoweverManyCome) {
  RepeatedTexts texts;
  for (unsigned number = 0; number < 1000; ++number) {
    const Bytes bytes = encoded(secret(number));
    texts.keep(bytes, secret(number));
    EXPECT_EQ(texts.find(bytes), secret(number));
  }
  EXPECT_LE(texts.held_bytes(), RepeatedTexts::kNumPlaces * 2 * RepeatedTexts::kMaxLen);
}

TEST(RepeatedTexts, TakesNoShortOnesAndNoLongOnes) {
  EXPECT_FALSE(RepeatedTexts::takes(RepeatedTexts::kMinLen - 1));
  EXPECT_TRUE(RepeatedTexts::takes(RepeatedTexts::kMinLen));
  EXPECT_TRUE(RepeatedTexts::takes(RepeatedTexts::kMaxLen));
  EXPECT_FALSE(RepeatedTexts::takes(RepeatedTexts::kMaxLen + 1));
}

/// A block with one never-indexed authorization (RFC 7541 section 6.2.3; static index 23).
Bytes block_of(std::string_view text) {
  const Bytes value = encoded(text);
  EXPECT_TRUE(value.size() >= 127 && value.size() < 127 + 128);
  Bytes block = {std::byte{0x1F}, std::byte{23 - 15}, std::byte{0xFF},
                 static_cast<std::byte>(value.size() - 127)};
  std::ranges::copy(value, std::back_inserter(block));
  return block;
}

// Two connections that share a thread, and with it the memory.
TEST(RepeatedTexts, ADecoderReadsTheSameEachTime) {
  const FieldNames names;
  HpackScratch scratch;
  HpackDecoder one(names);
  HpackDecoder other(names);
  for (const unsigned number : {1U, 1U, 2U, 1U, 2U, 3U}) {
    for (HpackDecoder* decoder : {&one, &other}) {
      const Bytes block = block_of(secret(number));
      const auto decoded = decoder->decode(block, 65'536, scratch);
      ASSERT_TRUE(decoded.has_value());
      ASSERT_EQ(decoded->fields.size(), 1U);
      EXPECT_EQ(decoded->fields[0].name, "authorization");
      EXPECT_EQ(decoded->fields[0].value, secret(number));
      EXPECT_TRUE(decoded->fields[0].is_legal);
      EXPECT_EQ(decoded->list_bytes, 13 + secret(number).size() + 32);
      EXPECT_EQ(decoder->table().num_entries(), 0U);
    }
  }
}

TEST(RepeatedTexts, WhatIsIllegalIsIllegalEachTime) {
  const FieldNames names;
  HpackScratch scratch;
  HpackDecoder decoder(names);
  const std::string text = secret(1) + '\n' + secret(2).substr(0, 4);
  for (int i = 0; i < 3; ++i) {
    const Bytes block = block_of(text);
    const auto decoded = decoder.decode(block, 65'536, scratch);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->fields[0].value, text);
    EXPECT_FALSE(decoded->fields[0].is_legal) << i;
  }
}

}  // namespace
}  // namespace apns::http2::test
