#include "mock_apns/world/magic_token.h"

#include <string>

#include <gtest/gtest.h>

#include "apns/model/binary_status.h"
#include "apns/model/device_token.h"

namespace apns::mock {
namespace {

std::optional<MagicToken> parse(std::string hex) {
  hex.resize(64, '0');
  return parse_magic_token(DeviceToken::parse(hex)->bytes());
}

TEST(MagicToken, EveryRowOfTheTableIsUnderstood) {
  for (const MagicRow& row : magic_rows()) {
    EXPECT_TRUE(parse(std::string(row.prefix))) << row.prefix;
  }
}

TEST(MagicToken, EveryStatusOfTheBinaryProtocolHasARow) {
  for (const BinaryStatusRow& row : binary_statuses()) {
    if (row.status == BinaryStatus::NoErrors) {
      continue;
    }
    const auto status = static_cast<std::uint8_t>(row.status);
    std::string digits = std::to_string(status);
    digits.insert(0, 3 - digits.size(), '0');
    const auto magic = parse("fa11b" + digits);
    ASSERT_TRUE(magic) << digits;
    EXPECT_EQ(magic->action.reject, status);
    EXPECT_EQ(magic->times, 0);
  }
}

TEST(MagicToken, ReadsHowOftenItHolds) {
  EXPECT_EQ(parse("fa11b0080002")->times, 2);
  EXPECT_EQ(parse("fa11c1050199")->times, 99);
}

TEST(MagicToken, TheLastDigitsAreTheSenders) {
  const auto magic = parse("fa11b00800010123456789abcdef");
  ASSERT_TRUE(magic);
  EXPECT_EQ(magic->action.reject, 8);
  EXPECT_EQ(magic->times, 1);
}

TEST(MagicToken, ReadsTheDelayInMilliseconds) {
  EXPECT_EQ(parse("fa11de1a0500")->action.delay, std::chrono::milliseconds(500));
  EXPECT_EQ(parse("fa11de1a9999")->action.delay, std::chrono::milliseconds(9999));
}

TEST(MagicToken, ReadsHowToClose) {
  EXPECT_EQ(parse("fa11c1050000")->action.close, FaultClose::Fin);
  EXPECT_EQ(parse("fa11c1050100")->action.close, FaultClose::Rst);
  EXPECT_EQ(parse("fa11c1050200")->action.close, FaultClose::HalfOpen);
}

TEST(MagicToken, KnowsPhonesThatAreOfflineOrWithoutTheApp) {
  EXPECT_EQ(parse("fa110ff1")->fate, MagicToken::Fate::Offline);
  EXPECT_EQ(parse("fa11feed")->fate, MagicToken::Fate::Uninstalled);
}

TEST(MagicToken, WhatIsNotInTheTableIsAnOrdinaryDeviceToken) {
  for (const char* hex : {"fa10b008", "fa11b009", "fa11ffff", "fa11b0080100", "fa11c1050300",
                          "fa11de1a0a00", "fa11b008000f"}) {
    EXPECT_FALSE(parse(hex)) << hex;
  }
}

TEST(MagicToken, OtherLengthsAreOrdinaryDeviceTokens) {
  EXPECT_FALSE(parse_magic_token(DeviceToken::parse("fa11b00800000000")->bytes()));
  EXPECT_FALSE(parse_magic_token(DeviceToken::parse("fa11b008" + std::string(100, '0'))->bytes()));
  EXPECT_FALSE(parse_magic_token({}));
}

}  // namespace
}  // namespace apns::mock
