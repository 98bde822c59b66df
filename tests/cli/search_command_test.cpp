#include "cli/search_command.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace apns::cli {
namespace {

TEST(ParseSeeds, TakesOneOrARange) {
  EXPECT_EQ(parse_seeds("7").first, 7U);
  EXPECT_EQ(parse_seeds("7").last, 7U);
  EXPECT_EQ(parse_seeds("1-10000").first, 1U);
  EXPECT_EQ(parse_seeds("1-10000").last, 10000U);
  EXPECT_EQ(parse_seeds("0-9223372036854775807").last, 9223372036854775807U);
}

class BadSeeds : public testing::TestWithParam<const char*> {};

TEST_P(BadSeeds, AreRefusedWithWhatWouldBeRight) {
  try {
    (void)parse_seeds(GetParam());
    FAIL() << "they were taken";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "--seeds must be a seed or a range of them that ascends, as in 4711 or 1-10000, not "
              "\"" +
                  std::string(GetParam()) + "\".");
  }
}

INSTANTIATE_TEST_SUITE_P(Table, BadSeeds,
                         testing::Values("", "-", "1-", "-3", "9-1", "1-2-3", "a", "1..5", " 1",
                                         "9223372036854775808"));

}  // namespace
}  // namespace apns::cli
