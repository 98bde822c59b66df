#include "apns/model/profile.h"

#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns {

namespace {

TEST(Profile, TableIsOldestFirstAndPedanticLast) {
  std::vector<std::string_view> names;
  for (const Profile& profile : profiles()) {
    names.push_back(profile.name);
    EXPECT_FALSE(profile.source.empty()) << profile.name;
  }
  EXPECT_THAT(names, testing::ElementsAre("2013", "2016", "2021", "2025", "pedantic"));
}

TEST(Profile, LimitsAreThoseOfTheDocuments) {
  struct Case {
    std::string_view name;
    std::size_t simple;
    std::size_t framed;
  };

  for (const Case& row : {Case{.name = "2013", .simple = 256, .framed = 256},
                          Case{.name = "2016", .simple = 2048, .framed = 2048},
                          Case{.name = "2021", .simple = 2048, .framed = 2048},
                          Case{.name = "2025", .simple = 2048, .framed = 2048},
                          Case{.name = "pedantic", .simple = 256, .framed = 2048}}) {
    const Profile* profile = find_profile(row.name);
    ASSERT_NE(profile, nullptr) << row.name;
    EXPECT_EQ(profile->name, row.name);
    EXPECT_EQ(profile->binary_payload_limit_simple, row.simple) << row.name;
    EXPECT_EQ(profile->binary_payload_limit_framed, row.framed) << row.name;
  }
}

TEST(Profile, ProviderTokensAreJudgedByDate) {
  EXPECT_EQ(find_profile("2025")->http2.provider_token, ProviderTokenPolicy());
  EXPECT_TRUE(find_profile("2016")->http2.provider_token.der_signature);
  EXPECT_FALSE(find_profile("pedantic")->http2.provider_token.text_issued_at);
  for (const Profile& profile : profiles()) {
    EXPECT_LE(profile.http2.provider_token.free_updates, ProviderTokenPolicy::kMaxFreeUpdates);
  }
}

TEST(Profile, DefaultIs2025) {
  EXPECT_EQ(&default_profile(), find_profile("2025"));
}

TEST(Profile, OtherNamesAreNotFound) {
  for (const std::string_view name : {"", "2015", "20255", "Pedantic", "pedantic "}) {
    EXPECT_EQ(find_profile(name), nullptr) << name;
  }
}

}  // namespace

}  // namespace apns
