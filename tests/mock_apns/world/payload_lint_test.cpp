#include "mock_apns/world/payload_lint.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mock_apns/world/payload.h"

namespace apns::mock {
namespace {

std::vector<std::string> rules_of(const std::vector<PayloadFinding>& findings) {
  std::vector<std::string> rules;
  rules.reserve(findings.size());
  for (const PayloadFinding& finding : findings) {
    rules.push_back(finding.why.rule);
  }
  return rules;
}

// For each rule what breaks it alone, and the nearest that does not.
struct Case {
  const char* rule;
  std::string bad;
  const char* found;
  std::string good;
  std::optional<std::uint8_t> priority = std::nullopt;
};

std::string deep(std::size_t levels) {
  return R"({"aps":{},"a":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
}

const Case kCases[] = {
    {"payload/is-json", R"({"aps":{})", "not JSON", R"({"aps":{}})"},
    {"payload/no-lone-surrogates", R"({"aps":{"alert":"\ud83d"}})", "a lone surrogate",
     R"({"aps":{"alert":"\ud83d\ude09"}})"},
    {"payload/numbers-fit-a-double", R"({"aps":{},"a":1e400})",
     "a number beyond the range of a double", R"({"aps":{},"a":1e300})"},
    {"payload/depth", deep(1100), "more than 1,024 levels", deep(900)},
    {"payload/is-an-object", R"(["aps"])", "JSON, but no object", R"({"aps":{}})"},
    {"payload/aps-is-at-the-top", R"({"payload":{"aps":{"alert":"Hello"}}})",
     "aps is inside \"payload\"", R"({"aps":{"alert":"Hello"},"payload":{"aps":{}}})"},
    {"payload/aps-is-at-the-top", R"({"aps":{"aps":{"alert":"Hello"}}})", "aps is inside \"aps\"",
     R"({"aps":{"alert":"Hello"}})"},
    {"payload/has-aps", R"({"alert":"Hello"})", "no aps", "{}"},
    {"payload/has-aps", R"({"mdm":1})", "no aps", R"({"mdm":"PUSH-MAGIC"})"},
    {"payload/aps-is-a-dictionary", R"({"aps":"Hello"})", "aps is no dictionary",
     R"({"aps":{"alert":"Hello"}})"},
    {"payload/keys-are-unique", R"({"aps":{"badge":1,"badge":2}})", "\"badge\" is there twice",
     R"({"aps":{"badge":1},"badge":2})"},
    {"payload/keys-are-unique", R"({"a":1,"aps":{},"a":1})", "\"a\" is there twice",
     R"({"a":1,"aps":{},"b":1})"},
    {"payload/aps-keys-are-known", R"({"aps":{"alert":"Hello","order":7}})",
     "the key \"order\" inside aps", R"({"aps":{"alert":"Hello"},"order":7})"},
    {"payload/aps-value-types", R"({"aps":{"category":7}})", "category is a number",
     R"({"aps":{"category":"7"}})"},
    {"payload/aps-value-types", R"({"aps":{"url-args":["a",1]}})",
     "url-args is an array not only of texts", R"({"aps":{"url-args":["a","1"]}})"},
    {"payload/aps-value-types", R"({"aps":{"content-changed":1}})", "content-changed is a number",
     R"({"aps":{"content-changed":true}})"},
    {"payload/alert-is-text-or-dictionary", R"({"aps":{"alert":["Hello"]}})", "alert is an array",
     R"({"aps":{"alert":{"body":"Hello"}}})"},
    {"payload/alert-is-text-or-dictionary", R"({"aps":{"alert":null}})", "alert is null",
     R"({"aps":{"alert":"null"}})"},
    {"payload/alert-keys-are-known", R"({"aps":{"alert":{"body":"Hello","image":"x"}}})",
     "the key \"image\" inside alert", R"({"aps":{"alert":{"body":"Hello","launch-image":"x"}}})"},
    {"payload/alert-value-types", R"({"aps":{"alert":{"title":"T","body":7}}})", "body is a number",
     R"({"aps":{"alert":{"title":"T","body":"7"}}})"},
    {"payload/alert-value-types", R"({"aps":{"alert":{"loc-key":"K","loc-args":"a"}}})",
     "loc-args is a text", R"({"aps":{"alert":{"loc-key":"K","loc-args":["a"]}}})"},
    {"payload/alert-value-types", R"({"aps":{"alert":{"body":"B","title":{"loc-key":"K"}}}})",
     "title is a dictionary",
     R"({"aps":{"event":"update","alert":{"body":"B","title":{"loc-key":"K"}}}})"},
    {"payload/alert-is-not-empty", R"({"aps":{"alert":{}}})",
     "an alert without title, subtitle and body", R"({"aps":{"alert":{"title":"Hello"}}})"},
    {"payload/alert-is-not-empty", R"({"aps":{"alert":""}})", "an alert of no text",
     R"({"aps":{"alert":{"loc-key":"K"}}})"},
    {"payload/badge-is-a-number", R"({"aps":{"badge":"5"}})", "badge is the text \"5\"",
     R"({"aps":{"badge":5}})"},
    {"payload/badge-is-a-number", R"({"aps":{"badge":-1}})",
     "badge is negative, huge or a fraction", R"({"aps":{"badge":0}})"},
    {"payload/sound-is-text-or-dictionary", R"({"aps":{"sound":true}})", "sound is true or false",
     R"({"aps":{"sound":"default"}})"},
    {"payload/sound-is-text-or-dictionary", R"({"aps":{"sound":{"name":"a","volume":2}}})",
     "volume is 2", R"({"aps":{"sound":{"name":"a","volume":1}}})"},
    {"payload/flags-are-1", R"({"aps":{"content-available":"1"}})", "content-available is a text",
     R"({"aps":{"content-available":1}})"},
    {"payload/flags-are-1", R"({"aps":{"alert":"a","mutable-content":true}})",
     "mutable-content is true or false", R"({"aps":{"alert":"a","mutable-content":1}})"},
    {"payload/flags-are-1", R"({"aps":{"content-available":0}})", "content-available is 0",
     R"({"aps":{}})"},
    {"payload/mutable-content-needs-an-alert", R"({"aps":{"badge":1,"mutable-content":1}})",
     "mutable-content without an alert", R"({"aps":{"alert":"a","mutable-content":1}})"},
    {"payload/levels-are-known", R"({"aps":{"interruption-level":"loud"}})",
     "interruption-level is \"loud\"", R"({"aps":{"interruption-level":"time-sensitive"}})"},
    {"payload/levels-are-known", R"({"aps":{"relevance-score":75}})", "relevance-score is 75",
     R"({"aps":{"event":"update","relevance-score":75}})"},
    {"payload/no-double-escapes", R"({"aps":{"alert":"a \\ud83d\\ude09"}})",
     "the characters \\ud83d in a text", R"({"aps":{"alert":"a C:\\users"}})"},
    {"payload/priority-10-needs-an-alert", R"({"aps":{"content-available":1}})",
     "priority 10 with only content-available", R"({"aps":{"content-available":1,"badge":1}})",
     std::uint8_t{10}},
};

TEST(PayloadLint, EachRuleFindsItsOwnAndNothingElse) {
  PayloadReader reader;
  for (const Case& row : kCases) {
    const auto findings = reader.lint(row.bad, {.priority = row.priority});
    ASSERT_EQ(rules_of(findings), std::vector<std::string>{row.rule}) << row.bad;
    EXPECT_EQ(findings[0].why.found, row.found);
    const auto rule = std::ranges::find(payload_rules(), row.rule, &PayloadRule::rule);
    EXPECT_EQ(findings[0].why.fix, rule->fix);
    EXPECT_EQ(rules_of(reader.lint(row.good, {.priority = row.priority})),
              std::vector<std::string>{})
        << row.rule << ": " << row.good;
  }
}

TEST(PayloadLint, EveryRuleHasACase) {
  for (const PayloadRule& rule : payload_rules()) {
    EXPECT_NE(std::ranges::find(kCases, rule.rule, &Case::rule), std::end(kCases)) << rule.rule;
  }
}

TEST(PayloadLint, OnlyPriority10IsTooHighForABackgroundPush) {
  PayloadReader reader;
  EXPECT_TRUE(reader.lint(R"({"aps":{"content-available":1}})", {.priority = 5}).empty());
  EXPECT_TRUE(reader.lint(R"({"aps":{"content-available":1}})").empty());
}

// What goes to a part of the system of its own needs none of what notifications need.
TEST(PayloadLint, OtherPushTypesMayDoWithoutApsAndComeAtOnce) {
  PayloadReader reader;
  const auto rules = [&reader](const char* json, PushType type) {
    return rules_of(reader.lint(json, {.push_type = type, .priority = 10}));
  };
  const char* kOwnKeys = R"({"caller":"Eva"})";
  EXPECT_EQ(rules(kOwnKeys, PushType::Voip), std::vector<std::string>{});
  EXPECT_EQ(rules(kOwnKeys, PushType::Location), std::vector<std::string>{});
  EXPECT_EQ(rules(kOwnKeys, PushType::Complication), std::vector<std::string>{});
  EXPECT_EQ(rules(kOwnKeys, PushType::Alert), std::vector<std::string>{"payload/has-aps"});
  EXPECT_EQ(rules(R"({"aps":{"content-available":1}})", PushType::Complication),
            std::vector<std::string>{});
}

TEST(PayloadLint, FindingsComeInTheOrderOfTheRules) {
  PayloadReader reader;
  EXPECT_EQ(rules_of(reader.lint(R"({"aps":{"x":1,"alert":{},"badge":"5"}})")),
            (std::vector<std::string>{"payload/aps-keys-are-known", "payload/alert-is-not-empty",
                                      "payload/badge-is-a-number"}));
}

TEST(PayloadLint, ShortensWhatItQuotes) {
  PayloadReader reader;
  std::string key;
  for (int i = 0; i < 1000; ++i) {
    key += "\xc3\xa4";
  }
  const auto findings = reader.lint(R"({"aps":{"a)" + key + R"(":1}})");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].why.found, "the key \"a" + key.substr(0, 38) + "...\" inside aps");
}

}  // namespace
}  // namespace apns::mock
