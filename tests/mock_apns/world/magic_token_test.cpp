#include "mock_apns/world/magic_token.h"

#include <algorithm>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "apns/model/binary_status.h"
#include "apns/model/device_token.h"
#include "apns/model/reason.h"

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

std::string two_digits(unsigned number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

TEST(MagicToken, EveryReasonHasItsNumber) {
  std::size_t num_found = 0;
  for (const std::uint16_t status : reason_statuses()) {
    const std::string what = "fa110" + std::to_string(status);
    for (unsigned number = 0; number < 100; ++number) {
      const ReasonRow* row = find_reason(status, number);
      const auto magic = parse(what + two_digits(number));
      ASSERT_EQ(magic.has_value(), row != nullptr) << what << number;
      if (row == nullptr) {
        continue;
      }
      EXPECT_EQ(magic->http2.reason, row->reason) << row->name;
      EXPECT_EQ(magic->action.reject, static_cast<std::uint8_t>(nearest_binary_status(row->reason)))
          << row->name;
      EXPECT_EQ(magic->times, 0);
      num_found += number == 0 ? 0 : 1;
    }
  }
  EXPECT_EQ(num_found, reasons().size());
}

// Numbers are given out once: who has put such a token into a test keeps it.
TEST(MagicToken, NumbersOfReasonsStay) {
  EXPECT_EQ(parse("fa110400")->http2.reason, Reason::BadDeviceToken);
  EXPECT_EQ(parse("fa11040001")->http2.reason, Reason::BadCollapseId);
  EXPECT_EQ(parse("fa11040014")->http2.reason, Reason::TopicDisallowed);
  EXPECT_EQ(parse("fa110403")->http2.reason, Reason::InvalidProviderToken);
  EXPECT_EQ(parse("fa11040308")->http2.reason, Reason::BadEnvironmentKeyIdInToken);
  EXPECT_EQ(parse("fa11040309")->http2.reason, Reason::BadEnvironmentKeyInToken);
  EXPECT_EQ(parse("fa110410")->http2.reason, Reason::Unregistered);
  EXPECT_EQ(parse("fa11041001")->http2.reason, Reason::ExpiredToken);
  EXPECT_EQ(parse("fa110429")->http2.reason, Reason::TooManyRequests);
  EXPECT_EQ(parse("fa110503")->http2.reason, Reason::ServiceUnavailable);
  EXPECT_EQ(parse("fa1105030002")->times, 2);
}

TEST(MagicToken, StatusOfTheGatewayIsTheNearestReasonOverHttp2) {
  EXPECT_EQ(parse("fa11b008")->http2.reason, Reason::BadDeviceToken);
  EXPECT_EQ(parse("fa11b007")->http2.reason, Reason::PayloadTooLarge);
  EXPECT_EQ(parse("fa11b010")->http2.reason, Reason::Shutdown);
}

TEST(MagicToken, GoingAwayIsAStatusOrAFrame) {
  const auto with_reason = parse("fa1160a00003");
  EXPECT_EQ(with_reason->action.reject, 10);
  EXPECT_EQ(with_reason->http2.goaway->reason, Reason::Shutdown);
  EXPECT_EQ(with_reason->times, 3);
  EXPECT_EQ(parse("fa1160a00100")->http2.goaway, GoawayFault());
  EXPECT_EQ(parse("fa1160a00100")->action.reject, 10);
}

TEST(MagicToken, MeansTheSameOverHttp2) {
  EXPECT_EQ(parse("fa11de1a0500")->http2.delay, std::chrono::milliseconds(500));
  EXPECT_EQ(parse("fa11c1050100")->http2.close, FaultClose::Rst);
  EXPECT_TRUE(parse("fa11dead")->action.stop_reading);
  EXPECT_TRUE(parse("fa11dead")->http2.no_answer);
}

TEST(MagicToken, TheTableIsInTheOrderOfItsDigits) {
  EXPECT_TRUE(std::ranges::is_sorted(magic_rows(), {}, &MagicRow::prefix));
}

TEST(MagicToken, ThePageHasTheTable) {
  std::ifstream in(APNSLAB_SOURCE_DIR "/docs/world.md");
  std::string documented;
  for (std::string line; std::getline(in, line);) {
    documented += line.starts_with("| `fa11") ? line + "\n" : "";
  }
  std::string rows;
  for (const MagicRow& row : magic_rows()) {
    rows +=
        "| `" + row.prefix + "` | " + row.draws + " | " + row.http2 + " | " + row.argument + " |\n";
  }
  EXPECT_EQ(documented, rows);
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
  for (const char* hex :
       {"fa10b008", "fa11b009", "fa11ffff", "fa11b0080100", "fa11c1050300", "fa11de1a0a00",
        "fa11b008000f", "fa110402", "fa11040015", "fa110200", "fa1160a00200"}) {
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
