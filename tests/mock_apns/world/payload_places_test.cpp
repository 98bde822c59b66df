#include "mock_apns/world/payload_places.h"

#include <string>

#include <gtest/gtest.h>

#include "mock_apns/world/payload.h"

namespace apns::mock {
namespace {

using Part = PayloadPlace::Part;

struct Case {
  const char* name;
  const char* json;
  PayloadPlace place;
  const char* rest;  // what stands at the place
};

class Places : public testing::TestWithParam<Case> {};

TEST_P(Places, AreFoundInTheText) {
  const Case& row = GetParam();
  const std::string json = row.json;
  const std::size_t at = find_place(json, row.place);
  EXPECT_EQ(json.substr(at), row.rest);
}

const Case kCases[] = {
    {"Whole", " \n {\"aps\":{}}", {}, "{\"aps\":{}}"},
    {"Value", R"({"a":[1,{"aps":{}}],"aps": {"badge":"5"}})", {{"aps", "badge"}}, "\"5\"}}"},
    {"KeyOfIt", R"({"aps": { "badge" :"5"}})", {{"aps", "badge"}, Part::Key}, "\"badge\" :\"5\"}}"},
    {"FirstOfTwo", R"({"a":1,"a":2})", {{"a"}}, "1,\"a\":2}"},
    {"SecondOfTwo", R"({"a":1,"a":2})", {{"a"}, Part::Key, true}, "\"a\":2}"},
    {"EscapedKey", R"({"\u0061ps":{"b":1}})", {{"aps", "b"}}, "1}}"},
    {"BraceInAText", R"({"a":"}\"{","aps":7})", {{"aps"}}, "7}"},
    {"InnermostThatIsThere", R"({"aps":{"b":1}})", {{"aps", "c", "d"}}, "{\"b\":1}}"},
    {"NotInAnArray", R"({"aps":[{"b":1}]})", {{"aps", "b"}}, "[{\"b\":1}]}"},
    {"LineBreaks", "{\r\n\t\"aps\"\r\n:\r\n{\"b\"\n: true}}", {{"aps", "b"}}, "true}}"},
};

INSTANTIATE_TEST_SUITE_P(Payloads, Places, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(PayloadPlaces, PointersAreEscaped) {
  EXPECT_EQ(pointer_of({}), "");
  EXPECT_EQ(pointer_of({{"aps", "a/b~c"}}), "/aps/a~1b~0c");
}

TEST(PayloadPlaces, StayInsideOfTextsThatAreNotJson) {
  for (const std::string json :
       {"", "{", "{\"", "{\"aps\\", "{\"aps\":", "}]", "{\"aps\":{,,", "\\"}) {
    EXPECT_LE(find_place(json, {{"aps", "badge"}}), json.size()) << json;
    EXPECT_FALSE(find_member(json, "Simulator Target Bundle")) << json;
  }
}

TEST(PayloadPlaces, FindNumbersThatAreTooLargeAndLevelsThatAreTooMany) {
  const std::string numbers = R"({"a":1e300,"b":"1e400","c":[-1e400]})";
  EXPECT_EQ(find_huge_number(numbers), numbers.find("-1e400"));
  EXPECT_EQ(find_huge_number(R"({"a":123456789012345678901234567890})"), std::nullopt);
  EXPECT_EQ(find_level("[[],[[]]]", 2), 5U);
  EXPECT_EQ(find_level("[[],[[]]]", 3), std::nullopt);
}

struct MemberCase {
  const char* json;
  const char* rest;  // without the member
  const char* value;
};

TEST(PayloadPlaces, TakeAMemberOutSoThatTheRestIsJson) {
  const MemberCase cases[] = {
      {R"({"b":"x","aps":{}})", R"({"aps":{}})", "\"x\""},
      {R"({"aps":{},"b":"x"})", R"({"aps":{}})", "\"x\""},
      {R"({"aps":{} , "b" : "x" })", R"({"aps":{}  })", "\"x\""},
      {R"({"a":1,"b":[1,{"b":2}],"c":3})", R"({"a":1,"c":3})", R"([1,{"b":2}])"},
      {R"({"b":"x"})", "{}", "\"x\""},
  };
  for (const MemberCase& row : cases) {
    std::string json = row.json;
    const auto member = find_member(json, "b");
    ASSERT_TRUE(member) << row.json;
    EXPECT_EQ(member->value, row.value);
    EXPECT_EQ(json.erase(member->begin, member->end - member->begin), row.rest);
  }
  EXPECT_FALSE(find_member(R"({"aps":{"b":1}})", "b"));
  EXPECT_FALSE(find_member(R"(["b",1])", "b"));
}

struct Found {
  const char* json;
  const char* pointer;
  const char* at;  // what stands at the place of the only finding
};

TEST(PayloadExamination, SaysWhereEachFindingIs) {
  const Found cases[] = {
      {R"({"aps":{"alert":"a","badge":"5"}})", "/aps/badge", R"("5"}})"},
      {R"({"aps":{"alert":"a","badge":-1}})", "/aps/badge", "-1}}"},
      {R"({"aps":{"alert":"a","order":7}})", "/aps/order", R"("order":7}})"},
      {R"({"aps":{"alert":"a","category":7}})", "/aps/category", "7}}"},
      {R"({"aps":{"alert":{"body":"b","image":1}}})", "/aps/alert/image", R"("image":1}}})"},
      {R"({"aps":{"alert":{"title":"t","body":7}}})", "/aps/alert/body", "7}}}"},
      {R"({"aps":{"alert":{"body":"b","title":{}}}})", "/aps/alert/title", "{}}}}"},
      {R"({"aps":{"badge":1,"alert":{}}})", "/aps/alert", "{}}}"},
      {R"({"aps":{"badge":1,"alert":["a"]}})", "/aps/alert", R"(["a"]}})"},
      {R"({"aps":{"badge":1,"badge":2}})", "/aps/badge", R"("badge":2}})"},
      {R"({"a":1,"aps":{"badge":1},"a":2})", "/a", R"("a":2})"},
      {R"({"aps":{"alert":"a","sound":true}})", "/aps/sound", "true}}"},
      {R"({"aps":{"alert":"a","sound":{"name":"n","volume":2}}})", "/aps/sound/volume", "2}}}"},
      {R"({"aps":{"alert":"a","mutable-content":true}})", "/aps/mutable-content", "true}}"},
      {R"({"aps":{"badge":1,"mutable-content":1}})", "/aps/mutable-content", "1}}"},
      {R"({"aps":{"alert":"a","interruption-level":"loud"}})", "/aps/interruption-level",
       R"("loud"}})"},
      {R"({"aps":{"alert":"a","relevance-score":75}})", "/aps/relevance-score", "75}}"},
      {R"({"aps":{"alert":{"title":"t","body":"\\ud83d"}}})", "/aps/alert/body", R"("\\ud83d"}}})"},
      {R"({"aps":{"alert":"\\ud83d"}})", "/aps/alert", R"("\\ud83d"}})"},
      {R"({"x":{"aps":{"alert":"a"}}})", "/x/aps", R"("aps":{"alert":"a"}}})"},
      {R"({"aps":"Hello"})", "/aps", R"("Hello"})"},
      {R"({"alert":"Hello"})", "", R"({"alert":"Hello"})"},
      {R"({"aps":{"alert":"a \ud83d"}})", "", R"(\ud83d"}})"},
      {R"({"aps":{"alert":"a"},"n":1e400})", "", "1e400}"},
      {R"({"aps":{"alert":"a"},})", "", "}"},
      {"\xEF\xBB\xBF{\"aps\":{\"alert\":\"a\"}}", "", "\xEF\xBB\xBF{\"aps\":{\"alert\":\"a\"}}"},
  };
  PayloadReader reader;
  for (const Found& row : cases) {
    const std::string json = row.json;
    const auto findings = reader.examine(json, PayloadRequest{.payload_limit = 4096});
    ASSERT_EQ(findings.size(), 1U) << row.json;
    EXPECT_EQ(findings[0].pointer, row.pointer) << row.json;
    EXPECT_EQ(json.substr(findings[0].offset), row.at) << row.json;
  }
}

TEST(PayloadExamination, FindsWhatLintFinds) {
  PayloadReader reader;
  const std::string json = R"({"aps":{"x":1,"alert":{},"badge":"5"}})";
  const PayloadRequest request{
      .push_type = PushType::Background, .priority = 10, .payload_limit = 4096};
  const auto wrongs = reader.lint(json, request);
  const auto findings = reader.examine(json, request);
  EXPECT_EQ(wrongs.size(), 5U);
  ASSERT_EQ(findings.size(), wrongs.size());
  for (std::size_t i = 0; i < wrongs.size(); ++i) {
    EXPECT_EQ(findings[i].why, wrongs[i].why);
    EXPECT_EQ(findings[i].is_must, wrongs[i].is_must);
  }
}

TEST(PayloadExamination, SaysWhatWouldBeRightInsteadOfNoJson) {
  PayloadReader reader;
  const auto found = [&reader](std::string_view json) {
    return reader.examine(json, PayloadRequest{.payload_limit = 4096}).at(0).why.found;
  };
  EXPECT_EQ(found(R"({"aps":{},})"),
            "not JSON: \"}\" stands where a key in double quotes must stand");
  EXPECT_EQ(found("\xEF\xBB\xBF{}"), "not JSON: a byte order mark stands before it");
  EXPECT_EQ(found(std::string_view("{}\0", 3)), "not JSON: a NUL byte stands in it");
}

}  // namespace
}  // namespace apns::mock
