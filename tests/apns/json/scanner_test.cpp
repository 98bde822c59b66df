#include "apns/json/scanner.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::json {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Members = std::vector<std::pair<std::string, std::string>>;

/// The members as they are written; empty: the text is no object.
Members members_of(std::string_view text) {
  Members members;
  Scanner in(text);
  const bool is_whole = scan_object(in, [&members](std::string_view key, Scanner& at) {
    std::string_view value;
    if (!at.read_value(value)) {
      return false;
    }
    members.emplace_back(key, value);
    return true;
  });
  return is_whole ? members : Members();
}

TEST(Scanner, GivesMembersAsTheyAreWritten) {
  EXPECT_THAT(members_of(R"( { "a" : 1 , "b":"x\"},{\\" ,"c": [ {"d":2} ,3 ],"e":-0.5e3} )"),
              ElementsAre(Pair("a", "1"), Pair("b", R"("x\"},{\\")"),
                          Pair("c", R"([ {"d":2} ,3 ])"), Pair("e", "-0.5e3")));
  EXPECT_THAT(members_of("{}"), IsEmpty());
}

TEST(Scanner, StopsWhereAnObjectStopsBeingOne) {
  for (const char* text : {"", "[1]", "{", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,}",
                           "{\"a\":\"x}", "{\"a\":[1}", "{a:1}", "{\"a\n\":1}", "{\"a\":\"\\"}) {
    EXPECT_THAT(members_of(text), IsEmpty()) << text;
  }
}

TEST(Scanner, KeysMayHaveEscapes) {
  EXPECT_TRUE(is_key("alert", "alert"));
  EXPECT_TRUE(is_key(R"(al\u0065rt)", "alert"));
  EXPECT_TRUE(is_key(R"(\u0061\u006C\u0065\u0072\u0074)", "alert"));
  for (const char* other : {"", "aler", "alerts", "Alert", R"(al\u0065)", R"(al\u0066rt)",
                            R"(al\u65rt)", R"(al\nrt)", R"(alert\)", R"(alert\u0065)"}) {
    EXPECT_FALSE(is_key(other, "alert")) << other;
  }
}

}  // namespace
}  // namespace apns::json
