#include "mock_apns/world/preview.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "apns/base/random.h"

namespace apns::mock {
namespace {

const WorldTime kNow = WorldTime(std::chrono::seconds(1'735'689'600));  // 2025-01-01

std::string of_bytes(std::size_t len) {
  const std::string around = R"({"aps":{"alert":""}})";
  std::string json = around;
  return json.insert(json.find("\"\"") + 1, std::string(len - around.size(), 'a'));
}

std::string deep(std::size_t levels) {
  return R"({"aps":{"alert":"Hello"},"a":)" + std::string(levels, '[') + std::string(levels, ']') +
         "}";
}

/// "lock-screen|title|subtitle|body|badge|sound", the outcome where it is not delivered, or the
/// refusal.
std::string summary(const Preview& preview) {
  if (!preview.refusal.empty()) {
    return preview.refusal;
  }
  if (preview.outcome != DeliveryOutcome::Delivered) {
    return std::string(to_string(preview.outcome));
  }
  const Shown& shown = preview.shown;
  return shown.place + "|" + shown.title + "|" + shown.subtitle + "|" + shown.body + "|" +
         (shown.badge ? std::to_string(*shown.badge) : "") + "|" + shown.sound;
}

std::string rules_of(const Preview& preview) {
  std::string rules;
  for (const PayloadFinding& finding : preview.findings) {
    rules += (rules.empty() ? "" : " ") + finding.why.rule;
  }
  return rules;
}

struct Case {
  const char* name;
  std::string json;
  const char* summary;
  const char* findings;
  bool is_good = true;
  bool woke_app = false;
};

class Previews : public testing::TestWithParam<Case> {};

TEST_P(Previews, SayWhatIsSeenOnALockedPhone) {
  const Case& row = GetParam();
  PreviewRequest request;
  request.json = row.json;
  const Preview result = preview(request, kNow);
  EXPECT_EQ(summary(result), row.summary);
  EXPECT_EQ(rules_of(result), row.findings);
  EXPECT_EQ(result.is_good(), row.is_good);
  EXPECT_EQ(result.woke_app, row.woke_app);
}

const Case kCases[] = {
    {"Text", R"({"aps":{"alert":"Hello"}})", "lock-screen|||Hello||", ""},
    {"Everything",
     R"({"aps":{"alert":{"title":"T","subtitle":"S","body":"B"},"badge":2,"sound":"default"}})",
     "lock-screen|T|S|B|2|default", ""},
    {"Emoji", R"({"aps":{"alert":"\ud83d\ude09 😀"}})", "lock-screen|||😉 😀||", ""},
    {"RightToLeft", R"({"aps":{"alert":{"title":"שלום","body":"مرحبا"}}})",
     "lock-screen|שלום||مرحبا||", ""},
    {"LocKey", R"({"aps":{"alert":{"loc-key":"%@ and %@","loc-args":["Eva","Bo"]}}})",
     "lock-screen|||Eva and Bo||", ""},
    {"CriticalSound",
     R"({"aps":{"alert":"a","sound":{"critical":1,"name":"alarm.aiff","volume":0.8}}})",
     "lock-screen|||a||alarm.aiff", ""},
    {"CriticalSoundTooLoud",
     R"({"aps":{"alert":"a","sound":{"critical":1,"name":"alarm.aiff","volume":8}}})",
     "lock-screen|||a||alarm.aiff", "payload/sound-is-text-or-dictionary"},
    {"BadgeZero", R"({"aps":{"badge":0}})", "lock-screen||||0|", ""},
    {"BadgeAsText", R"({"aps":{"alert":"a","badge":"5"}})", "lock-screen|||a||",
     "payload/badge-is-a-number"},
    {"ContentAvailable", R"({"aps":{"content-available":1}})", "background|||||", "", true, true},
    {"ContentAvailableAndAlert", R"({"aps":{"alert":"a","content-available":1}})",
     "lock-screen|||a||", "", true, true},
    {"MutableContent", R"({"aps":{"alert":"a","mutable-content":1}})", "lock-screen|||a||", ""},
    {"MutableContentAlone", R"({"aps":{"badge":1,"mutable-content":1}})", "lock-screen||||1|",
     "payload/mutable-content-needs-an-alert"},
    {"UnknownLevel", R"({"aps":{"alert":"a","interruption-level":"loud"}})", "lock-screen|||a||",
     "payload/levels-are-known"},
    {"Passive", R"({"aps":{"alert":"a","sound":"s","interruption-level":"passive"}})",
     "lock-screen|||a||", ""},
    {"LastByteThatFits", of_bytes(4096), nullptr, ""},
    {"OneByteTooMany", of_bytes(4097), "413 PayloadTooLarge", "payload/fits-the-limit", false},
    {"Deep", deep(900), "lock-screen|||Hello||", ""},
    {"TooDeep", deep(1100), "nothing|||||", "payload/depth", false},
    {"LoneSurrogate", R"({"aps":{"alert":"a \ud83d"}})", "nothing|||||",
     "payload/no-lone-surrogates", false},
    {"HugeNumber", R"({"aps":{"alert":"a"},"n":1e400})", "nothing|||||",
     "payload/numbers-fit-a-double", false},
    {"ByteOrderMark", "\xEF\xBB\xBF{\"aps\":{\"alert\":\"a\"}}", "nothing|||||", "payload/is-json",
     false},
    {"CarriageReturns", "{\r\n  \"aps\": {\r\n    \"alert\": \"a\"\r\n  }\r\n}\r\n",
     "lock-screen|||a||", ""},
    {"TwiceTheSameKey", R"({"aps":{"alert":"a","alert":"b"}})", "lock-screen|||a||",
     "payload/keys-are-unique"},
    {"ApsIsAText", R"({"aps":"Hello"})", "nothing|||||", "payload/aps-is-a-dictionary", false},
    {"NoAps", R"({"alert":"Hello"})", "nothing|||||", "payload/has-aps", false},
    {"ApsInside", R"({"payload":{"aps":{"alert":"a"}}})", "nothing|||||",
     "payload/aps-is-at-the-top", false},
    {"EmptyAps", R"({"aps":{}})", "nothing|||||", "", false},
    {"EmptyAlert", R"({"aps":{"alert":{}}})", "nothing|||||", "payload/alert-is-not-empty", false},
    {"NotJson", "Hello", "nothing|||||", "payload/is-json", false},
    {"NotUtf8", "{\"aps\":{\"alert\":\"\xe4\"}}", "nothing|||||", "payload/is-json", false},
    {"NotAnObject", R"(["aps"])", "nothing|||||", "payload/is-an-object", false},
    {"Empty", "", "400 PayloadEmpty", "payload/is-json", false},
    {"Wallet", "{}", "nothing|||||", ""},
    {"Management", R"({"mdm":"PUSH-MAGIC"})", "background|||||", ""},
    {"LiveActivity",
     R"({"aps":{"timestamp":1,"event":"update","content-state":{},"alert":{"title":"T","body":"B"}}})",
     "lock-screen|T||B||", ""},
    {"Widgets", R"({"aps":{"content-changed":true}})", "background|||||", ""},
};

INSTANTIATE_TEST_SUITE_P(Payloads, Previews, testing::ValuesIn([] {
                           std::vector<Case> cases(std::begin(kCases), std::end(kCases));
                           static const std::string long_text =
                               "lock-screen|||" + std::string(4096 - 20, 'a') + "||";
                           for (Case& row : cases) {
                             row.summary = row.summary == nullptr ? long_text.c_str() : row.summary;
                           }
                           return cases;
                         }()),
                         [](const auto& row) { return row.param.name; });

PreviewRequest request_for(const char* json) {
  PreviewRequest request;
  request.json = json;
  return request;
}

constexpr const char* kHello = R"({"aps":{"alert":"Hello","badge":2,"sound":"bell"}})";
constexpr const char* kSilent = R"({"aps":{"content-available":1}})";

TEST(Preview, AnAppInTheForegroundDecides) {
  PreviewRequest request = request_for(kHello);
  request.state = AppState::Foreground;
  EXPECT_EQ(summary(preview(request, kNow)), "app|||Hello|2|bell");
}

TEST(Preview, AForceQuitAppIsNotWoken) {
  PreviewRequest request = request_for(kSilent);
  request.state = AppState::ForceQuit;
  const Preview result = preview(request, kNow);
  EXPECT_EQ(summary(result), "discarded");
  EXPECT_FALSE(result.is_good());
  EXPECT_EQ(result.why.at(0),
            "not woken: com.example.app was force-quit, and is not woken until it is launched");
}

TEST(Preview, SettingsTakeAway) {
  PreviewRequest request = request_for(kHello);
  request.settings.sounds = false;
  EXPECT_EQ(summary(preview(request, kNow)), "lock-screen|||Hello|2|");
  EXPECT_TRUE(preview(request, kNow).is_good());
  request.settings.alerts = request.settings.badges = false;
  EXPECT_EQ(summary(preview(request, kNow)), "discarded");
  EXPECT_FALSE(preview(request, kNow).is_good());
}

TEST(Preview, AnOfflinePhoneGetsItLaterUnlessItIsNowOrNever) {
  PreviewRequest request = request_for(kHello);
  request.is_online = false;
  EXPECT_EQ(summary(preview(request, kNow)), "stored");
  EXPECT_TRUE(preview(request, kNow).is_good());
  request.expiration = 0;
  EXPECT_EQ(summary(preview(request, kNow)), "discarded");
  EXPECT_FALSE(preview(request, kNow).is_good());
  request.expiration = 1'000;
  EXPECT_EQ(summary(preview(request, kNow)), "expired");
}

TEST(Preview, LowPowerHoldsWhatIsPatient) {
  PreviewRequest request = request_for(kHello);
  request.is_low_power = true;
  EXPECT_EQ(summary(preview(request, kNow)), "lock-screen|||Hello|2|bell");
  request.priority = 5;
  EXPECT_EQ(summary(preview(request, kNow)), "stored");
  EXPECT_EQ(summary(preview(
                [] {
                  PreviewRequest silent = request_for(kSilent);
                  silent.is_low_power = true;
                  return silent;
                }(),
                kNow)),
            "stored");
}

TEST(Preview, ABackgroundPushOfPriority10ComesToNothing) {
  PreviewRequest request = request_for(kSilent);
  request.priority = 10;
  const Preview result = preview(request, kNow);
  EXPECT_EQ(summary(result), "discarded");
  EXPECT_EQ(rules_of(result), "payload/priority-10-needs-an-alert");
  EXPECT_FALSE(result.is_good());
}

TEST(Preview, AWrongPushTypeIsNotGoodThoughSomethingIsSeen) {
  PreviewRequest request = request_for(kHello);
  request.push_type = PushType::Background;
  const Preview result = preview(request, kNow);
  EXPECT_EQ(rules_of(result),
            "push-type/background-is-alone push-type/background-has-content-available");
  EXPECT_FALSE(result.is_good());
}

TEST(Preview, AVoipPushGoesToItsAppAndMayBeLarger) {
  PreviewRequest request = request_for("");
  request.json = R"({"aps":{},"caller":")" + std::string(5000, 'a') + "\"}";
  request.push_type = PushType::Voip;
  request.state = AppState::ForceQuit;
  const Preview result = preview(request, kNow);
  EXPECT_EQ(summary(result), "call-screen|||||");
  EXPECT_EQ(result.why.at(0), "PushKit launches com.example.app, which must report a call at once");
  EXPECT_EQ(result.topic, "com.example.app.voip");
  EXPECT_EQ(result.bundle_id, "com.example.app");
  EXPECT_TRUE(result.is_good());
  request.json.insert(request.json.size() - 2, std::string(200, 'a'));
  EXPECT_EQ(summary(preview(request, kNow)), "413 PayloadTooLarge");
}

TEST(Preview, TheBinaryInterfaceTakesLessAndKnowsNoPushType) {
  PreviewRequest request = request_for("");
  request.is_binary = true;
  request.json = of_bytes(2049);
  EXPECT_EQ(summary(preview(request, kNow)), "status 7 (invalid payload size)");
  request.json = kSilent;
  const Preview result = preview(request, kNow);
  EXPECT_EQ(summary(result), "background|||||");
  EXPECT_FALSE(result.push_type);
  EXPECT_FALSE(result.priority);
  request.json = "";
  EXPECT_EQ(summary(preview(request, kNow)), "status 4 (missing payload)");
}

TEST(Preview, ReadsXcodesFiles) {
  const char* json =
      "{\n  \"Simulator Target Bundle\": \"org.example.other\",\n"
      "  \"aps\": {\"alert\": \"Hello\", \"badge\": \"1\"}\n}\n";
  PreviewRequest request = request_for(json);
  const Preview result = preview(request, kNow);
  EXPECT_EQ(result.bundle_id, "org.example.other");
  EXPECT_TRUE(result.is_app_of_file);
  EXPECT_EQ(result.topic, "org.example.other");
  EXPECT_EQ(result.payload_bytes, std::string("{\n  \"aps\": {\"alert\": \"Hello\", \"badge\": "
                                              "\"1\"}\n}\n")
                                      .size());
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(std::string(json).substr(result.findings[0].offset, 3), "\"1\"");
  request.topic = "com.example.mine";
  EXPECT_EQ(preview(request, kNow).bundle_id, "com.example.mine");
}

TEST(Preview, OnlyXcodesKeyIsTakenOutAndOnlyWhenItNamesAnApp) {
  const std::string json = R"({"aps":{"alert":"a"},"Simulator Target Bundle":7})";
  const Preview result = preview(request_for(json.c_str()), kNow);
  EXPECT_EQ(result.bundle_id, "com.example.app");
  EXPECT_EQ(result.payload_bytes, json.size());
}

TEST(Preview, SurvivesSpoiledFilesAndPointsIntoThem) {
  constexpr std::string_view kAlphabet("aps{}[]:,\"\\ud8e0-+.19 \xFF\x00", 24);
  std::size_t num_findings = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    RandomStream random(4711, round);
    PreviewRequest request;
    request.json = std::begin(kCases)[random.next() % std::size(kCases)].json.substr(0, 300);
    if (random.next() % 2 == 0) {
      request.json.insert(std::min<std::size_t>(request.json.size(), 1),
                          R"("Simulator Target Bundle":"com.example.other",)");
    }
    for (std::uint64_t edits = random_between(random.next(), 0, 3); edits > 0; --edits) {
      const std::size_t at = random.next() % (request.json.size() + 1);
      if (random.next() % 2 == 0) {
        request.json.insert(at, 1, kAlphabet[random.next() % kAlphabet.size()]);
      } else {
        request.json.erase(at, random.next() % 4);
      }
    }
    const Preview result = preview(request, kNow);
    ASSERT_LE(result.payload_bytes, request.json.size());
    for (const PayloadFinding& finding : result.findings) {
      ++num_findings;
      ASSERT_LE(finding.offset, request.json.size()) << request.json;
    }
  }
  EXPECT_GT(num_findings, 10'000U);
}

}  // namespace
}  // namespace apns::mock
