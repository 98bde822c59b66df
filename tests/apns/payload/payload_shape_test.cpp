#include "apns/payload/payload_shape.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "mock_apns/world/payload.h"

namespace apns {
namespace {

struct Case {
  const char* name;
  std::string payload;
  PushType type;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

const Case kCases[] = {
    {"Alert", R"({"aps":{"alert":"a"}})", PushType::Alert},
    {"AlertThatWakesToo", R"({"aps":{"alert":"a","content-available":1}})", PushType::Alert},
    {"BadgeZeroIsVisible", R"({"aps":{"badge":0,"content-available":1}})", PushType::Alert},
    {"SoundAlone", R"({"aps":{"sound":"default","content-available":1}})", PushType::Alert},
    {"CriticalSound", R"({"aps":{"sound":{"critical":1},"content-available":1}})", PushType::Alert},
    {"OnlyWakes", R"({"aps":{"content-available":1}})", PushType::Background},
    {"OnlyWakesByTrue", R"({"aps":{"content-available":true},"k":1})", PushType::Background},
    {"OnlyWakesInBlanks", " {\n\"aps\" : { \"content-available\" : 1 } }\r\n",
     PushType::Background},
    {"DoesNotWake", R"({"aps":{"content-available":0}})", PushType::Alert},
    {"BadgeIsAText", R"({"aps":{"badge":"1","content-available":1}})", PushType::Background},
    {"BadgeIsNull", R"({"aps":{"badge":null,"content-available":1}})", PushType::Background},
    {"BadgeIsAFraction", R"({"aps":{"badge":1.5,"content-available":1}})", PushType::Background},
    {"AlertIsAnArray", R"({"aps":{"alert":["a"],"content-available":1}})", PushType::Background},
    {"KeyInEscapes", R"({"aps":{"\u0061lert":"a","content-available":1}})", PushType::Alert},
    {"FirstOfTwoCounts", R"({"aps":{"badge":"1","content-available":1,"badge":1}})",
     PushType::Background},
    {"FirstApsCounts", R"({"aps":{"content-available":1},"aps":{"alert":"a"}})",
     PushType::Background},
    {"KeysOfTheAppsDoNotCount", R"({"aps":{"content-available":1},"alert":"a","badge":1})",
     PushType::Background},
    {"AlertInText", R"({"aps":{"content-available":1,"x":"\",\"alert\":\"a"}})",
     PushType::Background},
    {"LiveActivityUpdate", R"({"aps":{"event":"update","timestamp":1,"content-state":{}}})",
     PushType::LiveActivity},
    {"LiveActivityEnd", R"({"aps":{"event":"end","timestamp":1}})", PushType::LiveActivity},
    {"EventAlone", R"({"aps":{"event":"update","alert":"a"}})", PushType::Alert},
    {"Widgets", R"({"aps":{"content-changed":true}})", PushType::Widgets},
    {"Management", R"({"mdm":"PUSH-MAGIC"})", PushType::Mdm},
    {"ManagementBesideAps", R"({"aps":{"alert":"a"},"mdm":"PUSH-MAGIC"})", PushType::Alert},
    {"WalletPass", "{}", PushType::Alert},
    {"EmptyAps", R"({"aps":{}})", PushType::Alert},
    {"Nothing", "", PushType::Alert},
    {"NoObject", "[1]", PushType::Alert},
    {"NoJson", "Hello", PushType::Alert},
    {"CutShort", R"({"aps":{"content-available":1)", PushType::Alert},
    {"MoreBehind", R"({"aps":{"content-available":1}} x)", PushType::Alert},
};

class PayloadShapes : public testing::TestWithParam<Case> {};

TEST_P(PayloadShapes, SayThePushType) {
  EXPECT_EQ(suggest_push_type(read_payload_shape(GetParam().payload)), GetParam().type);
}

TEST_P(PayloadShapes, AreWhatAPhoneSees) {
  const PayloadShape shape = read_payload_shape(GetParam().payload);
  const mock::Payload seen = mock::PayloadReader().read(GetParam().payload);
  using Form = mock::Payload::Form;
  EXPECT_EQ(shape.is_object, seen.form != Form::NotJson && seen.form != Form::NotAnObject);
  EXPECT_EQ(shape.has_aps, seen.form == Form::Dictionary);
  EXPECT_EQ(shape.is_visible(), seen.is_alert());
  EXPECT_EQ(shape.is_background(), seen.is_background());
  EXPECT_EQ(shape.is_management, seen.form == Form::Management);
}

TEST_P(PayloadShapes, OfAnyPartReadNothingBehindIt) {
  const std::string& whole = GetParam().payload;
  for (std::size_t len = 0; len < whole.size(); ++len) {
    const std::string part = whole.substr(0, len);  // its own memory: reading on would be seen
    const PayloadShape shape = read_payload_shape(part);
    EXPECT_TRUE(!shape.is_object ||
                mock::PayloadReader().read(part).form != mock::Payload::Form::NotJson)
        << part;
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, PayloadShapes, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(TopicSuffixes, TellThePushType) {
  for (const PushTypeRow& row : push_types()) {
    const std::string topic = "com.example.app" + std::string(row.topic_suffix);
    const PushTypeRow* const found = find_push_type_of_topic(topic);
    EXPECT_EQ(found, row.topic_suffix.empty() ? nullptr : &row) << topic;
    EXPECT_EQ(topic_suffix_of(topic), row.topic_suffix);
  }
}

}  // namespace
}  // namespace apns
