#include "apns/json/syntax.h"

#include <string>

#include <gtest/gtest.h>

namespace apns::json {
namespace {

struct Case {
  const char* name;
  std::string text;
  std::size_t offset;
  const char* reason;
};

class SyntaxErrors : public testing::TestWithParam<Case> {};

TEST_P(SyntaxErrors, SayWhereAndWhatWouldBeRight) {
  const auto problem = find_syntax_error(GetParam().text);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->offset, GetParam().offset);
  EXPECT_EQ(problem->reason, GetParam().reason);
}

const Case kCases[] = {
    {"TrailingComma", R"({"a":1,})", 7,
     "this is not JSON: \"}\" stands where a key in double quotes must stand."},
    {"MissingComma", R"({"a":1 "b":2})", 7,
     "this is not JSON: a text stands where \",\" or \"}\" must stand."},
    {"Empty", "", 0, "this is not JSON: the end of the text stands where a value must stand."},
    {"Unclosed", R"({"a":[1)", 7,
     "this is not JSON: the end of the text stands where \",\" or \"]\" must stand."},
    {"NoQuoteAtTheEnd", R"({"a":"b})", 5,
     "this is not JSON: the text that begins here has no closing quote."},
    {"BehindTwiceTheSameKey", R"({"a":1,"a":2,})", 13,
     "this is not JSON: \"}\" stands where a key in double quotes must stand."},
};

INSTANTIATE_TEST_SUITE_P(Texts, SyntaxErrors, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(Syntax, HasNothingAgainstWhatOnlyPeopleShouldNotWrite) {
  EXPECT_FALSE(find_syntax_error(R"({"a":1,"a":2})"));
  EXPECT_FALSE(find_syntax_error(std::string(2000, '[') + std::string(2000, ']')));
  EXPECT_FALSE(find_syntax_error("\xEF\xBB\xBF{}"));
}

}  // namespace
}  // namespace apns::json
