#include "apns/json/document.h"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/base/random.h"

namespace apns::json {
namespace {

// Runs `f` and returns the text of the Error that it throws.
template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string parse_error_of(std::string_view text) {
  return error_of([text] { (void)parse(text, "f.json"); });
}

const Value& member(const Value& object, std::string_view key) {
  for (const Value::Member& m : object.object("it")) {
    if (m.key == key) {
      return m.value;
    }
  }
  ADD_FAILURE() << "no member " << key;
  return object;
}

TEST(Document, KeepsKindsValuesAndOrder) {
  const Value value = parse(
      R"({"z":null,"a":true,"i":-9223372036854775808,"u":9223372036854775807,"r":0.5,"t":"x\u00e9\n","l":[1,[]],"o":{}})",
      "f.json");
  EXPECT_EQ(value.kind(), Value::Kind::Object);
  EXPECT_EQ(value.object("it").front().key, "z");
  EXPECT_EQ(member(value, "z").kind(), Value::Kind::Null);
  EXPECT_TRUE(member(value, "a").boolean("a"));
  EXPECT_EQ(member(value, "i").integer("i", INT64_MIN, 0), INT64_MIN);
  EXPECT_EQ(member(value, "u").integer("u", 0, INT64_MAX), INT64_MAX);
  EXPECT_EQ(member(value, "r").number("r", 0, 1), 0.5);
  EXPECT_EQ(member(value, "u").number("u", 0, 1e19), 9223372036854775807.0);
  EXPECT_EQ(member(value, "t").text("t"), "xé\n");
  EXPECT_EQ(member(value, "l").array("l").size(), 2U);
  EXPECT_TRUE(member(value, "o").object("o").empty());
  EXPECT_EQ(member(value, "o").file(), "f.json");
}

TEST(Document, DumpsWhatItParsed) {
  const std::array texts{
      R"({"b":[1,2.50,1e3,{"c":null}],"a":"q\"\\\n"})",
      R"([])",
      R"({})",
      R"([[],[[]],{"a":{}}])",
      R"([true,false,null,-1,123456789012345678901234567890])",
      R"([-0.0,18446744073709551615])",
  };
  for (const std::string_view text : texts) {
    EXPECT_EQ(parse(text, "").dump(), text);
  }
  EXPECT_EQ(parse(" [ 1 ,\n\t2 ] ", "").dump(), "[1,2]");
}

TEST(Document, KnowsWhereValuesAndKeysStand) {
  const Value value = parse(
      "{\n"
      "  \"when\": {\"nth\": 4},\r\n"
      "\t\"then\" : [ \"a:,b\\\"c\" , -1.5e3 ,true]\n"
      "}\n",
      "f.json");
  EXPECT_EQ(value.position(), (Position{1, 1}));
  EXPECT_EQ(value.object("it")[0].position, (Position{2, 3}));
  EXPECT_EQ(value.object("it")[1].position, (Position{3, 2}));
  const Value& when = member(value, "when");
  EXPECT_EQ(when.position(), (Position{2, 11}));
  EXPECT_EQ(when.object("it")[0].position, (Position{2, 12}));
  EXPECT_EQ(member(when, "nth").position(), (Position{2, 19}));
  const auto then = member(value, "then").array("then");
  EXPECT_EQ(then[0].position(), (Position{3, 13}));
  EXPECT_EQ(then[1].position(), (Position{3, 25}));
  EXPECT_EQ(then[2].position(), (Position{3, 33}));
}

TEST(Document, SkipsAByteOrderMark) {
  EXPECT_EQ(parse("\xEF\xBB\xBF[1]", "").dump(), "[1]");
}

TEST(Document, SaysWhatIsNotJsonAndWhere) {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };

  const Case cases[] = {
      {"", "f.json:1:1: this is not JSON: the end of the text stands where a value must stand."},
      {"\n  ",
       "f.json:2:3: this is not JSON: the end of the text stands where a value must stand."},
      {"{\"a\" 1}", "f.json:1:6: this is not JSON: a number stands where \":\" must stand."},
      {"{\"a\":}", "f.json:1:6: this is not JSON: \"}\" stands where a value must stand."},
      {"{1:2}",
       "f.json:1:2: this is not JSON: a number stands where a key in double quotes must "
       "stand."},
      {"{\"a\":1,}",
       "f.json:1:8: this is not JSON: \"}\" stands where a key in double quotes must "
       "stand."},
      {"{\"a\":1\n\"b\":2}",
       "f.json:2:1: this is not JSON: a text stands where \",\" or \"}\" must "
       "stand."},
      {"[1 true]", "f.json:1:4: this is not JSON: true stands where \",\" or \"]\" must stand."},
      {"[1,,2]", "f.json:1:4: this is not JSON: \",\" stands where a value must stand."},
      {"[1",
       "f.json:1:3: this is not JSON: the end of the text stands where \",\" or \"]\" must "
       "stand."},
      {"[1] 2", "f.json:1:5: this is not JSON: a number stands where nothing more must stand."},
      {"{'a':1}",
       "f.json:1:2: this is not JSON: a value is a text in double quotes, a number, true, "
       "false, null, an array or an object."},
      {"[tru]",
       "f.json:1:5: this is not JSON: a value is a text in double quotes, a number, true, "
       "false, null, an array or an object."},
      {"[\n \"abc]\n",
       "f.json:2:7: this is not JSON: invalid string: control character U+000A (LF) "
       "must be escaped to \\u000A or \\n."},
      {"[\n \"abc]",
       "f.json:2:2: this is not JSON: the text that begins here has no closing quote."},
      {"[\"\\x\"]",
       "f.json:1:4: this is not JSON: invalid string: forbidden character after "
       "backslash."},
      {"[\"\xFF\"]", "f.json:1:3: this is not JSON: invalid string: ill-formed UTF-8 byte."},
      {"[-]", "f.json:1:3: this is not JSON: invalid number; expected digit after '-'."},
      {"[1, 1e400]", "f.json:1:5: the number 1e400 is too large. The largest is 1.8e308."},
      {"{\"a\":1,\n\"b\":{\"a\":1},\"a\":2}",
       "f.json:2:13: \"a\" stands twice in this object, first at 1:2. Keep one of them."},
      {std::string_view("1\0 2", 4),
       "f.json:1:2: text stands behind the value. Nothing may follow it."},
      {"// no\n1",
       "f.json:1:1: this is not JSON: a value is a text in double quotes, a number, true, "
       "false, null, an array or an object."},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(parse_error_of(c.text), c.expected) << c.text;
  }
}

TEST(Document, RefusesTooManyLevelsAndTooMuchText) {
  const std::string deepest = std::string(kMaxLevels, '[') + std::string(kMaxLevels, ']');
  EXPECT_EQ(parse(deepest, "").dump(), deepest);
  EXPECT_EQ(
      parse_error_of('[' + deepest + ']'),
      "f.json:1:65: more than 64 arrays and objects stand inside each other. Make it flatter.");
  EXPECT_EQ(parse_error_of(std::string(kMaxTextBytes + 1, ' ')),
            "f.json:1:1: the text has 16777217 bytes. The limit is 16777216.");
}

TEST(Document, ReasonIsTheErrorWithoutItsPlace) {
  try {
    (void)parse("[", "a:b.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a:b.json:1:2: this is not JSON: the end of the text stands where a value must "
                 "stand.");
    EXPECT_EQ(error.reason(),
              "this is not JSON: the end of the text stands where a value must stand.");
    EXPECT_EQ(error.position(), (Position{1, 2}));
  }
  EXPECT_EQ(error_of([] { (void)parse("[", ""); }),
            "1:2: this is not JSON: the end of the text stands where a value must stand.");
}

TEST(Document, SaysWhatAValueMustBe) {
  const Value value = parse(R"([null, true, 7, 0.5, "x", [], {}])", "f.json");
  const auto at = [&value](std::size_t i) -> const Value& { return value.array("it")[i]; };
  EXPECT_EQ(error_of([&at] { (void)at(0).boolean("flag"); }),
            "f.json:1:2: flag must be true or false, not null.");
  EXPECT_EQ(error_of([&at] { (void)at(4).integer("times", 0, 4294967295); }),
            "f.json:1:22: times must be a whole number from 0 to 4294967295, not a text.");
  EXPECT_EQ(error_of([&at] { (void)at(2).integer("times", 8, 9); }),
            "f.json:1:14: times must be a whole number from 8 to 9, not 7.");
  EXPECT_EQ(error_of([&at] { (void)at(3).integer("times", 0, 9); }),
            "f.json:1:17: times must be a whole number from 0 to 9, not 0.5.");
  EXPECT_EQ(error_of([&at] { (void)at(2).number("probability", 0, 1); }),
            "f.json:1:14: probability must be a number from 0 to 1, not 7.");
  EXPECT_EQ(error_of([&at] { (void)at(1).number("probability", 0, 1); }),
            "f.json:1:8: probability must be a number from 0 to 1, not true.");
  EXPECT_EQ(error_of([&at] { (void)at(5).text("title"); }),
            "f.json:1:27: title must be a text, not an array.");
  EXPECT_EQ(error_of([&at] { (void)at(6).array("rules"); }),
            "f.json:1:31: rules must be an array, not an object.");
  EXPECT_EQ(error_of([&at] { (void)at(5).object("when"); }),
            "f.json:1:27: when must be an object, not an array.");
}

TEST(ObjectReader, ReadsByNameAndComplainsAboutTheRest) {
  const Value value = parse("{\"status\": 8,\n \"idenitfier\": 1}", "scenarios/binary/mine.json");
  ObjectReader in(value, "error_packet");
  EXPECT_EQ(in.require("status").integer("status", 0, 255), 8);
  EXPECT_EQ(in.find("identifier"), nullptr);
  EXPECT_EQ(in.find("split"), nullptr);
  EXPECT_EQ(in.find("split"), nullptr);
  EXPECT_EQ(in.find("count"), nullptr);
  EXPECT_EQ(error_of([&in] { in.finish(); }),
            "scenarios/binary/mine.json:2:2: \"idenitfier\" is not a key of error_packet; did you "
            "mean \"identifier\"? Keys: status, identifier, split, count.");
  EXPECT_EQ(error_of([&in] { (void)in.require("count"); }),
            "scenarios/binary/mine.json:1:1: error_packet has no \"count\". It needs one.");
  EXPECT_NE(in.find("idenitfier"), nullptr);
  EXPECT_EQ(error_of([&in] { in.finish(); }), "no error");
}

TEST(ObjectReader, WantsAnObject) {
  const Value value = parse("[]", "f.json");
  EXPECT_EQ(error_of([&value] { const ObjectReader in(value, "when"); }),
            "f.json:1:1: when must be an object, not an array.");
}

TEST(UnknownKey, LeavesOutWhatItDoesNotHave) {
  EXPECT_EQ(unknown_key("x", "then", {}), "\"x\" is not a key of then.");
  const std::vector<std::string> keys{"reject"};
  EXPECT_EQ(unknown_key("a\"b", "then", keys), "\"a\\\"b\" is not a key of then. Keys: reject.");
}

// Any text is parsed, or refused at a place inside it.
TEST(Document, SurvivesMutations) {
  const std::string seed_text =
      "{\"when\": {\"nth\": \"2-5\"},\n \"then\": {\"reject\": 8, \"x\": [1.5e3, true, null]}}\n";
  const std::string_view alphabet("{}[],:\"\\0129.eE-+ntrufals\n \xFF\x00", 29);
  std::size_t num_parsed = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    RandomStream random(4711, round);
    std::string text = seed_text;
    for (std::uint64_t edits = random_between(random.next(), 1, 4); edits > 0; --edits) {
      const std::size_t at = random.next() % (text.size() + 1);
      const char c = alphabet[random.next() % alphabet.size()];
      switch (random.next() % 3) {
        case 0:
          text.insert(at, 1, c);
          break;
        case 1:
          text.erase(at, random.next() % 8);
          break;
        default:
          text.replace(at, 1, 1, c);
          break;
      }
    }
    try {
      const Value value = parse(text, "");
      EXPECT_EQ(parse(value.dump(), "").dump(), value.dump());
      ++num_parsed;
    } catch (const Error& error) {
      std::size_t line_start = 0;
      for (std::size_t line = 1; line < error.position().line; ++line) {
        line_start = text.find('\n', line_start) + 1;
        ASSERT_NE(line_start, 0U) << error.what() << " in " << text;
      }
      const std::size_t line_end = std::min(text.find('\n', line_start), text.size());
      ASSERT_LE(error.position().column, line_end - line_start + 1) << error.what() << "\n" << text;
    }
  }
  EXPECT_GT(num_parsed, 100U);
  EXPECT_LT(num_parsed, 19'900U);
}

}  // namespace
}  // namespace apns::json
