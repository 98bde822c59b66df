#include "apns/http2/field.h"

#include <string>

#include <gtest/gtest.h>

#include "apns/http2/hpack_decoder.h"
#include "apns/http2/hpack_writer.h"

namespace apns::http2 {
namespace {

TEST(Http2Field, ValuesHaveNoForbiddenByteAnywhere) {
  for (std::size_t len = 1; len <= 40; ++len) {
    for (std::size_t at = 0; at < len; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string value(len, 'a');
        value[at] = static_cast<char>(c);
        const bool is_end = at == 0 || at + 1 == len;
        const bool is_illegal =
            c == 0 || c == '\r' || c == '\n' || (is_end && (c == ' ' || c == '\t'));
        ASSERT_EQ(is_field_value(value), !is_illegal) << len << " " << at << " " << c;
      }
    }
  }
  EXPECT_TRUE(is_field_value(""));
  // Neighbours of the forbidden ones, side by side.
  EXPECT_TRUE(is_field_value("\x01\x0b\x0c\x0e\x0f\x80\x8a\x8d|"));
}

TEST(Http2Field, NamesAreLowerCaseTokensWithoutColons) {
  for (int c = 0; c < 256; ++c) {
    const std::string name = std::string("x") + static_cast<char>(c);
    const bool is_legal = c > 0x20 && c < 0x7F && (c < 'A' || c > 'Z') && c != ':';
    EXPECT_EQ(is_field_name(name), is_legal) << c;
  }
  EXPECT_FALSE(is_field_name(""));
}

TEST(Http2Field, ADecoderRemembersWhatIsIllegalInItsTable) {
  const FieldNames names;
  HpackDecoder decoder(names);
  HpackScratch scratch;
  Bytes block;
  const auto literal = [&block](std::string_view name, std::string_view value) {
    block.push_back(std::byte{0x40});
    append_hpack_string(block, name, HuffmanUse::Never);
    append_hpack_string(block, value, HuffmanUse::Never);
  };
  literal("good", "x");      // index 64 in the end
  literal("good", "b\nad");  // 63
  literal("Bad", "x");       // 62
  const auto first = decoder.decode(block, 1000, scratch);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->fields[0].is_legal);
  EXPECT_FALSE(first->fields[1].is_legal);
  EXPECT_FALSE(first->fields[2].is_legal);
  // By index; then a name with a new value: of 63, which is good, and of 62, which is not.
  block.assign({std::byte{0x80 | 64}, std::byte{0x80 | 63}, std::byte{0x80 | 62}});
  for (const unsigned index : {63U, 62U}) {
    block.push_back(std::byte{0x0F});
    block.push_back(static_cast<std::byte>(index - 15));
    append_hpack_string(block, "y", HuffmanUse::Never);
  }
  const auto second = decoder.decode(block, 1000, scratch);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->fields[0].is_legal);
  EXPECT_FALSE(second->fields[1].is_legal);
  EXPECT_FALSE(second->fields[2].is_legal);
  EXPECT_TRUE(second->fields[3].is_legal);
  EXPECT_FALSE(second->fields[4].is_legal);
}

}  // namespace
}  // namespace apns::http2
