// Proves the rule feedback/newest-timestamp-counts (field reports C49, node-apn/node-apn#409).
#include "provider/feedback_join.h"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::provider {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

DeviceToken token(const std::string& hex) {
  return *DeviceToken::parse(hex);
}

WorldTime at_ms(std::int64_t ms) {
  return WorldTime(std::chrono::milliseconds(ms));
}

/// "drop a1", "keep a1 (101500)": the registration in milliseconds.
std::vector<std::string> lines(const FeedbackJoin& join) {
  std::vector<std::string> all;
  for (const FeedbackAdvice& advice : join.advice()) {
    std::string line = (advice.drop ? "drop " : "keep ") + advice.device_token.to_hex();
    if (advice.registered_at) {
      const auto ms = std::chrono::floor<std::chrono::milliseconds>(*advice.registered_at);
      line += " (" + std::to_string(ms.time_since_epoch().count()) + ")";
    }
    all.push_back(std::move(line));
  }
  return all;
}

/// The device token a1 is gone since 100, in UNIX seconds.
struct Case {
  const char* name;
  std::vector<std::pair<std::string, std::int64_t>> registrations;  // hex, milliseconds
  const char* line;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class FeedbackJoinOfOne : public testing::TestWithParam<Case> {};

TEST_P(FeedbackJoinOfOne, TheNewestWins) {
  FeedbackJoin join({{token("a1"), 100}});
  for (const auto& [hex, ms] : GetParam().registrations) {
    join.registered(token(hex), at_ms(ms));
  }
  EXPECT_THAT(lines(join), ElementsAre(GetParam().line));
}

INSTANTIATE_TEST_SUITE_P(
    Registrations, FeedbackJoinOfOne,
    testing::Values(Case{"None", {}, "drop a1"},
                    Case{"OfAnotherToken", {{"a2", 200'000}, {"a1a1", 200'000}}, "drop a1"},
                    Case{"ASecondBefore", {{"a1", 99'000}}, "drop a1 (99000)"},
                    Case{"AMillisecondBefore", {{"a1", 99'999}}, "drop a1 (99999)"},
                    Case{"AtTheSameTime", {{"a1", 100'000}}, "keep a1 (100000)"},
                    Case{"InTheSameSecond", {{"a1", 100'500}}, "keep a1 (100500)"},
                    Case{"ASecondBehind", {{"a1", 101'000}}, "keep a1 (101000)"},
                    Case{"TheNewestFirst", {{"a1", 101'000}, {"a1", 50'000}}, "keep a1 (101000)"},
                    Case{"TheNewestLast", {{"a1", 50'000}, {"a1", 101'000}}, "keep a1 (101000)"},
                    Case{"ManyBefore", {{"a1", 50'000}, {"a1", 60'000}}, "drop a1 (60000)"},
                    Case{"Before1970", {{"a1", -1}}, "drop a1 (-1)"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(FeedbackJoin, AdvisesOnEachTokenOfThePollTheLongestGoneFirst) {
  FeedbackJoin join({{token("cc"), 100}, {token("bb"), 100}, {token("aa"), 300}});
  join.registered(token("cc"), at_ms(100'001));
  EXPECT_THAT(lines(join), ElementsAre("drop bb", "keep cc (100001)", "drop aa"));
}

TEST(FeedbackJoin, UpperAndLowerCaseAreOneToken) {
  FeedbackJoin join({{token("ABCD"), 100}});
  join.registered(token("abCD"), at_ms(200'000));
  EXPECT_THAT(lines(join), ElementsAre("keep abcd (200000)"));
}

TEST(FeedbackJoin, AnEmptyPollAdvisesNothing) {
  FeedbackJoin join({});
  join.registered(token("a1"), at_ms(1));
  EXPECT_TRUE(join.advice().empty());
}

TEST(FeedbackJoin, TakesTheLastSecondThatATupleCanTell) {
  FeedbackJoin join({{token("a1"), UINT32_MAX}});
  ASSERT_EQ(join.advice().size(), 1U);
  EXPECT_EQ(join.advice()[0].gone_since.time_since_epoch().count(), 4'294'967'295);
}

}  // namespace
}  // namespace apns::provider
