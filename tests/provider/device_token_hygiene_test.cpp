// What answers say about device tokens: field reports I127, I129, I133, N177.
#include "provider/device_token_hygiene.h"

#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/bytes.h"

namespace apns::provider {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kAnsweredMs = 1'764'065'645'000;  // 2025-11-25T10:14:05Z
constexpr std::uint64_t kGoneMs = 1'764'000'000'123;

WorldTime at_ms(std::int64_t ms) {
  return WorldTime(milliseconds(ms));
}

DeviceToken token(std::uint32_t number) {
  std::string hex = std::to_string(10'000 + number);
  hex.resize(64, '0');
  return *DeviceToken::parse(hex);
}

DeviceTokenAnswer ok() {
  return {.status = 200,
          .reason = std::nullopt,
          .timestamp_ms = std::nullopt,
          .at = at_ms(kAnsweredMs)};
}

DeviceTokenAnswer said(Reason reason, std::optional<std::uint64_t> timestamp_ms = std::nullopt) {
  return {.status = row_of(reason).status,
          .reason = reason,
          .timestamp_ms = timestamp_ms,
          .at = at_ms(kAnsweredMs)};
}

/// "drop: its app is gone", for each, by their numbers.
std::vector<std::string> lines(const DeviceTokenHygiene& hygiene) {
  std::vector<std::string> all;
  for (const DeviceTokenVerdict& verdict : hygiene.verdicts()) {
    all.push_back(std::string(to_string(verdict.advice)) + ": " + verdict.why);
  }
  return all;
}

/// One device token is gone with that timestamp, and registered at a time.
struct Case {
  const char* name;
  std::optional<std::uint64_t> timestamp_ms;
  std::optional<std::int64_t> registered_ms;
  const char* line;
  std::int64_t gone_ms;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

const Case kCases[] = {
    {"NotRegistered", kGoneMs, {}, "drop: its app is gone", kGoneMs},
    {"RegisteredBefore", kGoneMs, kGoneMs - 1, "drop: its app is gone", kGoneMs},
    {"RegisteredInThatInstant", kGoneMs, kGoneMs, "keep: registered again since", kGoneMs},
    {"RegisteredSince", kGoneMs, kGoneMs + 1, "keep: registered again since", kGoneMs},
    {"NoTime", {}, {}, "drop: its app is gone", kAnsweredMs},
    {"NoTimeRegisteredBefore", {}, kAnsweredMs - 1, "drop: its app is gone", kAnsweredMs},
    {"NoTimeRegisteredSince", {}, kAnsweredMs, "keep: registered again since", kAnsweredMs},
    {"InSecondsI127", kGoneMs / 1000, kGoneMs, "keep: registered again since", 1'764'000'000'000},
    {"InSecondsRegisteredBefore", kGoneMs / 1000, kGoneMs - 1'000, "drop: its app is gone",
     1'764'000'000'000},
    {"ToCome", 48'075ULL * 366 * 24 * 3600 * 1000, kGoneMs, "drop: its app is gone", kAnsweredMs},
    {"Largest", UINT64_MAX, kGoneMs, "drop: its app is gone", kAnsweredMs},
    {"Zero", 0U, kGoneMs, "drop: its app is gone", kAnsweredMs},
};

class GoneDeviceToken : public testing::TestWithParam<Case> {};

TEST_P(GoneDeviceToken, IsDroppedUnlessItRegisteredSince) {
  DeviceTokenHygiene hygiene;
  hygiene.answered(token(1), said(Reason::Unregistered, GetParam().timestamp_ms));
  if (GetParam().registered_ms) {
    hygiene.registered(token(1), at_ms(*GetParam().registered_ms));
    hygiene.registered(token(1), at_ms(0));
    hygiene.registered(token(2), at_ms(kAnsweredMs));
  }
  EXPECT_THAT(lines(hygiene), ElementsAre(GetParam().line));
  EXPECT_EQ(hygiene.verdicts().front().gone_since, at_ms(GetParam().gone_ms));
}

INSTANTIATE_TEST_SUITE_P(Rows, GoneDeviceToken, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

// Field reports I129.
TEST(DeviceTokenHygiene, AnExpiredOneIsDropped) {
  DeviceTokenHygiene hygiene;
  hygiene.answered(token(1), said(Reason::ExpiredToken));
  DeviceTokenAnswer with_400 = said(Reason::ExpiredToken);
  with_400.status = 400;
  hygiene.answered(token(2), with_400);
  EXPECT_THAT(lines(hygiene), ElementsAre("drop: it has expired", "drop: it has expired"));
}

// Field reports N177: one of 100 is bad, and it concerns no other.
TEST(DeviceTokenHygiene, AMisplacedOneIsSuspect) {
  DeviceTokenHygiene hygiene;
  for (std::uint32_t i = 0; i < 98; ++i) {
    hygiene.answered(token(i), ok());
  }
  hygiene.answered(token(98), said(Reason::BadDeviceToken));
  hygiene.answered(token(99), said(Reason::DeviceTokenNotForTopic));
  EXPECT_THAT(lines(hygiene),
              ElementsAre("suspect: of the other environment, or made up",
                          "suspect: of another app, or of another push type of this one"));
  EXPECT_EQ(hygiene.brake_text(), "");
}

TEST(DeviceTokenHygiene, AgainstTheWrongEnvironmentNothingIsDropped) {
  DeviceTokenHygiene hygiene;
  for (std::uint32_t i = 0; i < 100; ++i) {
    hygiene.answered(token(i), said(Reason::BadDeviceToken));
  }
  EXPECT_THAT(lines(hygiene),
              testing::Each("keep: so many at once are a mistake in the configuration"));
  EXPECT_EQ(hygiene.verdicts().size(), 100U);
  EXPECT_THAT(hygiene.brake_text(), HasSubstr("100 of 100 answers say BadDeviceToken"));
}

/// So many of 100 are gone.
DeviceTokenHygiene gone(std::uint32_t num, PruneBrake brake = {}) {
  DeviceTokenHygiene hygiene(brake);
  for (std::uint32_t i = 0; i < 100; ++i) {
    hygiene.answered(token(i), i < num ? said(Reason::Unregistered, kGoneMs) : ok());
  }
  return hygiene;
}

TEST(DeviceTokenHygiene, BrakesAboveItsShare) {
  EXPECT_THAT(lines(gone(25)), testing::Each("drop: its app is gone"));
  EXPECT_EQ(gone(25).brake_text(), "");
  EXPECT_THAT(lines(gone(26)), testing::Each("suspect: so many at once are not plausible"));
  EXPECT_THAT(gone(26).brake_text(), HasSubstr("26 of 100 answers say that the app is gone"));
  EXPECT_THAT(lines(gone(100, {.max_share = 1})), testing::Each("drop: its app is gone"));
}

TEST(DeviceTokenHygiene, DoesNotBrakeForAFew) {
  DeviceTokenHygiene hygiene;
  for (std::uint32_t i = 0; i < 9; ++i) {
    hygiene.answered(token(i), said(Reason::Unregistered));
  }
  EXPECT_THAT(lines(hygiene), testing::Each("drop: its app is gone"));
  hygiene.answered(token(9), said(Reason::Unregistered));
  EXPECT_THAT(lines(hygiene), testing::Each("suspect: so many at once are not plausible"));
}

TEST(DeviceTokenHygiene, WhatRegisteredSinceIsKeptBehindTheBrakeToo) {
  DeviceTokenHygiene hygiene = gone(100);
  hygiene.registered(token(0), at_ms(kAnsweredMs));
  EXPECT_EQ(lines(hygiene)[0], "keep: registered again since");
  EXPECT_EQ(lines(hygiene)[1], "suspect: so many at once are not plausible");
}

TEST(DeviceTokenHygiene, TheLastAnswerCounts) {
  DeviceTokenHygiene hygiene;
  hygiene.answered(token(1), said(Reason::Unregistered));
  hygiene.answered(token(1), ok());
  EXPECT_THAT(lines(hygiene), IsEmpty());
  hygiene.answered(token(1), said(Reason::BadDeviceToken));
  hygiene.answered(token(1), said(Reason::Unregistered));
  EXPECT_THAT(lines(hygiene), ElementsAre("drop: its app is gone"));
  for (const Reason reason : {Reason::ServiceUnavailable, Reason::TooManyRequests,
                              Reason::InvalidProviderToken, Reason::PayloadTooLarge}) {
    hygiene.answered(token(1), said(reason));
  }
  hygiene.answered(token(1), DeviceTokenAnswer{.at = at_ms(kAnsweredMs)});
  EXPECT_THAT(lines(hygiene), ElementsAre("drop: its app is gone"));
}

// Field reports I133: what is the caller's to mend is said, and costs no device token.
TEST(DeviceTokenHygiene, ConfigurationCostsNoDeviceToken) {
  DeviceTokenHygiene hygiene;
  for (std::uint32_t i = 0; i < 100; ++i) {
    hygiene.answered(token(i), said(Reason::InvalidProviderToken));
  }
  EXPECT_THAT(lines(hygiene), IsEmpty());
  EXPECT_EQ(hygiene.brake_text(),
            "All 100 answers are about the configuration: nothing is learned about device tokens.");
  hygiene.answered(token(0), ok());
  EXPECT_EQ(hygiene.brake_text(), "");
}

TEST(DeviceTokenHygiene, WithoutAnswersNothingIsSaid) {
  EXPECT_THAT(lines(DeviceTokenHygiene()), IsEmpty());
  EXPECT_EQ(DeviceTokenHygiene().brake_text(), "");
}

}  // namespace
}  // namespace apns::provider
