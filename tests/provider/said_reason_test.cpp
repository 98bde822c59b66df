#include "provider/said_reason.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/model/reason.h"

namespace apns::provider {
namespace {

struct Case {
  const char* name;
  const char* json;
  const char* text;  // of the reason
  std::int64_t timestamp_ms = -1;
};

class SaidReasonText : public testing::TestWithParam<Case> {};

TEST_P(SaidReasonText, IsRead) {
  const SaidReason said = read_reason(GetParam().json);
  EXPECT_EQ(said.text, GetParam().text);
  EXPECT_EQ(said.timestamp_ms ? static_cast<std::int64_t>(*said.timestamp_ms) : -1,
            GetParam().timestamp_ms);
}

constexpr Case kCases[] = {
    {"Plain", R"({"reason":"BadDeviceToken"})", "BadDeviceToken"},
    {"WithTime", R"({"reason":"Unregistered","timestamp":1454948015990})", "Unregistered",
     1'454'948'015'990},
    {"TimeFirst", R"({"timestamp":7,"reason":"Unregistered"})", "Unregistered", 7},
    {"Blanks", " {\r\n\t\"reason\" :\t\"Shutdown\" , \"timestamp\" : 7 } ", "Shutdown", 7},
    {"OtherKeys",
     R"({"a":{"reason":"no","b":[1,{"c":"}"}]},"d":null,"reason":"Shutdown","e":-1.5})",
     "Shutdown"},
    {"Escapes", R"({"x\"y":"\\","reason":"a\"b\n"})", R"(a\"b\n)"},
    {"ReasonIsNoText", R"({"reason":410,"timestamp":7})", "", 7},
    {"TimeIsNoInteger", R"({"timestamp":1.5,"reason":"Shutdown"})", "Shutdown"},
    {"TimeIsAnExponent", R"({"timestamp":1e3,"reason":"Shutdown"})", "Shutdown"},
    {"TimeIsNegative", R"({"timestamp":-1,"reason":"Shutdown"})", "Shutdown"},
    {"TimeIsTooLarge", R"({"timestamp":99999999999999999999,"reason":"Shutdown"})", "Shutdown"},
    {"TimeIsText", R"({"timestamp":"7","reason":"Shutdown"})", "Shutdown"},
    {"CutOff", R"({"reason":"Shutdown","timest)", "Shutdown"},
    {"CutOffInTheReason", R"({"reason":"Shutd)", ""},
    {"CutOffInAnEscape", R"({"reason":"Shutd\)", ""},
    {"Control", "{\"reason\":\"a\nb\"}", ""},
    {"Empty", "", ""},
    {"NoObject", R"(["reason","Shutdown"])", ""},
    {"NoJson", "<html>", ""},
    {"NoValue", R"({"a":,"reason":"Shutdown"})", ""},
    {"NotClosed", R"({"a":[[[[[[)", ""},
    {"Nothing", "{}", ""},
};

INSTANTIATE_TEST_SUITE_P(Cases, SaidReasonText, testing::ValuesIn(kCases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(SaidReason, KnowsAllOfTheTable) {
  for (const ReasonRow& row : reasons()) {
    EXPECT_EQ(read_reason(row.body).known, row.reason) << row.name;
    const SaidReason said = read_reason(reason_body(row.reason, 1'454'948'015'990U));
    EXPECT_EQ(said.known, row.reason) << row.name;
    EXPECT_EQ(said.timestamp_ms, 1'454'948'015'990U) << row.name;
  }
  EXPECT_EQ(read_reason(R"({"reason":"badDeviceToken"})").known, std::nullopt);
}

TEST(SaidReason, IsSafeAtEveryCut) {
  const std::string whole = R"( {"a":{"b":["\"",1]},"reason":"Unregistered","timestamp":12345} )";
  for (std::size_t len = 0; len <= whole.size(); ++len) {
    // A block of its exact size, so that a read past it is seen by the address sanitizer.
    const std::vector<char> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(len));
    const SaidReason said = read_reason({part.data(), part.size()});
    EXPECT_TRUE(said.text.empty() || said.text == "Unregistered") << len;
  }
}

}  // namespace
}  // namespace apns::provider
