#include "mock_apns/world/gone_apps.h"

#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::mock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

DeviceToken token(std::string_view hex) {
  return *DeviceToken::parse(hex);
}

TEST(GoneApps, OneOfAnAppNamesAllOnce) {
  GoneApps apps;
  apps.add({token("a1"), token("a2")});
  apps.add({token("b1"), token("b2"), token("b3")});
  EXPECT_THAT(apps.take(token("b2")), ElementsAre(token("b1"), token("b2"), token("b3")));
  EXPECT_THAT(apps.take(token("b1")), IsEmpty());
  EXPECT_THAT(apps.take(token("a1")), ElementsAre(token("a1"), token("a2")));
  EXPECT_THAT(apps.take(token("c1")), IsEmpty());
}

TEST(GoneApps, AnAppWithOneTokenNeedsNoPlace) {
  GoneApps apps(1);
  apps.add({token("a1"), token("a2")});
  apps.add({token("b1")});
  apps.add({});
  EXPECT_THAT(apps.take(token("b1")), IsEmpty());
  EXPECT_THAT(apps.take(token("a2")), ElementsAre(token("a1"), token("a2")));
}

TEST(GoneApps, TheOldestGivesWay) {
  GoneApps apps(2);
  apps.add({token("a1"), token("a2")});
  apps.add({token("b1"), token("b2")});
  apps.add({token("c1"), token("c2")});
  EXPECT_THAT(apps.take(token("a1")), IsEmpty());
  EXPECT_THAT(apps.take(token("b1")), ElementsAre(token("b1"), token("b2")));
  EXPECT_THAT(apps.take(token("c1")), ElementsAre(token("c1"), token("c2")));
}

TEST(GoneApps, ATokenIsOfTheAppThatHadItLast) {
  GoneApps apps(2);
  apps.add({token("a1"), token("a2")});
  apps.add({token("a2"), token("b1")});
  apps.add({token("c1"), token("c2")});  // pushes the first one out
  EXPECT_THAT(apps.take(token("a2")), ElementsAre(token("a2"), token("b1")));
}

TEST(GoneApps, ForgetsAll) {
  GoneApps apps;
  apps.add({token("a1"), token("a2")});
  apps.clear();
  EXPECT_THAT(apps.take(token("a1")), IsEmpty());
}

}  // namespace
}  // namespace apns::mock
