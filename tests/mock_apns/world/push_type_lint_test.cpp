#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apns/payload/push_type_rule.h"
#include "mock_apns/world/payload.h"

namespace apns::mock {
namespace {

// For each rule what breaks it alone, and the nearest that does not.
struct Case {
  const char* rule;
  std::optional<PushType> type;
  const char* bad;
  const char* found;
  const char* pointer;
  const char* good;
  std::optional<std::int64_t> expiration = std::nullopt;
  std::uint8_t priority = 5;
};

const Case kCases[] = {
    {"push-type/background-is-alone", PushType::Background,
     R"({"aps":{"content-available":1,"badge":1}})", "push type background with badge",
     "/aps/badge", R"({"aps":{"content-available":1},"badge":1})"},
    {"push-type/background-has-content-available", PushType::Background, R"({"aps":{}})",
     "push type background without content-available", "/aps",
     R"({"aps":{"content-available":1}})"},
    {"push-type/alert-has-something-to-show", PushType::Alert, R"({"aps":{"content-available":1}})",
     "push type alert with nothing to show", "/aps/content-available",
     R"({"aps":{"content-available":1,"badge":0}})"},
    {"push-type/mdm-has-its-payload", PushType::Mdm, R"({"aps":{}})", "push type mdm without mdm",
     "", R"({"mdm":"PUSH-MAGIC"})"},
    {"push-type/mdm-has-its-payload", PushType::Alert, R"({"mdm":"PUSH-MAGIC"})",
     "mdm with push type alert", "/mdm", R"({"aps":{"alert":"a"},"mdm":"PUSH-MAGIC"})"},
    {"push-type/live-activity-has-its-keys", PushType::LiveActivity,
     R"({"aps":{"timestamp":1,"event":"update"}})", "event update without content-state", "/aps",
     R"({"aps":{"timestamp":1,"event":"update","content-state":{}}})"},
    {"push-type/live-activity-has-its-keys", PushType::LiveActivity, R"({"aps":{"event":"end"}})",
     "push type liveactivity without timestamp", "/aps",
     R"({"aps":{"event":"end","timestamp":1}})"},
    {"push-type/live-activity-has-its-keys", PushType::LiveActivity,
     R"({"aps":{"timestamp":1,"event":"stop"}})", "event is none of start, update and end",
     "/aps/event", R"({"aps":{"timestamp":1,"event":"end"}})"},
    {"push-type/live-activity-has-its-keys", PushType::LiveActivity,
     R"({"aps":{"timestamp":1,"event":"start","content-state":{},"attributes":{}}})",
     "event start without attributes-type", "/aps",
     R"({"aps":{"timestamp":1,"event":"start","content-state":{},"attributes":{},"attributes-type":"T","alert":"a"}})"},
    {"push-type/live-activity-has-its-keys", PushType::LiveActivity,
     R"({"aps":{"timestamp":1,"event":"start","content-state":{},"attributes":{},"attributes-type":"T"}})",
     "event start without alert", "/aps",
     R"({"aps":{"timestamp":1,"event":"start","content-state":{},"attributes":{},"attributes-type":"T","alert":"a"}})"},
    {"push-type/content-changed-is-true", PushType::Widgets, R"({"aps":{"content-changed":false}})",
     "push type widgets without content-changed", "/aps/content-changed",
     R"({"aps":{"content-changed":true}})"},
    {"push-type/content-changed-is-true", PushType::Controls, R"({"aps":{}})",
     "push type controls without content-changed", "/aps", R"({"aps":{"content-changed":true}})"},
    {"push-type/voip-has-no-alert", PushType::Voip, R"({"aps":{"alert":"Call"}})",
     "push type voip with something to show", "/aps", R"({"aps":{},"caller":"Eva"})"},
    {"push-type/file-provider-has-its-keys", PushType::FileProvider, R"({"aps":{}})",
     "push type fileprovider without container-identifier", "",
     R"({"container-identifier":"NSFileProviderRootContainerItemIdentifier","domain":"d","aps":{}})"},
};

std::vector<PayloadFinding> examine(const Case& row, const char* json) {
  PayloadReader reader;
  return reader.examine(json, PayloadRequest{.push_type = row.type,
                                             .priority = row.priority,
                                             .expiration = row.expiration,
                                             .payload_limit = 4096});
}

TEST(PushTypeLint, EachRuleFindsItsOwnAndNothingElse) {
  for (const Case& row : kCases) {
    const auto findings = examine(row, row.bad);
    ASSERT_EQ(findings.size(), 1U) << row.bad;
    EXPECT_EQ(findings[0].why.rule, row.rule) << row.bad;
    EXPECT_EQ(findings[0].why.found, row.found);
    EXPECT_EQ(findings[0].pointer, row.pointer) << row.bad;
    EXPECT_TRUE(examine(row, row.good).empty()) << row.good;
  }
}

TEST(PushTypeLint, TopicsHaveTheSuffixOfTheirPushTypeAndNoOther) {
  PayloadReader reader;
  const auto finds = [&reader](PushType type, const char* topic) {
    const char* json = type == PushType::Voip ? R"({"aps":{}})" : R"({"aps":{"alert":"a"}})";
    const auto findings = reader.examine(
        json, PayloadRequest{.push_type = type, .topic = topic, .payload_limit = 4096});
    return findings.empty() ? std::string()
                            : findings.at(0).why.rule + ": " + findings[0].why.found;
  };
  EXPECT_EQ(finds(PushType::Alert, "com.example.app"), "");
  EXPECT_EQ(finds(PushType::Voip, "com.example.app.voip"), "");
  EXPECT_EQ(finds(PushType::Voip, "com.example.app"),
            "push-type/topic-has-its-suffix: push type voip with the topic com.example.app");
  EXPECT_EQ(finds(PushType::Alert, "com.example.app.voip"),
            "push-type/topic-has-its-suffix: push type alert with the topic com.example.app.voip");
}

TEST(PushTypeLint, PushToTalkIsNowOrNever) {
  PayloadReader reader;
  const auto num_findings = [&reader](std::optional<std::int64_t> expiration,
                                      std::uint8_t priority) {
    return reader
        .examine(R"({"aps":{},"speaker":"Eva"})", PayloadRequest{.push_type = PushType::PushToTalk,
                                                                 .priority = priority,
                                                                 .expiration = expiration,
                                                                 .payload_limit = 4096})
        .size();
  };
  EXPECT_EQ(num_findings(0, 10), 0U);
  EXPECT_EQ(num_findings(std::nullopt, 10), 1U);
  EXPECT_EQ(num_findings(60, 10), 1U);
  EXPECT_EQ(num_findings(0, 5), 1U);
  const auto findings = reader.examine(
      R"({"aps":{}})", PayloadRequest{.push_type = PushType::PushToTalk, .payload_limit = 4096});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].why.rule, "push-type/push-to-talk-is-now-or-never");
}

TEST(PushTypeLint, TheLimitIsTheLastByteThatFits) {
  PayloadReader reader;
  PayloadRequest request{.payload_bytes = 4096, .payload_limit = 4096};
  EXPECT_TRUE(reader.examine(R"({"aps":{"alert":"a"}})", request).empty());
  request.payload_bytes = 4097;
  const auto findings = reader.examine(R"({"aps":{"alert":"a"}})", request);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].why.rule, "payload/fits-the-limit");
  EXPECT_EQ(findings[0].why.found, "4097 bytes, where 4096 are the limit");
  EXPECT_TRUE(findings[0].is_must);
}

TEST(PushTypeLint, WithoutAPushTypeNothingIsSaidOfIt) {
  PayloadReader reader;
  EXPECT_TRUE(reader
                  .examine(R"({"aps":{"content-available":1}})",
                           PayloadRequest{.topic = "a.voip", .payload_limit = 4096})
                  .empty());
}

std::string read_source(const char* path) {
  std::ifstream file(std::string(APNSLAB_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(PushTypeLint, TheDocumentHasEveryRuleInOrder) {
  std::string rows;
  for (const PushTypeRule& rule : push_type_rules()) {
    rows += "| `" + std::string(rule.rule) + "` | " + (rule.is_must ? "must" : "should") + " | " +
            std::string(rule.fix) + " |\n";
  }
  EXPECT_NE(read_source("docs/preview.md").find("|---|---|---|\n" + rows + "\n"), std::string::npos)
      << rows;
}

TEST(PushTypeLint, EveryRuleIsInTheCatalogueWithItsLevel) {
  const std::string catalogue = read_source("scenarios/rules.json");
  for (const PushTypeRule& rule : push_type_rules()) {
    EXPECT_NE(catalogue.find("\"id\": \"" + std::string(rule.rule) + "\",\n    \"level\": \"" +
                             (rule.is_must ? "must" : "should") + "\""),
              std::string::npos)
        << rule.rule;
  }
}

}  // namespace
}  // namespace apns::mock
