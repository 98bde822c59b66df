#include "apns/model/reason.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns {
namespace {

struct Expected {
  const char* name;
  unsigned status;
  bool retryable;
};

// Apple's table, written down a second time.
constexpr Expected kExpected[] = {
    {"BadCollapseId", 400, false},
    {"BadDeviceToken", 400, false},
    {"BadExpirationDate", 400, false},
    {"BadMessageId", 400, false},
    {"BadPriority", 400, false},
    {"BadTopic", 400, false},
    {"DeviceTokenNotForTopic", 400, false},
    {"DuplicateHeaders", 400, false},
    {"IdleTimeout", 400, true},
    {"InvalidPushType", 400, false},
    {"MissingDeviceToken", 400, false},
    {"MissingTopic", 400, false},
    {"PayloadEmpty", 400, false},
    {"TopicDisallowed", 400, false},
    {"BadCertificate", 403, false},
    {"BadCertificateEnvironment", 403, false},
    {"ExpiredProviderToken", 403, true},
    {"Forbidden", 403, false},
    {"InvalidProviderToken", 403, false},
    {"MissingProviderToken", 403, false},
    {"UnrelatedKeyIdInToken", 403, true},
    {"BadEnvironmentKeyIdInToken", 403, false},
    {"BadEnvironmentKeyInToken", 403, false},
    {"BadPath", 404, false},
    {"MethodNotAllowed", 405, false},
    {"ExpiredToken", 410, false},
    {"Unregistered", 410, false},
    {"PayloadTooLarge", 413, false},
    {"TooManyProviderTokenUpdates", 429, true},
    {"TooManyRequests", 429, true},
    {"InternalServerError", 500, true},
    {"ServiceUnavailable", 503, true},
    {"Shutdown", 503, true},
};

TEST(Reason, TableIsApples) {
  ASSERT_EQ(reasons().size(), std::size(kExpected));
  for (std::size_t i = 0; i < std::size(kExpected); ++i) {
    const ReasonRow& row = reasons()[i];
    EXPECT_EQ(row.name, kExpected[i].name);
    EXPECT_EQ(row.status, kExpected[i].status) << row.name;
    EXPECT_EQ(row.retryable(), kExpected[i].retryable) << row.name;
    EXPECT_FALSE(row.cause.empty()) << row.name;
    EXPECT_FALSE(row.source.empty()) << row.name;
  }
}

TEST(Reason, IsFoundByItsNameAndByItself) {
  for (const ReasonRow& row : reasons()) {
    EXPECT_EQ(find_reason(row.name), &row);
    EXPECT_EQ(&row_of(row.reason), &row);
  }
  EXPECT_EQ(find_reason("badDeviceToken"), nullptr);
  EXPECT_EQ(find_reason("BadDeviceToken "), nullptr);
  EXPECT_EQ(find_reason(""), nullptr);
}

TEST(Reason, DeviceTokensAreDroppedForWhatIsWrongWithThemAlone) {
  std::vector<std::string_view> names;
  for (const ReasonRow& row : reasons()) {
    if (row.retry == Retry::DropDeviceToken) {
      names.push_back(row.name);
    }
  }
  EXPECT_THAT(names, testing::ElementsAre("BadDeviceToken", "ExpiredToken", "Unregistered"));
}

TEST(Reason, UsualOneOfAStatusIsNumberZero) {
  const std::pair<unsigned, Reason> usual[] = {
      {400, Reason::BadDeviceToken},
      {403, Reason::InvalidProviderToken},
      {404, Reason::BadPath},
      {405, Reason::MethodNotAllowed},
      {410, Reason::Unregistered},
      {413, Reason::PayloadTooLarge},
      {429, Reason::TooManyRequests},
      {500, Reason::InternalServerError},
      {503, Reason::ServiceUnavailable},
  };
  std::vector<unsigned> statuses;
  for (const auto& [status, reason] : usual) {
    EXPECT_EQ(find_reason(status, 0), &row_of(reason)) << status;
    statuses.push_back(status);
  }
  EXPECT_THAT(reason_statuses(), testing::ElementsAreArray(statuses));
}

TEST(Reason, NumbersOfAStatusCountFromOneInTheOrderOfTheTable) {
  std::set<const ReasonRow*> found;
  for (const unsigned status : reason_statuses()) {
    unsigned number = 1;
    for (; const ReasonRow* row = find_reason(status, number); ++number) {
      EXPECT_EQ(row->status, status);
      EXPECT_TRUE(found.insert(row).second);
    }
    EXPECT_EQ(find_reason(status, 99), nullptr);
  }
  EXPECT_EQ(found.size(), reasons().size());
  EXPECT_EQ(find_reason(400, 1), &row_of(Reason::BadCollapseId));
  EXPECT_EQ(find_reason(400, 14), &row_of(Reason::TopicDisallowed));
  EXPECT_EQ(find_reason(400, 15), nullptr);
  EXPECT_EQ(find_reason(403, 8), &row_of(Reason::BadEnvironmentKeyIdInToken));
  EXPECT_EQ(find_reason(403, 9), &row_of(Reason::BadEnvironmentKeyInToken));
  EXPECT_EQ(find_reason(404, 1), &row_of(Reason::BadPath));
  EXPECT_EQ(find_reason(503, 2), &row_of(Reason::Shutdown));
  EXPECT_EQ(find_reason(200, 0), nullptr);
  EXPECT_EQ(find_reason(402, 0), nullptr);
  EXPECT_EQ(find_reason(0, 0), nullptr);
}

TEST(Reason, TextHasStatusAndName) {
  EXPECT_EQ(reason_text(Reason::BadDeviceToken), "400 BadDeviceToken");
  EXPECT_EQ(reason_text(Reason::Shutdown), "503 Shutdown");
}

TEST(Reason, BodyIsTheReasonAlone) {
  EXPECT_EQ(row_of(Reason::BadDeviceToken).body, R"({"reason":"BadDeviceToken"})");
  EXPECT_EQ(row_of(Reason::MissingTopic).body, R"({"reason":"MissingTopic"})");
  for (const ReasonRow& row : reasons()) {
    const std::string expected = "{\"reason\":\"" + std::string(row.name) + "\"}";
    EXPECT_EQ(row.body, expected);
  }
}

// Sizes that were seen on the wire: Redth/HttpTwo#4 and sideshow/apns2#93.
TEST(Reason, BodyHasTheLengthOfTheCaptures) {
  EXPECT_EQ(row_of(Reason::BadDeviceToken).body.size(), 27U);
  EXPECT_EQ(row_of(Reason::BadCertificateEnvironment).body.size(), 38U);
  EXPECT_EQ(row_of(Reason::Shutdown).body.size(), 21U);
}

// ---- The other interface ----

TEST(Reason, EachBinaryStatusHasANearestReasonAndIsItsNearest) {
  for (const BinaryStatusRow& row : binary_statuses()) {
    const auto reason = nearest_reason(static_cast<std::uint8_t>(row.status));
    ASSERT_EQ(reason.has_value(), row.status != BinaryStatus::NoErrors) << row.name;
    // HTTP/2 has one reason for a device token of a wrong size and a wrong one.
    if (reason && row.status != BinaryStatus::InvalidTokenSize) {
      EXPECT_EQ(nearest_binary_status(*reason), row.status) << row.name;
    }
  }
  EXPECT_EQ(nearest_reason(5), Reason::BadDeviceToken);
  EXPECT_EQ(nearest_reason(8), Reason::BadDeviceToken);
  EXPECT_EQ(nearest_reason(77), std::nullopt);
}

TEST(Reason, NearestBinaryStatusIsOneThatRejects) {
  for (const ReasonRow& row : reasons()) {
    EXPECT_NE(nearest_binary_status(row.reason), BinaryStatus::NoErrors) << row.name;
  }
  EXPECT_EQ(nearest_binary_status(Reason::Unregistered), BinaryStatus::InvalidToken);
  EXPECT_EQ(nearest_binary_status(Reason::PayloadTooLarge), BinaryStatus::InvalidPayloadSize);
  EXPECT_EQ(nearest_binary_status(Reason::Shutdown), BinaryStatus::Shutdown);
  EXPECT_EQ(nearest_binary_status(Reason::InvalidProviderToken), BinaryStatus::Unknown);
}

// ---- docs/wire/reasons.md ----

std::string words_of(Retry retry) {
  switch (retry) {
    case Retry::Never:
      return "never";
    case Retry::DropDeviceToken:
      return "never, and drop the device token";
    case Retry::Again:
      return "with a back-off";
    case Retry::Later:
      return "after a pause";
    case Retry::NewConnection:
      return "on a new connection";
    case Retry::NewProviderToken:
      return "with a new provider token";
  }
  return "";
}

std::string word_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::Documented:
      return "documented";
    case Confidence::Observed:
      return "observed";
    case Confidence::Inferred:
      return "inferred";
  }
  return "";
}

TEST(Reason, ThePageHasTheTable) {
  std::ifstream in(APNSLAB_SOURCE_DIR "/docs/wire/reasons.md");
  std::vector<std::string> documented;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| 4") || line.starts_with("| 5")) {
      documented.push_back(line);
    }
  }
  std::vector<std::string> rows;
  std::map<unsigned, unsigned> numbers;
  for (const ReasonRow& row : reasons()) {
    const unsigned number = ++numbers[row.status];
    const auto nearest = static_cast<unsigned>(nearest_binary_status(row.reason));
    std::string line = "| " + std::to_string(row.status) + (number < 10 ? " | 0" : " | ") +
                       std::to_string(number) + " | `" + std::string(row.name) + "` | ";
    line += std::string(row.cause) + " | " + words_of(row.retry) + " | " + std::to_string(nearest) +
            " | " + word_of(row.confidence) + " | ";
    line += std::string(row.trigger.empty() ? "only being told to" : row.trigger) + " |";
    rows.push_back(line);
  }
  EXPECT_THAT(documented, testing::ElementsAreArray(rows));
}

}  // namespace
}  // namespace apns
