#include "apns/binary/error_packet.h"

#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/apns/binary/wire_builder.h"
#include "tests/golden/binary_golden.h"

namespace apns::binary::test {

namespace {

/// A packet and its bytes, for both directions.
struct Case {
  const char* name;
  ErrorPacket packet;
  std::string_view wire_hex;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class ErrorPacketTest : public testing::TestWithParam<Case> {};

TEST_P(ErrorPacketTest, Encodes) {
  EXPECT_EQ(to_hex(encode_error_packet(GetParam().packet)), GetParam().wire_hex);
}

TEST_P(ErrorPacketTest, Decodes) {
  const Bytes wire = hex(GetParam().wire_hex);
  ByteReader in{ByteView(wire)};
  const auto outcome = decode_error_packet(in);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome.value(), GetParam().packet);
  EXPECT_EQ(in.left(), 0U);
}

TEST_P(ErrorPacketTest, NeedsAllOfItsBytesAndConsumesNoneBefore) {
  const Bytes wire = hex(GetParam().wire_hex);
  for (std::size_t len = 0; len < wire.size(); ++len) {
    ByteReader in(ByteView(wire).first(len));
    EXPECT_TRUE(decode_error_packet(in).need_more()) << len;
    EXPECT_EQ(in.position(), 0U) << len;
  }
}

INSTANTIATE_TEST_SUITE_P(Packets, ErrorPacketTest,
                         testing::Values(Case{.name = "Captured",
                                              .packet = {.status = 8, .identifier = 124},
                                              .wire_hex = golden::kErrorPacketHex},
                                         Case{.name = "ShutdownWithoutIdentifier",
                                              .packet = {.status = 10, .identifier = 0},
                                              .wire_hex = "080a00000000"},
                                         Case{.name = "IdentifierKeepsItsByteOrder",
                                              .packet = {.status = 1, .identifier = 0x01020304},
                                              .wire_hex = "080101020304"},
                                         Case{.name = "StatusOutsideOfTheTable",
                                              .packet = {.status = 77, .identifier = 0xFFFFFFFF},
                                              .wire_hex = "084dffffffff"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ErrorPacket, LeavesWhatFollows) {
  const Bytes wire = hex("0808 0000007c 080a");
  ByteReader in{ByteView(wire)};
  EXPECT_TRUE(decode_error_packet(in).has_value());
  EXPECT_EQ(in.position(), 6U);
  EXPECT_TRUE(decode_error_packet(in).need_more());
  EXPECT_EQ(in.position(), 6U);
}

TEST(ErrorPacket, RejectsOtherCommand) {
  for (unsigned command = 0; command < 256; ++command) {
    if (command == 8) {
      continue;
    }
    // The first byte is enough, alone or with five more.
    for (const std::size_t len : {1U, 6U}) {
      Bytes wire(len);
      wire[0] = static_cast<std::byte>(command);
      ByteReader in{ByteView(wire)};
      const auto outcome = decode_error_packet(in);
      ASSERT_TRUE(outcome.has_error()) << command;
      EXPECT_EQ(outcome.error(), ErrorPacketError::BadCommand);
      EXPECT_EQ(in.position(), 0U);
    }
  }
}

}  // namespace

}  // namespace apns::binary::test
