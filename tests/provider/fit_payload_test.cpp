// Payloads made to fit: field reports M169, immobiliare/ApnsPHP#82; M170, djacobs/PyAPNs#167.
#include "provider/fit_payload.h"

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "apns/base/random.h"

namespace apns::provider {
namespace {

using Kind = FittedPayload::Kind;
using Json = nlohmann::ordered_json;

struct Case {
  const char* name;
  std::string payload;
  std::size_t limit;
  Kind kind;
  std::string fitted;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

const Case kCases[] = {
    {"Fits", R"({"aps":{"alert":"Hello"}})", 25, Kind::AsItWas, R"({"aps":{"alert":"Hello"}})"},
    {"OneTooLong", R"({"aps":{"alert":"Hello"}})", 24, Kind::Shortened,
     R"({"aps":{"alert":"H…"}})"},
    {"OnlyTheEllipsis", R"({"aps":{"alert":"Hello"}})", 23, Kind::Shortened,
     R"({"aps":{"alert":"…"}})"},
    {"NotEvenThat", R"({"aps":{"alert":"Hello"}})", 22, Kind::TooLarge,
     R"({"aps":{"alert":"Hello"}})"},
    {"TextAsShortAsAnEllipsis", R"({"aps":{"alert":"abc"}})", 22, Kind::TooLarge,
     R"({"aps":{"alert":"abc"}})"},
    {"Body", R"({"aps":{"alert":{"title":"News","body":"Hello there"}},"k":1})", 59,
     Kind::Shortened, R"({"aps":{"alert":{"title":"News","body":"Hello…"}},"k":1})"},
    {"BodyThenSubtitle",
     R"({"aps":{"alert":{"title":"News","subtitle":"of today","body":"Hello"}}})", 65,
     Kind::Shortened, R"({"aps":{"alert":{"title":"News","subtitle":"o…","body":"…"}}})"},
    {"AllOfThem", R"({"aps":{"alert":{"title":"News","subtitle":"of today","body":"Hello"}}})", 63,
     Kind::Shortened, R"({"aps":{"alert":{"title":"…","subtitle":"…","body":"…"}}})"},
    {"BlanksAndOrderStay", "{ \"k\" : 1.0,\n\"aps\":{\"alert\" :\"Hello there\" } }", 41,
     Kind::Shortened, "{ \"k\" : 1.0,\n\"aps\":{\"alert\" :\"Hel…\" } }"},
    {"KeyInEscapes", R"({"aps":{"\u0061lert":"Hello"}})", 29, Kind::Shortened,
     R"({"aps":{"\u0061lert":"H…"}})"},
    {"FirstOfTwoCounts", R"({"aps":{"alert":"Hello"},"aps":{"alert":"Hello"}})", 47,
     Kind::Shortened, R"({"aps":{"alert":"…"},"aps":{"alert":"Hello"}})"},
    {"SecondIsNotTouched", R"({"aps":{"alert":"Hello"},"aps":{"alert":"Hello"}})", 46,
     Kind::TooLarge, R"({"aps":{"alert":"Hello"},"aps":{"alert":"Hello"}})"},
    {"AlertOfTheAppsOwn", R"({"alert":"Hello","aps":{}})", 25, Kind::TooLarge,
     R"({"alert":"Hello","aps":{}})"},
    {"TextsOfTheApp", R"({"aps":{"alert":{"loc-key":"GREETING","loc-args":["Hello"]}}})", 50,
     Kind::TooLarge, R"({"aps":{"alert":{"loc-key":"GREETING","loc-args":["Hello"]}}})"},
    {"NoJson", "Hello there", 5, Kind::NotJson, "Hello there"},
    {"LoneSurrogateM170", R"({"aps":{"alert":"Hello \ud83d there"}})", 30, Kind::NotJson,
     R"({"aps":{"alert":"Hello \ud83d there"}})"},
    {"EscapesCountM169", R"({"aps":{"alert":"\u00e9\u00e9\u00e9"}})", 36, Kind::Shortened,
     R"({"aps":{"alert":"\u00e9\u00e9…"}})"},
};

class FittedPayloads : public testing::TestWithParam<Case> {};

TEST_P(FittedPayloads, AreShortenedByTheirTexts) {
  const FittedPayload fitted = fit_payload(GetParam().payload, GetParam().limit);
  EXPECT_EQ(fitted.kind, GetParam().kind);
  EXPECT_EQ(fitted.payload, GetParam().fitted);
}

INSTANTIATE_TEST_SUITE_P(Rows, FittedPayloads, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(FitPayload, SaysWhatItTook) {
  const FittedPayload fitted =
      fit_payload(R"({"aps":{"alert":{"title":"News","body":"Hello there"}}})", 52);
  EXPECT_EQ(fitted.body.bytes_before, 11U);
  EXPECT_EQ(fitted.body.bytes, 8U);
  EXPECT_EQ(fitted.title.bytes, 4U);
  EXPECT_EQ(fitted.subtitle.bytes_before, 0U);
}

/// A text of random characters, as JSON has it.
std::string random_text(RandomStream& random) {
  static const std::vector<std::string> kPieces{"a",
                                                "bc",
                                                " ",
                                                "\u00e9",
                                                "\u20ac",
                                                "\U0001F600",
                                                "e\u0301",
                                                "\U0001F468\u200D\U0001F469",
                                                "\U0001F1E9\U0001F1EA",
                                                R"(\n)",
                                                R"(\")",
                                                R"(\\)",
                                                R"(\u00e9)",
                                                R"(\ud83d\ude00)",
                                                "}",
                                                "]"};
  std::string text;
  for (std::uint64_t i = random_between(random.next(), 0, 30); i > 0; --i) {
    text += kPieces[random.next() % kPieces.size()];
  }
  return '"' + text + '"';
}

std::string random_payload(RandomStream& random) {
  std::string alert = random_text(random);
  if (random.next() % 2 == 0) {
    alert = "{\"title\": " + random_text(random) + ",\"body\":" + alert +
            ",\"subtitle\":" + random_text(random) + ",\"loc-args\":[" + random_text(random) + "]}";
  }
  return "{\"aps\":{\"badge\":1,\"alert\":" + alert + "},\"k\": " + random_text(random) + " }";
}

/// Is a text the other one, or a beginning of it with an ellipsis?
void expect_beginning(const Json& fitted, const Json& whole) {
  const auto text = fitted.get<std::string>();
  const auto from = whole.get<std::string>();
  if (text == from) {
    return;
  }
  ASSERT_TRUE(text.ends_with("…")) << text;
  EXPECT_TRUE(from.starts_with(text.substr(0, text.size() - 3))) << text << " of " << from;
}

// Any payload, any limit: it is JSON, fits, and all that is not a text of the alert is as it was.
TEST(FitPayload, AnyFitsOrIsUnchanged) {
  std::uint64_t num_shortened = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random(seed, 1);
    const std::string payload = random_payload(random);
    const Json whole = Json::parse(payload);
    for (std::size_t limit = 0; limit <= payload.size(); ++limit) {
      const FittedPayload fitted = fit_payload(payload, limit);
      if (fitted.kind != Kind::Shortened) {
        ASSERT_EQ(fitted.payload, payload);
        ASSERT_EQ(fitted.kind, limit < payload.size() ? Kind::TooLarge : Kind::AsItWas);
        continue;
      }
      ++num_shortened;
      ASSERT_LE(fitted.payload.size(), limit);
      const Json json = Json::parse(fitted.payload, nullptr, false);
      ASSERT_FALSE(json.is_discarded()) << fitted.payload;
      ASSERT_EQ(json["k"], whole["k"]);
      const Json& alert = json["aps"]["alert"];
      const Json& from = whole["aps"]["alert"];
      if (alert.is_string()) {
        expect_beginning(alert, from);
        continue;
      }
      ASSERT_EQ(alert["loc-args"], from["loc-args"]);
      for (const char* key : {"body", "subtitle", "title"}) {
        expect_beginning(alert[key], from[key]);
      }
    }
  }
  EXPECT_GT(num_shortened, 10'000U);
}

}  // namespace
}  // namespace apns::provider
