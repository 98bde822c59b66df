// Units of an expiration: field reports H115, parse-community/parse-server#4558.
#include "provider/read_expiration.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

struct Case {
  const char* name;
  const char* text;
  std::optional<std::uint32_t> seconds;
  const char* found;
  const char* fix;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.text;
}

const Case kCases[] = {
    {"Zero", "0", 0U, "", ""},
    {"Time", "1764028800", 1'764'028'800U, "", ""},
    {"Largest", "4294967295", 4'294'967'295U, "", ""},
    {"OneMore",
     "4294967296",
     {},
     "expiration 4294967296 is in milliseconds",
     "send seconds: 4294967"},
    {"Milliseconds",
     "1764028800123",
     {},
     "expiration 1764028800123 is in milliseconds",
     "send seconds: 1764028800"},
    {"Microseconds",
     "1764028800123456",
     {},
     "expiration 1764028800123456 is in microseconds",
     "send seconds: 1764028800"},
    {"Nanoseconds",
     "1764028800123456789",
     {},
     "expiration 1764028800123456789 is in nanoseconds",
     "send seconds: 1764028800"},
    {"Beyond64Bits",
     "99999999999999999999",
     {},
     "expiration 99999999999999999999 is beyond what 32 bits hold",
     "send at most 4294967295, which is in 2106"},
    {"FractionH115",
     "1518182259.475",
     {},
     "expiration 1518182259.475 has a fraction",
     "send whole seconds: 1518182259"},
    {"Negative",
     "-1",
     {},
     "expiration -1 is no number of seconds since 1970",
     "send whole seconds since 1970, or 0 for one attempt"},
    {"Exponent",
     "1e9",
     {},
     "expiration 1e9 is no number of seconds since 1970",
     "send whole seconds since 1970, or 0 for one attempt"},
    {"Date",
     "2025-11-25",
     {},
     "expiration 2025-11-25 is no number of seconds since 1970",
     "send whole seconds since 1970, or 0 for one attempt"},
    {"Nothing",
     "",
     {},
     "expiration  is no number of seconds since 1970",
     "send whole seconds since 1970, or 0 for one attempt"},
};

class ReadExpirations : public testing::TestWithParam<Case> {};

TEST_P(ReadExpirations, AreSecondsOrSayWhatTheyAre) {
  const ReadExpiration read = read_expiration(GetParam().text);
  EXPECT_EQ(read.seconds, GetParam().seconds);
  EXPECT_EQ(read.found, GetParam().found);
  EXPECT_EQ(read.fix, GetParam().fix);
}

INSTANTIATE_TEST_SUITE_P(Rows, ReadExpirations, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace apns::provider
