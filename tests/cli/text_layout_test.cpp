#include "cli/text_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TextLayout, CountsColumnsNotBytes) {
  EXPECT_EQ(width_of(""), 0U);
  EXPECT_EQ(width_of("Hello"), 5U);
  EXPECT_EQ(width_of("Grüße…"), 6U);
  EXPECT_EQ(width_of("世界"), 4U);
  EXPECT_EQ(width_of("😀!"), 3U);
  EXPECT_EQ(width_of("e\u0301"), 1U);   // a combining accent
  EXPECT_EQ(width_of("\xff\xfe"), 2U);  // no UTF-8 at all
}

TEST(TextLayout, FitsATextIntoColumns) {
  EXPECT_EQ(fitted("Hello", 7), "Hello  ");
  EXPECT_EQ(fitted("Hello", 5), "Hello");
  EXPECT_EQ(fitted("Hello", 4), "Hel…");
  // A wide character is not cut in two.
  EXPECT_EQ(fitted("世界中", 4), "世… ");
  EXPECT_EQ(fitted("", 2), "  ");
}

TEST(TextLayout, BreaksAtBlanksAndLineEnds) {
  EXPECT_THAT(wrapped("one two three", 7, 9), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("one\n\ntwo\n", 7, 9), ElementsAre("one", "", "two"));
  EXPECT_THAT(wrapped("", 7, 9), IsEmpty());
}

TEST(TextLayout, BreaksWordsThatAreTooLong) {
  EXPECT_THAT(wrapped("a abcdefgh b", 3, 9), ElementsAre("a", "abc", "def", "gh", "b"));
  EXPECT_THAT(wrapped("世界中", 5, 9), ElementsAre("世界", "中"));
  EXPECT_THAT(wrapped("abcdef", 3, 9), ElementsAre("abc", "def"));
}

TEST(TextLayout, SaysThatThereIsMore) {
  EXPECT_THAT(wrapped("one two three", 5, 2), ElementsAre("one", "two…"));
  EXPECT_THAT(wrapped("abcdefghi", 3, 2), ElementsAre("abc", "de…"));
  EXPECT_THAT(wrapped("a\nb\nc", 3, 3), ElementsAre("a", "b", "c"));
  EXPECT_THAT(wrapped("a\nb\nc\nd", 3, 3), ElementsAre("a", "b", "c…"));
}

TEST(TextLayout, PutsCellsBelowEachOther) {
  EXPECT_EQ(table({{"a", "世", "x"}, {"bcd", "e"}, {}, {"", "fgh", "y"}}),
            "a    世   x\n"
            "bcd  e\n"
            "\n"
            "     fgh  y\n");
}

}  // namespace
}  // namespace apns::cli
