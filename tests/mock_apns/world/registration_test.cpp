#include "mock_apns/world/registration.h"

#include <gtest/gtest.h>

namespace apns::mock {
namespace {

constexpr const char* kApp = "com.example.app";
constexpr const char* kEnrolment = "com.apple.mgmt.External.1";

TEST(Registration, WhatFitsTheAppIsPossible) {
  EXPECT_EQ(why_impossible(kApp, {}), "");
  EXPECT_EQ(why_impossible(kApp, {.family = PushFamily::Alert}), "");
  EXPECT_EQ(why_impossible(kApp, {.family = PushFamily::LiveActivity, .activity = "order-17"}), "");
  EXPECT_EQ(why_impossible(kApp, {.family = PushFamily::PushToTalk, .channel = "ops"}), "");
  EXPECT_EQ(why_impossible(kEnrolment, {}), "");
  EXPECT_EQ(why_impossible(kEnrolment, {.family = PushFamily::Mdm}), "");
}

TEST(Registration, WhatDoesNotIsSaidWhy) {
  EXPECT_EQ(why_impossible(kApp, {.family = PushFamily::Mdm}),
            "com.example.app has no device token of family mdm: that is of an enrolment, such as "
            "com.apple.mgmt.External.UUID.");
  EXPECT_EQ(why_impossible(kEnrolment, {.family = PushFamily::Voip}),
            "com.apple.mgmt.External.1 stands for the phone's enrolment, whose device token is of "
            "family mdm, not voip.");
  EXPECT_EQ(why_impossible(kApp, {.activity = "order-17"}),
            "A Live Activity goes with family liveactivity only, not alert.");
  EXPECT_EQ(why_impossible(kApp, {.family = PushFamily::Voip, .channel = "ops"}),
            "A channel goes with family pushtotalk only, not voip.");
  const std::string longest(kMaxNameLen, 'a');
  Registration named{.family = PushFamily::LiveActivity, .activity = longest};
  EXPECT_EQ(why_impossible(kApp, named), "");
  named.activity += "a";
  EXPECT_EQ(why_impossible(kApp, named),
            "A Live Activity's or a channel's name has at most 100 bytes.");
}

}  // namespace
}  // namespace apns::mock
