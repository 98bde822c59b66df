#include "apns/base/rfc3339.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace apns {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* utc;  // as it is written again; "none": refused
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

class Rfc3339 : public testing::TestWithParam<Case> {};

TEST_P(Rfc3339, IsReadAsTheTimeThatItMeans) {
  const auto time = parse_rfc3339(GetParam().text);
  EXPECT_EQ(time ? to_rfc3339(*time) : "none", GetParam().utc);
}

INSTANTIATE_TEST_SUITE_P(
    Times, Rfc3339,
    testing::Values(Case{"Utc", "2025-01-01T10:14:05Z", "2025-01-01T10:14:05Z"},
                    Case{"SmallLetters", "2025-01-01t10:14:05z", "2025-01-01T10:14:05Z"},
                    Case{"Blank", "2025-01-01 10:14:05Z", "2025-01-01T10:14:05Z"},
                    Case{"Micros", "2025-01-01T10:14:05.000204Z", "2025-01-01T10:14:05.000204Z"},
                    Case{"OneDigit", "2025-01-01T10:14:05.5Z", "2025-01-01T10:14:05.500000Z"},
                    Case{"NineDigits", "2025-01-01T10:14:05.123456789Z",
                         "2025-01-01T10:14:05.123456Z"},
                    Case{"FractionOfZeros", "2025-01-01T10:14:05.000Z", "2025-01-01T10:14:05Z"},
                    Case{"East", "2025-01-01T00:30:00+01:00", "2024-12-31T23:30:00Z"},
                    Case{"West", "2024-12-31T20:00:00.25-05:30", "2025-01-01T01:30:00.250000Z"},
                    Case{"LeapDay", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
                    Case{"LeapSecond", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
                    Case{"Before1970", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z"},
                    Case{"FirstYear", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
                    Case{"LastYear", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
                    Case{"NoOffset", "2025-01-01T10:14:05", "none"},
                    Case{"DateAlone", "2025-01-01", "none"},
                    Case{"NoSuchDay", "2025-02-29T00:00:00Z", "none"},
                    Case{"NoSuchMonth", "2025-13-01T00:00:00Z", "none"},
                    Case{"NoSuchHour", "2025-01-01T24:00:00Z", "none"},
                    Case{"PointWithoutDigits", "2025-01-01T10:14:05.Z", "none"},
                    Case{"OffsetWithoutColon", "2025-01-01T10:14:05+0100", "none"},
                    Case{"MoreBehind", "2025-01-01T10:14:05Z ", "none"},
                    Case{"Sign", "+025-01-01T10:14:05Z", "none"},
                    Case{"UnixSeconds", "1735689600", "none"}, Case{"Empty", "", "none"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace apns
