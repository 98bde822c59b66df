#include "mock_apns/world/payload.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/random.h"
#include "mock_apns/world/payload_lint.h"

namespace apns::mock {
namespace {

using Form = Payload::Form;

Payload read(std::string_view json) {
  PayloadReader reader;
  return reader.read(json);
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

// ---- What it is ----

struct FormCase {
  const char* name;
  std::string json;
  Form form;
  const char* flaw = "";
};

const FormCase kForms[] = {
    {"Alert", R"({"aps":{"alert":"Hello"}})", Form::Dictionary},
    {"EmptyAps", R"({"aps":{}})", Form::Dictionary},
    {"Nothing", "", Form::NotJson},
    {"Words", "Hello", Form::NotJson},
    {"Unfinished", R"({"aps":{"alert":"Hello")", Form::NotJson},
    {"NotUtf8", "{\"aps\":{\"alert\":\"\xff\"}}", Form::NotJson},
    {"NotUtf8BesideAHugeNumber", "{\"aps\":{\"alert\":\"\xff\"},\"a\":1e400}", Form::NotJson},
    {"ABigIntegerAndAMissingBrace", R"({"aps":{},"a":123456789012345678901234567890)",
     Form::NotJson},
    {"ANumber", "1", Form::NotAnObject},
    {"AText", R"("aps")", Form::NotAnObject},
    {"AnArray", R"([{"aps":{}}])", Form::NotAnObject},
    {"NoAps", R"({"alert":"Hello"})", Form::NoAps},
    {"ApsIsAText", R"({"aps":"Hello"})", Form::NoAps},
    {"ApsIsNull", R"({"aps":null})", Form::NoAps},
    {"ApsTooDeep", R"({"payload":{"aps":{"alert":"Hello"}}})", Form::NoAps},
    {"Pass", "{}", Form::WalletPass},
    {"Management", R"({"mdm":"PUSH-MAGIC"})", Form::Management},
    {"ManagementOfANumber", R"({"mdm":1})", Form::NoAps},
    {"LoneHighSurrogate", R"({"aps":{"alert":"\ud83d"}})", Form::Unreadable, "a lone surrogate"},
    {"LoneLowSurrogate", R"({"aps":{"alert":"\ude09"}})", Form::Unreadable, "a lone surrogate"},
    {"SurrogatesInTheWrongOrder", R"({"aps":{"alert":"\ude09\ud83d"}})", Form::Unreadable,
     "a lone surrogate"},
    {"ASurrogateCutByText", R"({"aps":{"alert":"\ud83dx\ude09"}})", Form::Unreadable,
     "a lone surrogate"},
    {"ALoneSurrogateInAKey", R"({"aps":{},"\uDEAD":1})", Form::Unreadable, "a lone surrogate"},
    {"SurrogatePair", R"({"aps":{"alert":"\ud83d\ude09"}})", Form::Dictionary},
    {"EscapedBackslashBeforeAU", R"({"aps":{"alert":"\\ud83d"}})", Form::Dictionary},
    {"BigInteger", R"({"aps":{},"a":123456789012345678901234567890})", Form::Dictionary},
    {"NegativeBigInteger", R"({"aps":{},"a":[-123456789012345678901234567890]})", Form::Dictionary},
    {"BigIntegerInAText",
     R"({"aps":{"alert":"\"12345678901234567890123"},"a":18446744073709551616})", Form::Dictionary},
    {"HugeNumber", R"({"aps":{},"a":1e400})", Form::Unreadable,
     "a number beyond the range of a double"},
    {"HugeInteger", R"({"aps":{},"a":)" + std::string(400, '9') + "}", Form::Unreadable,
     "a number beyond the range of a double"},
    {"Deep", R"({"aps":{},"a":)" + nested(1000) + "}", Form::Dictionary},
    {"TooDeep", R"({"aps":{},"a":)" + nested(1100) + "}", Form::Unreadable,
     "more than 1,024 levels"},
    {"FarTooDeep", nested(32'000), Form::Unreadable, "more than 1,024 levels"},
};

class PayloadForm : public testing::TestWithParam<FormCase> {};

TEST_P(PayloadForm, IsRecognised) {
  const FormCase& row = GetParam();
  const Payload payload = read(row.json);
  EXPECT_EQ(payload.form, row.form);
  EXPECT_EQ(payload.flaw, row.flaw);
}

INSTANTIATE_TEST_SUITE_P(Payload, PayloadForm, testing::ValuesIn(kForms),
                         [](const auto& row) { return row.param.name; });

// ---- What it says ----

TEST(Payload, AnAlertThatIsATextIsItsBody) {
  const Payload payload = read(R"({"aps":{"alert":"Hello","badge":0,"sound":"default"}})");
  ASSERT_TRUE(payload.alert);
  EXPECT_EQ(payload.alert->body, "Hello");
  EXPECT_EQ(payload.alert->title, "");
  EXPECT_EQ(payload.badge, 0);
  ASSERT_TRUE(payload.sound);
  EXPECT_EQ(payload.sound->name, "default");
  EXPECT_FALSE(payload.sound->is_critical);
  EXPECT_TRUE(payload.is_alert());
  EXPECT_FALSE(payload.content_available);
}

TEST(Payload, ReadsEveryKeyOfADictionary) {
  const Payload payload = read(
      R"({"aps":{"alert":{"title":"T","subtitle":"S","body":"B","loc-key":"K","launch-image":"I"},
          "badge":5,"sound":{"critical":1,"name":"bell","volume":0.5},"content-available":1,
          "mutable-content":1,"thread-id":"t","category":"c","target-content-id":"w",
          "interruption-level":"passive","relevance-score":0.25,"url-args":["a","b"]}})");
  EXPECT_EQ(payload.alert, (Payload::Alert{"T", "S", "B", "K", "I"}));
  EXPECT_EQ(payload.badge, 5);
  EXPECT_EQ(payload.sound, (Payload::Sound{"bell", true, 0.5}));
  EXPECT_TRUE(payload.content_available);
  EXPECT_TRUE(payload.mutable_content);
  EXPECT_EQ(payload.thread_id, "t");
  EXPECT_EQ(payload.category, "c");
  EXPECT_EQ(payload.target_content_id, "w");
  EXPECT_EQ(payload.interruption_level, "passive");
  EXPECT_EQ(payload.relevance_score, 0.25);
  EXPECT_EQ(payload.url_args, (std::vector<std::string>{"a", "b"}));
}

TEST(Payload, KeepsThePushMagic) {
  EXPECT_EQ(read(R"({"mdm":"PUSH-MAGIC"})").mdm, "PUSH-MAGIC");
}

TEST(Payload, IgnoresValuesOfOtherTypes) {
  const Payload payload = read(
      R"({"aps":{"alert":7,"badge":"5","sound":[],"content-available":"1","mutable-content":null,
          "thread-id":1,"relevance-score":"1","url-args":"a"}})");
  Payload nothing;
  nothing.form = Form::Dictionary;
  EXPECT_EQ(payload, nothing);
}

TEST(Payload, BadgesAreWholeAndNotNegative) {
  EXPECT_EQ(read(R"({"aps":{"badge":-1}})").badge, std::nullopt);
  EXPECT_EQ(read(R"({"aps":{"badge":1.5}})").badge, std::nullopt);
  EXPECT_EQ(read(R"({"aps":{"badge":123456789012345678901234567890}})").badge, std::nullopt);
}

TEST(Payload, FlagsAreNumbersOrTrue) {
  EXPECT_TRUE(read(R"({"aps":{"content-available":true}})").content_available);
  EXPECT_FALSE(read(R"({"aps":{"content-available":false}})").content_available);
  EXPECT_FALSE(read(R"({"aps":{"content-available":0}})").content_available);
  EXPECT_TRUE(read(R"({"aps":{"content-available":1}})").is_background());
  EXPECT_FALSE(read(R"({"aps":{"content-available":1,"badge":1}})").is_background());
}

struct TextCase {
  const char* name;
  const char* alert;
  const char* body;
};

const TextCase kTexts[] = {
    {"Key", R"({"loc-key":"GREETING"})", "GREETING"},
    {"PlainTextFirst", R"({"loc-key":"GREETING","body":"Hello"})", "Hello"},
    {"Arguments", R"({"loc-key":"%@ and %@","loc-args":["Jenna","Frank"]})", "Jenna and Frank"},
    {"NumberedArguments", R"({"loc-key":"%2$@, %1$@","loc-args":["Jenna","Frank"]})",
     "Frank, Jenna"},
    {"TooFewArguments", R"({"loc-key":"%@ and %@ %3$@","loc-args":["Jenna"]})",
     "Jenna and %@ %3$@"},
    {"OtherPercents", R"({"loc-key":"100%% of %d%","loc-args":["Jenna"]})", "100% of %d%"},
};

class PayloadText : public testing::TestWithParam<TextCase> {};

TEST_P(PayloadText, IsPutTogether) {
  const Payload payload = read(std::string(R"({"aps":{"alert":)") + GetParam().alert + "}}");
  ASSERT_TRUE(payload.alert);
  EXPECT_EQ(payload.alert->body, GetParam().body);
}

INSTANTIATE_TEST_SUITE_P(Payload, PayloadText, testing::ValuesIn(kTexts),
                         [](const auto& row) { return row.param.name; });

TEST(Payload, ArgumentsDoNotMultiplyAPayload) {
  std::string format;
  for (int i = 0; i < 5'000; ++i) {
    format += "%1$@";
  }
  const Payload payload = read(R"({"aps":{"alert":{"loc-key":")" + format + R"(","loc-args":[")" +
                               std::string(10'000, 'x') + R"("]}}})");
  ASSERT_TRUE(payload.alert);
  EXPECT_LT(payload.alert->body.size(), 50'000U);
  EXPECT_TRUE(payload.alert->body.starts_with(std::string(10'000, 'x') + "%1$@"));
}

TEST(Payload, SurvivesMutations) {
  std::vector<std::string> seeds;
  for (const FormCase& row : kForms) {
    if (row.json.size() < 500) {
      seeds.push_back(row.json);
    }
  }
  seeds.emplace_back(
      R"({"aps":{"alert":{"title-loc-key":"%@","title-loc-args":["\ud83d\ude09"]},"badge":1e3}})");
  constexpr std::string_view kAlphabet("aps{}[]:,\"\\ud8e0-+.19 \xFF\x00", 24);
  PayloadReader reader;
  std::size_t num_read = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    RandomStream random(4711, round);
    std::string text = seeds[random.next() % seeds.size()];
    for (std::uint64_t edits = random_between(random.next(), 1, 3); edits > 0; --edits) {
      const std::size_t at = random.next() % (text.size() + 1);
      if (random.next() % 2 == 0) {
        text.insert(at, 1, kAlphabet[random.next() % kAlphabet.size()]);
      } else {
        text.erase(at, random.next() % 4);
      }
    }
    num_read += reader.read(text).form == Form::NotJson ? 0U : 1U;
    ASSERT_LE(reader.lint(text, {.priority = 10}).size(), payload_rules().size());
  }
  EXPECT_GT(num_read, 1'000U);
  EXPECT_LT(num_read, 19'000U);
}

TEST(Payload, ReadsWhatIsForALiveActivity) {
  PayloadReader reader;
  const Payload start = reader.read(R"({"aps":{"timestamp":1234,"event":"start",
      "content-state": {"health": 100, "says": "Hi \u00e9"}, "attributes-type":"Adventure",
      "attributes":{"hero":1}, "stale-date":1300, "dismissal-date":1400.7, "relevance-score":50,
      "alert":{"title":{"loc-key":"%@ is here","loc-args":["Eva"]},"body":"B",
               "sound":"chime.aiff"}}})");
  ASSERT_TRUE(start.activity);
  EXPECT_EQ(start.activity->event, "start");
  EXPECT_EQ(start.activity->timestamp, 1234);
  EXPECT_EQ(start.activity->content_state, R"({"health":100,"says":"Hi é"})");
  EXPECT_EQ(start.activity->attributes_type, "Adventure");
  EXPECT_TRUE(start.activity->has_attributes);
  EXPECT_EQ(start.activity->stale_date, 1300);
  EXPECT_EQ(start.activity->dismissal_date, 1400);
  EXPECT_EQ(start.relevance_score, 50);
  EXPECT_EQ(start.alert->title, "Eva is here");
  EXPECT_EQ(start.alert->body, "B");
  EXPECT_EQ(start.sound->name, "chime.aiff");

  const Payload bare = reader.read(
      R"({"aps":{"event":7,"timestamp":1e300,"content-state":[],"attributes":"x","alert":"a"}})");
  ASSERT_TRUE(bare.activity) << "it is one, if of no known event";
  EXPECT_EQ(bare.activity->event, "");
  EXPECT_EQ(bare.activity->timestamp, 1'000'000'000'000);
  EXPECT_EQ(bare.activity->content_state, "");
  EXPECT_FALSE(bare.activity->has_attributes);
  EXPECT_EQ(bare.activity->stale_date, std::nullopt);
  EXPECT_EQ(bare.alert->body, "a");
  EXPECT_FALSE(reader.read(R"({"aps":{"timestamp":1,"content-state":{}}})").activity);
}

TEST(Payload, OutsideALiveActivityASoundInTheAlertIsNone) {
  PayloadReader reader;
  EXPECT_FALSE(reader.read(R"({"aps":{"alert":{"body":"B","sound":"chime.aiff"}}})").sound);
}

TEST(Payload, ReadsWhatIsForExtensions) {
  PayloadReader reader;
  EXPECT_TRUE(reader.read(R"({"aps":{"content-changed":true}})").content_changed);
  EXPECT_FALSE(reader.read(R"({"aps":{"content-changed":1}})").content_changed)
      << "a flag, no number";
  EXPECT_FALSE(reader.read(R"({"content-changed":true,"aps":{}})").content_changed);
  EXPECT_EQ(reader.read(R"({"container-identifier":"root","aps":{}})").container_identifier,
            "root");
  EXPECT_EQ(reader.read(R"({"container-identifier":"root"})").container_identifier, "root");
  EXPECT_EQ(reader.read(R"({"aps":{"container-identifier":"root"}})").container_identifier, "");
}

TEST(Payload, SurvivesLargePayloads) {
  PayloadReader reader;
  std::string keys = R"({"aps":{)";
  while (keys.size() < 64'000) {
    keys += "\"a\":1,";
  }
  EXPECT_EQ(reader.read(keys + R"("b":1}})").form, Form::Dictionary);
  EXPECT_FALSE(reader.lint(keys + R"("b":1}})").empty());
  EXPECT_EQ(reader.read(keys).form, Form::NotJson);
  EXPECT_EQ(reader.read(std::string(65'536, '{')).form, Form::NotJson);
  EXPECT_EQ(reader.read(std::string(65'536, '\\')).form, Form::NotJson);
  EXPECT_EQ(reader.read("{}").form, Form::WalletPass);
}

}  // namespace
}  // namespace apns::mock
