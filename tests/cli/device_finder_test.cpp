#include "cli/device_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace apns::cli {
namespace {

using Json = nlohmann::ordered_json;
using testing::StartsWith;

std::string token(const std::string& begin) {
  return begin + std::string(64 - begin.size(), '0');
}

Json app(const std::string& bundle_id, const std::string& begin, const char* environment) {
  return {{"bundle_id", bundle_id}, {"device_token", token(begin)}, {"environment", environment}};
}

Json phones() {
  return {{"items",
           {{{"name", "phone"}, {"apps", {app("com.example.app", "a1", "production")}}},
            {{"name", "tablet"},
             {"apps",
              {app("com.example.app", "b1b1", "production"),
               app("com.example.chat", "b1b2", "production")}}},
            {{"name", "twins"},
             {"apps", {app("one", "c1", "production"), app("two", "c2", "production")}}},
            {{"name", "ada"}, {"apps", {app("com.example.app", "d1", "development")}}},
            {{"name", "a phone"}, {"apps", {app("com.example.app", "a1d", "development")}}},
            {{"name", "empty"}, {"apps", {{{"bundle_id", "com.example.app"}}}}}}}};
}

Json phone_with_families() {
  Json shown = app("com.example.app", "a1", "production");
  const auto add = [&shown](const char* family, const char* begin, const char* activity) {
    Json one = {{"family", family},
                {"topic", "t"},
                {"device_token", token(begin)},
                {"environment", "production"}};
    if (*activity != '\0') {
      one["activity"] = activity;
    }
    shown["families"].push_back(one);
  };
  add("voip", "b1", "");
  add("liveactivity", "c1", "");
  add("liveactivity", "c2", "order-17");
  return {{"items", {{{"name", "phone"}, {"apps", {shown}}}}}};
}

class DeviceFinderTest : public testing::Test {
 protected:
  std::string found(const std::string& word) {
    DeviceFinder finder = make();
    try {
      return finder.find(word).to_hex();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  DeviceFinder make() {
    return {push, [this] {
              ++num_asked;
              return known;
            }};
  }

  PushFor push{
      .environment = "production", .topic = "com.example.app", .phone_device_token = token("ee")};
  KnownPhones known = read_phones(phones());
  int num_asked = 0;
};

TEST_F(DeviceFinderTest, TakesWholeTokensAndMagicOnesWithoutAsking) {
  EXPECT_EQ(found(token("0123")), token("0123"));
  EXPECT_EQ(found(token("ABCD")), token("abcd"));
  EXPECT_EQ(found("fa11b008"), token("fa11b008"));
  EXPECT_EQ(found("fa11b"), token("fa11b"));
  EXPECT_EQ(num_asked, 0);
}

TEST_F(DeviceFinderTest, TakesAPhoneByItsName) {
  EXPECT_EQ(found("phone"), token("a1"));
  // Of several apps the one that the certificate is for.
  EXPECT_EQ(found("tablet"), token("b1b1"));
  push.topic = "com.example.chat";
  EXPECT_EQ(found("tablet"), token("b1b2"));
  // A name goes before a beginning.
  push.environment = "development";
  EXPECT_EQ(found("ada"), token("d1"));
  EXPECT_EQ(found("a phone"), token("a1d"));
}

TEST_F(DeviceFinderTest, SaysWhyAPhoneCannotBePushedTo) {
  EXPECT_EQ(found("twins"),
            "twins has several apps: twins (one, c100…0000), twins (two, c200…0000). Give the "
            "beginning of a device token.");
  EXPECT_EQ(found("ada"),
            "ada has no device token of the production environment. Push to the other one: "
            "--environment development.");
  EXPECT_THAT(found("empty"), StartsWith("empty has no app with a device token. Get one: "));
}

TEST_F(DeviceFinderTest, TakesTheBeginningOfADeviceToken) {
  EXPECT_EQ(found("b1b1"), token("b1b1"));
  EXPECT_EQ(found("B1B"),
            "\"b1b\" is the beginning of several device tokens: tablet "
            "(com.example.app, b1b1…0000), tablet (com.example.chat, b1b2…0000). "
            "Give more digits.");
  EXPECT_EQ(found("c2000"), token("c2"));
  // Those of the environment go first, as the others only earn a rejection.
  EXPECT_EQ(found("a1"), token("a1"));
  EXPECT_EQ(found("a1d"), token("a1d"));
  push.environment = "development";
  EXPECT_EQ(found("a1"), token("a1d"));
}

TEST_F(DeviceFinderTest, TakesAShortTokenThatIsNobodysAsItIs) {
  EXPECT_EQ(found("0102"), "0102");
}

TEST_F(DeviceFinderTest, SaysWhatIsNearWhenItIsNothing) {
  EXPECT_EQ(found("tablt"),
            "\"tablt\" is no device token (2 to 200 hex digits) and no phone; did you mean "
            "\"tablet\"? Phones: phone, tablet, twins, ada, a phone, empty.");
  EXPECT_EQ(found("Hello"),
            "\"Hello\" is no device token (2 to 200 hex digits) and no phone. Phones: phone, "
            "tablet, twins, ada, a phone, empty.");
  EXPECT_THAT(found("777"), StartsWith("\"777\" is no device token"));
}

TEST_F(DeviceFinderTest, WithoutAControlApiKnowsOnlyThePhone) {
  known = KnownPhones{};
  known.why_unknown = "nobody answers.";
  EXPECT_EQ(found("phone"), token("ee"));
  EXPECT_EQ(found("a1"), "a1");
  EXPECT_EQ(found("tablet"),
            "\"tablet\" is no device token (2 to 200 hex digits), and phones cannot be asked for: "
            "nobody answers.");
}

TEST_F(DeviceFinderTest, ThePhoneHasATwinForDevelopment) {
  push.environment = "development";
  EXPECT_EQ(found("phone"), token("ee"));
}

TEST_F(DeviceFinderTest, APhonesNameIsItsTokenOfThePushTypesFamily) {
  known = read_phones(phone_with_families());
  EXPECT_EQ(found("phone"), token("a1"));
  push.family = "voip";
  EXPECT_EQ(found("phone"), token("b1"));
  push.family = "liveactivity";
  EXPECT_EQ(found("phone"), token("c1")) << "that starts them";
  EXPECT_EQ(found("c2"), token("c2"));
  push.family = "widgets";
  EXPECT_EQ(found("phone"),
            "phone has no device token of family widgets. Get one: apnslab device register phone "
            "--family widgets.");
}

TEST_F(DeviceFinderTest, KnowsADeviceFromAText) {
  DeviceFinder finder = make();
  EXPECT_TRUE(finder.is_device("phone"));
  EXPECT_TRUE(finder.is_device("0102"));
  EXPECT_TRUE(finder.is_device("fa11b"));
  EXPECT_EQ(num_asked, 0);
  EXPECT_TRUE(finder.is_device("tablet"));
  EXPECT_FALSE(finder.is_device("Hello"));
  EXPECT_FALSE(finder.is_device("tablt"));
  EXPECT_EQ(num_asked, 1);
}

TEST(AskForPhones, SaysWhyNobodyCouldBeAsked) {
  Target target;
  EXPECT_EQ(ask_for_phones(target).why_unknown,
            "the control API of this service is not known (--to names none).");
  target.control_url = "https://localhost";
  EXPECT_THAT(ask_for_phones(target).why_unknown,
              StartsWith("the service's control_url must be a URL"));
}

}  // namespace
}  // namespace apns::cli
