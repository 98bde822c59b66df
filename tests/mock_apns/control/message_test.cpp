#include "mock_apns/control/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apns::mock::control {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ParseTarget, TakesPathAndQueryApart) {
  const auto target = parse_target("/v1//devices/my%20phone/?topic=com.example.app&a+b=c%2Bd&flag");
  ASSERT_TRUE(target);
  EXPECT_THAT(target->path, ElementsAre("v1", "devices", "my phone"));
  EXPECT_THAT(target->query,
              ElementsAre(Pair("topic", "com.example.app"), Pair("a b", "c+d"), Pair("flag", "")));
}

// What is decoded does not cut the path once more.
TEST(ParseTarget, AnEscapedSlashIsPartOfAName) {
  EXPECT_THAT(parse_target("/v1/devices/a%2Fb+c")->path, ElementsAre("v1", "devices", "a/b+c"));
}

TEST(ParseTarget, TheRootHasNoSteps) {
  EXPECT_THAT(parse_target("/")->path, IsEmpty());
  EXPECT_THAT(parse_target("/?")->query, IsEmpty());
}

class NoTarget : public testing::TestWithParam<const char*> {};

TEST_P(NoTarget, IsRefused) {
  EXPECT_FALSE(parse_target(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, NoTarget,
                         testing::Values("", "*", "v1/info", "http://localhost/", "/%", "/%4",
                                         "/%4g", "/%-1", "/v1?a=%", "/v1?%zz=1"));

TEST(Method, IsSpelledInCapitals) {
  EXPECT_EQ(parse_method("PATCH"), Method::Patch);
  EXPECT_EQ(parse_method("patch"), std::nullopt);
  EXPECT_EQ(parse_method("TRACE"), std::nullopt);
  EXPECT_EQ(to_string(Method::Delete), "DELETE");
}

}  // namespace
}  // namespace apns::mock::control
