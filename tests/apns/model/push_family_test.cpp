#include "apns/model/push_family.h"

#include <gtest/gtest.h>

namespace apns {
namespace {

TEST(PushFamily, EachIsFoundByItsNameAndByItself) {
  ASSERT_EQ(push_families().size(), 10U);
  for (std::size_t i = 0; i < push_families().size(); ++i) {
    const PushFamilyRow& row = push_families()[i];
    EXPECT_EQ(static_cast<std::size_t>(row.family), i) << "sets count on it";
    EXPECT_EQ(find_push_family(row.name), &row);
    EXPECT_EQ(&row_of(row.family), &row);
    EXPECT_EQ(to_string(row.family), row.name);
    EXPECT_EQ(push_family_names()[i], row.name);
    EXPECT_FALSE(row.source.empty()) << row.name;
  }
  EXPECT_EQ(find_push_family("background"), nullptr);
  EXPECT_EQ(find_push_family(""), nullptr);
}

TEST(PushFamily, EveryPushTypeGoesToOneOfItsName) {
  for (const PushTypeRow& row : push_types()) {
    EXPECT_EQ(to_string(family_of(row.type)),
              row.type == PushType::Background ? "alert" : row.name);
  }
}

TEST(PushFamily, ATopicIsTheBundleIdWithTheSuffixOfThePushType) {
  EXPECT_EQ(topic_of_family("com.example.app", PushFamily::Alert), "com.example.app");
  EXPECT_EQ(topic_of_family("com.example.app", PushFamily::Location),
            "com.example.app.location-query");
  EXPECT_EQ(topic_of_family("com.example.app", PushFamily::LiveActivity),
            "com.example.app.push-type.liveactivity");
  EXPECT_EQ(topic_of_family("com.apple.mgmt.External.1", PushFamily::Mdm),
            "com.apple.mgmt.External.1");
}

TEST(PushFamily, ManagementTopicsAreOfFamilyMdm) {
  EXPECT_EQ(main_family("com.apple.mgmt.External.1"), PushFamily::Mdm);
  EXPECT_EQ(main_family("com.apple.mgmt"), PushFamily::Alert);
  EXPECT_EQ(main_family("com.example.app"), PushFamily::Alert);
}

TEST(PushFamily, OnlyLiveActivitiesHaveLongTokens) {
  for (const PushFamilyRow& row : push_families()) {
    EXPECT_EQ(row.device_token_len, row.family == PushFamily::LiveActivity ? 80U : 32U) << row.name;
  }
}

TEST(PushFamilySet, HasWhatWasPutIn) {
  PushFamilySet set;
  EXPECT_TRUE(set.empty());
  set.insert(PushFamily::Alert);
  set.insert(PushFamily::Controls);
  EXPECT_TRUE(set.has(PushFamily::Alert));
  EXPECT_TRUE(set.has(PushFamily::Controls));
  EXPECT_FALSE(set.has(PushFamily::Voip));
  PushFamilySet other = set;
  other.erase(PushFamily::Alert);
  EXPECT_FALSE(other.has(PushFamily::Alert));
  EXPECT_NE(other, set);
  other.erase(PushFamily::Controls);
  other.erase(PushFamily::Controls);
  EXPECT_TRUE(other.empty());
}

}  // namespace
}  // namespace apns
