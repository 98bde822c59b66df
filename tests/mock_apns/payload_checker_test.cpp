#include "mock_apns/payload_checker.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace apns::mock {
namespace {

struct Case {
  const char* name;
  std::string payload;
  bool is_json;
};

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

const Case kCases[] = {
    {"EmptyObject", "{}", true},
    {"Alert", R"({"aps":{"alert":"Hello","badge":1}})", true},
    {"Blanks", " \t\r\n{ } \n", true},
    {"ATextAlone", R"("Hello")", true},
    {"ANumberAlone", "1", true},
    {"NullAlone", "null", true},
    {"Escapes", R"({"a":"\u00e4\n\\\""})", true},
    {"Utf8", "{\"a\":\"\xc3\xa4\"}", true},
    // Legal JSON that simdjson refuses.
    {"IntegerOfThirtyDigits", R"({"a":123456789012345678901234567890})", true},
    {"NumberOutOfRange", R"({"a":1e400,"b":-1E+999})", true},
    {"LoneSurrogateEscape", R"({"a":"\ud800"})", true},
    // The second opinion: 1e400 sends each of them there.
    {"OddSpacing", " [ 1e400 , { \"a\" : [ ] , \"b\" : { } } , \"\\/\" , -0.5E-1 , true , null ] ",
     true},
    {"HugeNumberAlone", "1e400", true},
    {"HugeNegativeNumber", "[-1e400]", true},
    {"HugeAndTrailingComma", "[1e400,]", false},
    {"HugeAndMissingComma", "[1e400 2]", false},
    {"HugeAndWrongBracket", "[1e400}", false},
    {"HugeAndMissingValue", R"({"a":1e400,"b":})", false},
    {"HugeAndMissingKey", R"({"a":1e400,1:2})", false},
    {"HugeAndMissingColon", R"({"a":1e400,"b" 2})", false},
    {"HugeAndNegativeWord", "[1e400,-true]", false},
    {"HugeAndLeadingZero", "[1e400,01]", false},
    {"HugeAndFractionWithoutDigits", "[1e400,1.]", false},
    {"HugeAndBadEscape", R"([1e400,"\x"])", false},
    {"HugeAndShortEscape", R"([1e400,"\u12"])", false},
    {"HugeAndUnfinishedText", R"([1e400,"a)", false},
    {"HugeAndControlCharacter", "[1e400,\"\n\"]", false},
    {"HugeAndMore", "[1e400]]", false},
    {"HugeAndUnfinished", "[1e400", false},
    {"LoneSurrogateEscapeInABrokenObject", R"({"a":"\ud800")", false},
    {"NumberOutOfRangeWithBadExponent", R"({"a":1e400,"b":1e})", false},
    {"NumberOutOfRangeBesideNotUtf8", "{\"a\":1e400,\"b\":\"\xff\"}", false},
    {"DeeperThanSimdjsonGoes", nested(2000), true},
    {"Nothing", "", false},
    {"BlanksOnly", "   ", false},
    {"Words", "Hello", false},
    {"Unfinished", R"({"aps":{"alert":"Hello")", false},
    {"TwoValues", "{}{}", false},
    {"TrailingComma", R"({"a":1,})", false},
    {"SingleQuotes", "{'a':1}", false},
    {"NotUtf8", "{\"a\":\"\xff\xfe\"}", false},
    {"ControlCharacterInText", std::string("{\"a\":\"\x01\"}"), false},
    {"NulBehindIt", std::string("{}\0", 3), false},
};

class PayloadCheckerOn : public testing::TestWithParam<Case> {};

TEST_P(PayloadCheckerOn, SaysTheSameCopiedAndInPlace) {
  const Case& row = GetParam();
  PayloadChecker checker;
  // Exactly as long as the payload: what a copied check reads behind it is seen by the sanitizer.
  const Bytes exact(as_bytes(row.payload).begin(), as_bytes(row.payload).end());
  EXPECT_EQ(checker.is_json(exact, false), row.is_json) << "copied";
  // What stands behind a payload in a buffer is the next notification, not zeros.
  for (const char behind : {'\0', '}', '"', ' ', '1', '\xff'}) {
    const std::string buffer = row.payload + std::string(PayloadChecker::kPadding, behind);
    EXPECT_EQ(checker.is_json(as_bytes(buffer).first(row.payload.size()), true), row.is_json)
        << "in place, before byte " << static_cast<int>(behind);
  }
}

INSTANTIATE_TEST_SUITE_P(Payload, PayloadCheckerOn, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(PayloadChecker, RemembersNothingOfEarlierPayloads) {
  PayloadChecker checker;
  const std::string large = R"({"a":")" + std::string(60'000, 'x') + R"("})";
  EXPECT_TRUE(checker.is_json(as_bytes("{}"), false));
  EXPECT_TRUE(checker.is_json(as_bytes(large), false));
  EXPECT_FALSE(checker.is_json(as_bytes("{"), false));
  EXPECT_TRUE(checker.is_json(as_bytes("{}"), false));
  EXPECT_FALSE(checker.is_json(as_bytes(""), false));
}

}  // namespace
}  // namespace apns::mock
