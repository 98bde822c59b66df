#include "apns/model/device_token.h"

#include <ostream>
#include <string>
#include <string_view>
#include <unordered_set>

#include <gtest/gtest.h>

namespace apns {

namespace {

TEST(DeviceToken, ParsesHexOfEitherCaseAndPrintsLowerCase) {
  const auto token = DeviceToken::parse("00A1b2Ff");
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->bytes().size(), 4U);
  EXPECT_EQ(token->to_hex(), "00a1b2ff");
}

TEST(DeviceToken, TakesOneToOneHundredBytes) {
  for (const std::size_t len : {1U, 2U, 31U, 32U, 33U, 99U, 100U}) {
    const std::string hex(2 * len, 'a');
    const Bytes bytes(len, std::byte{0xAA});
    ASSERT_TRUE(DeviceToken::parse(hex).has_value()) << len;
    EXPECT_EQ(DeviceToken::parse(hex)->to_hex(), hex);
    EXPECT_EQ(DeviceToken::from_bytes(bytes), DeviceToken::parse(hex));
  }
  EXPECT_FALSE(DeviceToken::parse(std::string(202, 'a')).has_value());
  EXPECT_FALSE(DeviceToken::from_bytes(Bytes(101)).has_value());
  EXPECT_FALSE(DeviceToken::from_bytes({}).has_value());
}

struct BadHexCase {
  const char* name;
  std::string_view hex;
};

void PrintTo(const BadHexCase& row, std::ostream* out) {
  *out << row.name;
}

class DeviceTokenBadHexTest : public testing::TestWithParam<BadHexCase> {};

TEST_P(DeviceTokenBadHexTest, IsRefused) {
  EXPECT_FALSE(DeviceToken::parse(GetParam().hex).has_value());
}

INSTANTIATE_TEST_SUITE_P(Texts, DeviceTokenBadHexTest,
                         testing::Values(BadHexCase{.name = "Empty", .hex = ""},
                                         BadHexCase{.name = "OneDigit", .hex = "a"},
                                         BadHexCase{.name = "OddDigits", .hex = "a1a"},
                                         BadHexCase{.name = "OtherLetter", .hex = "a1g1"},
                                         BadHexCase{.name = "OtherLetterSecond", .hex = "a11g"},
                                         BadHexCase{.name = "SpaceBetween", .hex = "a1 a1 "},
                                         BadHexCase{.name = "SpaceBefore", .hex = " 1a1"},
                                         BadHexCase{.name = "Brackets", .hex = "<a1a1>"},
                                         BadHexCase{.name = "Prefix", .hex = "0xa1"},
                                         BadHexCase{.name = "Minus", .hex = "-1a1"},
                                         BadHexCase{.name = "Plus", .hex = "+1a1"},
                                         BadHexCase{.name = "Zero",
                                                    .hex = std::string_view("a1\0\0", 4)}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(DeviceToken, ShortTextShowsBothEnds) {
  EXPECT_EQ(DeviceToken::parse("a1b2c3d4e5")->to_short_text(),
            "a1b2\xE2\x80\xA6"
            "d4e5");
  EXPECT_EQ(DeviceToken::parse(std::string(64, 'a'))->to_short_text(),
            "aaaa\xE2\x80\xA6"
            "aaaa");
}

TEST(DeviceToken, ShortTextShowsAllOfFourBytes) {
  EXPECT_EQ(DeviceToken::parse("a1b2c3d4")->to_short_text(), "a1b2c3d4");
  EXPECT_EQ(DeviceToken::parse("a1")->to_short_text(), "a1");
}

TEST(DeviceToken, ComparesAndHashesByBytes) {
  const DeviceToken token = DeviceToken::parse("a1b2").value();
  EXPECT_EQ(token, DeviceToken::parse("A1B2").value());
  EXPECT_NE(token, DeviceToken::parse("a1b3").value());
  EXPECT_NE(token, DeviceToken::parse("a1b200").value());
  EXPECT_EQ(token.hash(), DeviceToken::parse("A1B2")->hash());

  std::unordered_set<DeviceToken> tokens{token};
  EXPECT_TRUE(tokens.contains(DeviceToken::parse("A1B2").value()));
  EXPECT_FALSE(tokens.contains(DeviceToken::parse("a1").value()));
}

}  // namespace

}  // namespace apns
