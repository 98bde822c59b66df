// Cuts between characters: field reports M169, immobiliare/ApnsPHP#82; M170.
#include "provider/text_cut.h"

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace apns::provider {
namespace {

/// A text whose characters are marked: "a|b" can be cut before b only.
struct Case {
  const char* name;
  std::string marked;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

const Case kCases[] = {
    {"Ascii", "a|b|c"},
    {"Utf8", "\u00e9|\u20ac|\U0001F600|a"},
    {"CombiningMark", "e\u0301|o\u0308\u0301|x"},
    {"KeycapM169", "1\uFE0F\u20E3|2\uFE0F\u20E3|a"},
    {"SkinTone", "\U0001F44D\U0001F3FD|\U0001F44D|a"},
    {"Family", "\U0001F468\u200D\U0001F469\u200D\U0001F467|a"},
    {"Flags", "\U0001F1E9\U0001F1EA|\U0001F1EB\U0001F1F7|a"},
    {"FlagOfTags", "\U0001F3F4\U000E0067\U000E0062\U000E007F|a"},
    {"Hangul", "\u1100\u1161\u11A8|\u1112\u1161|a"},
    {"Devanagari", "\u0928\u093F|\u092E|a"},
    {"Thai", "\u0E01\u0E33|\u0E19\u0E49|a"},
    {"Escapes", R"(a|\"|\\|b|\/|c)"},
    {"EscapedLetters", R"(\u00e9|\u20AC|a)"},
    {"SurrogatePair", R"(\ud83d\ude00|\uD83D\uDE01|a)"},
    {"EscapedFamily", R"(\ud83d\udc68\u200d\ud83d\udc69|a)"},
    {"EscapedCombiningMark", R"(e\u0301|a)"},
    {"EscapedFlag", R"(\ud83c\udde9\ud83c\uddea|\ud83c\uddeb\ud83c\uddf7|a)"},
};

class CutTexts : public testing::TestWithParam<Case> {};

TEST_P(CutTexts, EndBetweenCharacters) {
  std::string text;
  std::vector<std::size_t> cuts{0};
  for (const char c : GetParam().marked) {
    if (c == '|') {
      cuts.push_back(text.size());
    } else {
      text += c;
    }
  }
  cuts.push_back(text.size());
  for (std::size_t max = 0; max <= text.size() + 1; ++max) {
    std::size_t wanted = 0;
    for (const std::size_t cut : cuts) {
      wanted = cut <= max ? cut : wanted;
    }
    EXPECT_EQ(cut_text(text, max), wanted) << max;
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, CutTexts, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(CutText, DropsBlanksAtTheCut) {
  EXPECT_EQ(cut_text("ab cd", 4), 4U);
  EXPECT_EQ(cut_text("ab cd", 3), 2U);
  EXPECT_EQ(cut_text("ab  cd", 4), 2U);
  EXPECT_EQ(cut_text(R"(ab\n\tcd)", 6), 2U);
  EXPECT_EQ(cut_text("   a", 3), 0U);
  EXPECT_EQ(cut_text("a ", 5), 1U);
}

TEST(CutText, EndsWithinAnyBytes) {
  for (const std::string text : {"\xF0\x9F", "\xFF\xFE", "\\", "\\u", "\\u12", R"(\ud83d\u)"}) {
    for (std::size_t max = 0; max <= text.size(); ++max) {
      EXPECT_LE(cut_text(text, max), max);
    }
  }
}

}  // namespace
}  // namespace apns::provider
