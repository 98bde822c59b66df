// Which reasons kill a device token, row by row: field reports I129, I133.
#include "provider/device_token_fate.h"

#include <ostream>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

using enum DeviceTokenFate;

struct Case {
  Reason reason;
  DeviceTokenFate fate;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row_of(row.reason).name;
}

const Case kCases[] = {
    {Reason::BadCollapseId, Nothing},
    {Reason::BadDeviceToken, Misplaced},
    {Reason::BadExpirationDate, Nothing},
    {Reason::BadMessageId, Nothing},
    {Reason::BadPriority, Nothing},
    {Reason::BadTopic, Configuration},
    {Reason::DeviceTokenNotForTopic, Misplaced},
    {Reason::DuplicateHeaders, Configuration},
    {Reason::IdleTimeout, Nothing},
    {Reason::InvalidPushType, Configuration},
    {Reason::MissingDeviceToken, Configuration},
    {Reason::MissingTopic, Configuration},
    {Reason::PayloadEmpty, Nothing},
    {Reason::TopicDisallowed, Configuration},
    {Reason::BadCertificate, Configuration},
    {Reason::BadCertificateEnvironment, Configuration},
    {Reason::ExpiredProviderToken, Configuration},
    {Reason::Forbidden, Configuration},
    {Reason::InvalidProviderToken, Configuration},
    {Reason::MissingProviderToken, Configuration},
    {Reason::UnrelatedKeyIdInToken, Configuration},
    {Reason::BadEnvironmentKeyIdInToken, Configuration},
    {Reason::BadEnvironmentKeyInToken, Configuration},
    {Reason::BadPath, Configuration},
    {Reason::MethodNotAllowed, Configuration},
    {Reason::ExpiredToken, Gone},
    {Reason::Unregistered, Gone},
    {Reason::PayloadTooLarge, Nothing},
    {Reason::TooManyProviderTokenUpdates, Configuration},
    {Reason::TooManyRequests, Nothing},
    {Reason::InternalServerError, Nothing},
    {Reason::ServiceUnavailable, Nothing},
    {Reason::Shutdown, Nothing},
};

class DeviceTokenFates : public testing::TestWithParam<Case> {};

TEST_P(DeviceTokenFates, FollowFromTheReason) {
  EXPECT_EQ(device_token_fate(row_of(GetParam().reason).status, GetParam().reason),
            GetParam().fate);
}

TEST_P(DeviceTokenFates, AreGoodWithStatus200WhateverElseIsSaid) {
  EXPECT_EQ(device_token_fate(200, GetParam().reason), Good);
}

INSTANTIATE_TEST_SUITE_P(Rows, DeviceTokenFates, testing::ValuesIn(kCases), [](const auto& row) {
  return std::string(row_of(row.param.reason).name);
});

TEST(DeviceTokenFate, HasARowForEachReason) {
  std::set<Reason> rows;
  for (const Case& row : kCases) {
    rows.insert(row.reason);
  }
  EXPECT_EQ(rows.size(), kNumReasons);
}

TEST(DeviceTokenFate, GoneAreThoseThatTheTableDropsButForBadDeviceToken) {
  for (const Case& row : kCases) {
    const bool is_dropped = row_of(row.reason).retry == Retry::DropDeviceToken;
    EXPECT_EQ(row.fate == Gone || row.reason == Reason::BadDeviceToken, is_dropped)
        << row_of(row.reason).name;
  }
}

// Field reports I129: a reason that is not on the list, or none.
TEST(DeviceTokenFate, WithoutAKnownReasonTheStatusDecides) {
  EXPECT_EQ(device_token_fate(200, std::nullopt), Good);
  EXPECT_EQ(device_token_fate(400, std::nullopt), Nothing);
  EXPECT_EQ(device_token_fate(403, std::nullopt), Configuration);
  EXPECT_EQ(device_token_fate(404, std::nullopt), Configuration);
  EXPECT_EQ(device_token_fate(405, std::nullopt), Configuration);
  EXPECT_EQ(device_token_fate(410, std::nullopt), Gone);
  EXPECT_EQ(device_token_fate(413, std::nullopt), Nothing);
  EXPECT_EQ(device_token_fate(429, std::nullopt), Nothing);
  EXPECT_EQ(device_token_fate(500, std::nullopt), Nothing);
  EXPECT_EQ(device_token_fate(503, std::nullopt), Nothing);
}

// Field reports I129: the first report has it with 400, Apple's table with 410.
TEST(DeviceTokenFate, ExpiredTokenCountsWithEitherStatus) {
  EXPECT_EQ(device_token_fate(400, Reason::ExpiredToken), Gone);
  EXPECT_EQ(device_token_fate(410, Reason::ExpiredToken), Gone);
}

}  // namespace
}  // namespace apns::provider
