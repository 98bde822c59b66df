#include "apns/json/pointer.h"

#include <gtest/gtest.h>

namespace apns::json {
namespace {

// Columns are those of the text.
TEST(PointerAt, NamesTheKeyOrValueThatStandsThere) {
  const std::string_view text = R"({"when":{"nth":2},"then":{"a/b~c":[1,{"x":2}]}})";
  const Value root = parse(text, "");
  const auto pointer_of = [&](std::string_view part) {
    return pointer_at(root, Position{.line = 1, .column = text.find(part) + 1});
  };
  EXPECT_EQ(pointer_of(R"("nth")"), "/when/nth");
  EXPECT_EQ(pointer_of("2}"), "/when/nth");
  EXPECT_EQ(pointer_of(R"({"nth")"), "/when");
  EXPECT_EQ(pointer_of(R"("a/b~c")"), "/then/a~1b~0c");
  EXPECT_EQ(pointer_of("1,"), "/then/a~1b~0c/0");
  EXPECT_EQ(pointer_of(R"("x")"), "/then/a~1b~0c/1/x");
}

TEST(PointerAt, IsThatOfTheWholeWhereNothingStands) {
  const Value root = parse(R"({"a":1})", "");
  EXPECT_EQ(pointer_at(root, Position{.line = 1, .column = 1}), "");
  EXPECT_EQ(pointer_at(root, Position{.line = 9, .column = 9}), "");
}

}  // namespace
}  // namespace apns::json
