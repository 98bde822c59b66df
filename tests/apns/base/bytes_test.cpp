#include "apns/base/bytes.h"

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace apns {

namespace {

const Bytes kWire{std::byte{0x01}, std::byte{0x02}, std::byte{0x03}, std::byte{0x04},
                  std::byte{0xF5}, std::byte{0x06}, std::byte{0x07}, std::byte{0x08}};

TEST(ByteReader, ReadsBigEndian) {
  EXPECT_EQ(ByteReader(kWire).read<std::uint8_t>(), 0x01U);
  EXPECT_EQ(ByteReader(kWire).read<std::uint16_t>(), 0x0102U);
  EXPECT_EQ(ByteReader(kWire).read<std::uint32_t>(), 0x01020304U);
  EXPECT_EQ(ByteReader(kWire).read<std::uint64_t>(), 0x01020304F5060708U);
}

TEST(ByteReader, AdvancesByWhatItRead) {
  ByteReader in(kWire);
  EXPECT_EQ(in.read<std::uint16_t>(), 0x0102U);
  EXPECT_EQ(in.position(), 2U);
  EXPECT_EQ(in.left(), 6U);
  in.skip(2);
  EXPECT_EQ(in.read<std::uint8_t>(), 0xF5U);
  EXPECT_EQ(in.rest().data(), kWire.data() + 5);
  EXPECT_EQ(in.rest().size(), 3U);
}

TEST(ByteReader, PeekConsumesNothing) {
  ByteReader in(kWire);
  in.skip(3);
  EXPECT_EQ(in.peek(), 0x04U);
  EXPECT_EQ(in.peek(1), 0xF5U);
  EXPECT_EQ(in.position(), 3U);
}

TEST(ByteReader, ViewsPointIntoTheInput) {
  ByteReader in(kWire);
  in.skip(1);
  const ByteView view = in.read_view(3);
  EXPECT_EQ(view.data(), kWire.data() + 1);
  EXPECT_EQ(view.size(), 3U);
  EXPECT_EQ(in.position(), 4U);
  EXPECT_TRUE(in.read_view(0).empty());
}

TEST(ByteReader, HasCountsFromThePosition) {
  ByteReader in(kWire);
  in.skip(6);
  EXPECT_TRUE(in.has(0));
  EXPECT_TRUE(in.has(2));
  EXPECT_FALSE(in.has(3));
  // A declared length of any size must not wrap around.
  EXPECT_FALSE(in.has(SIZE_MAX));
  EXPECT_FALSE(ByteReader(ByteView()).has(1));
}

TEST(ByteReaderDeathTest, NeverGoesPastTheEnd) {
  ByteReader in(kWire);
  in.skip(7);
  EXPECT_DEATH(static_cast<void>(in.read<std::uint16_t>()), "has");
  EXPECT_DEATH(static_cast<void>(in.read_view(2)), "has");
  EXPECT_DEATH(static_cast<void>(in.peek(1)), "has");
  EXPECT_DEATH(in.skip(2), "has");
}

TEST(ByteWriter, AppendsBigEndian) {
  Bytes out{std::byte{0xAA}};
  ByteWriter writer(out);
  writer.write(std::uint8_t{0x01});
  writer.write(std::uint16_t{0x0203});
  writer.write(std::uint32_t{0x04050607});
  writer.write(std::uint64_t{0x08090A0B0C0D0E0F});
  writer.write(as_bytes("hi"));
  writer.write(ByteView());
  EXPECT_EQ(to_hex(out), "aa0102030405060708090a0b0c0d0e0f6869");
}

TEST(ByteWriter, ReaderReadsWhatItWrote) {
  Bytes out;
  ByteWriter(out).write(std::uint32_t{0xFFFFFFFF});
  EXPECT_EQ(ByteReader(out).read<std::uint32_t>(), 0xFFFFFFFFU);
}

TEST(Text, CrossesToBytesAndBackUnchanged) {
  const std::string text("a\0\xFFz", 4);
  EXPECT_EQ(to_hex(as_bytes(text)), "6100ff7a");
  EXPECT_EQ(as_text(as_bytes(text)), text);
  EXPECT_EQ(as_text(ByteView()), "");
}

struct HexCase {
  const char* name;
  std::string_view text;
  bool good;
  std::string_view bytes_hex;  // what was appended when good
};

void PrintTo(const HexCase& row, std::ostream* out) {
  *out << row.name;
}

class ParseHexTest : public testing::TestWithParam<HexCase> {};

TEST_P(ParseHexTest, AppendsTheBytesOrRefuses) {
  Bytes out;
  EXPECT_EQ(parse_hex(GetParam().text, out), GetParam().good);
  if (GetParam().good) {
    EXPECT_EQ(to_hex(out), GetParam().bytes_hex);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseHexTest,
    testing::Values(
        HexCase{.name = "Empty", .text = "", .good = true, .bytes_hex = ""},
        HexCase{.name = "EitherCase", .text = "09afAF", .good = true, .bytes_hex = "09afaf"},
        HexCase{
            .name = "Whitespace", .text = " 01\t02\r\n0 3 ", .good = true, .bytes_hex = "010203"},
        HexCase{.name = "OddDigits", .text = "012", .good = false, .bytes_hex = ""},
        HexCase{.name = "BehindNine", .text = "0:", .good = false, .bytes_hex = ""},
        HexCase{.name = "BehindUpperF", .text = "0G", .good = false, .bytes_hex = ""},
        HexCase{.name = "BehindLowerF", .text = "0g", .good = false, .bytes_hex = ""},
        HexCase{.name = "Prefix", .text = "0x01", .good = false, .bytes_hex = ""}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ParseHex, AppendsBehindWhatIsThere) {
  Bytes out{std::byte{0xAA}};
  EXPECT_TRUE(parse_hex("bb", out));
  EXPECT_EQ(to_hex(out), "aabb");
}

}  // namespace

}  // namespace apns
