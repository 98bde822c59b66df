#include "mock_apns/world/team_file.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "apns/auth/public_key_file.h"
#include "mock_apns/world/team_json.h"
#include "mock_apns/world/world.h"
#include "mock_apns/world/world_file.h"
#include "mock_apns/world/world_writer.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/support/provider_tokens.h"

namespace apns::mock {
namespace {

using test::ten;
using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

Json key(const char* key_id) {
  return Json{{"key_id", key_id}, {"public_key", golden::kPublicKey}};
}

Json topic_key(const char* key_id) {
  Json made = key(key_id);
  made["scope"] = "topics";
  made["environment"] = "production";
  made["topics"] = {"com.example.app"};
  return made;
}

TeamPlan read(const Json& team) {
  return read_team(json::parse(team.dump(), "teams.json"));
}

std::string refused(const Json& team) {
  try {
    (void)read(team);
  } catch (const json::Error& error) {
    return error.what();
  }
  return "";
}

TEST(TeamFile, SaysTeamsWithTheirAppsAndKeys) {
  Json second = topic_key("KEY0000003");
  second["related"] = "KEY0000002";
  const TeamPlan plan = read({{"team_id", "TEAM000001"},
                              {"apps", {"com.example.app"}},
                              {"keys", {key("KEY0000001"), topic_key("KEY0000002"), second}}});
  EXPECT_EQ(plan.team_id, ten("TEAM000001"));
  EXPECT_THAT(*plan.apps, ElementsAre("com.example.app"));
  ASSERT_EQ(plan.keys.size(), 3U);
  EXPECT_EQ(plan.keys[0].scope, KeyScope::Team);
  EXPECT_EQ(plan.keys[0].environment, KeyEnvironment::Both);
  EXPECT_EQ(plan.keys[1].scope, KeyScope::Topics);
  EXPECT_EQ(plan.keys[1].environment, KeyEnvironment::Production);
  EXPECT_THAT(plan.keys[1].topics, ElementsAre("com.example.app"));
  EXPECT_EQ(plan.keys[2].related, ten("KEY0000002"));
  EXPECT_EQ(plan.keys[2].team_id, ten("TEAM000001"));
}

TEST(TeamFile, OfAPrivateKeyOnlyThePublicHalfIsKept) {
  const TeamPlan plan = read(
      {{"team_id", "TEAM000001"}, {"keys", {{{"key_id", "KEY0000001"}, {"p8", golden::kP8}}}}});
  EXPECT_EQ(plan.keys.at(0).public_key, golden::kPublicKey);
  EXPECT_EQ(plan.apps, std::nullopt);
}

TEST(TeamFile, RefusesWhatIsWrongAndSaysWhatWouldBeRight) {
  const auto with_key = [](Json one) {
    return Json{{"team_id", "TEAM000001"}, {"keys", {std::move(one)}}};
  };
  Json other_scope = key("KEY0000001");
  other_scope["scope"] = "topic";
  Json other_environment = key("KEY0000001");
  other_environment["environment"] = "sandbox";
  EXPECT_THAT(refused({{"team_id", "TEAM1"}}), HasSubstr("team_id must be 10 letters and digits"));
  EXPECT_THAT(refused({{"apps", Json::array()}}), HasSubstr("team needs \"team_id\""));
  EXPECT_THAT(refused({{"team_id", "TEAM000001"}, {"app", "x"}}),
              HasSubstr("\"app\" is not a key of team; did you mean \"apps\"?"));
  EXPECT_THAT(refused(with_key({{"key_id", "KEY0000001"}})),
              HasSubstr("team_key needs \"public_key\" or \"p8\""));
  EXPECT_THAT(refused(with_key(other_scope)), HasSubstr("did you mean \"topics\"?"));
  EXPECT_THAT(refused(with_key(other_environment)), HasSubstr("both, production, development"));
  EXPECT_THAT(refused(with_key({{"key_id", "KEY0000001"}, {"public_key", golden::kP8}})),
              HasSubstr("no PEM \"PUBLIC KEY\""));
  EXPECT_THAT(refused(with_key({{"key_id", "KEY0000001"}, {"p8", golden::kPublicKey}})),
              HasSubstr("p8 is a certificate or a public key. It would be right to give the "
                        "private key"));
  Json both = key("KEY0000001");
  both["p8"] = golden::kP8;
  EXPECT_THAT(refused(with_key(both)), HasSubstr("public_key or its p8, not both"));
  EXPECT_THAT(refused(with_key({{"key_id", "KEY0000001"}, {"p8", golden::kP384Key}})),
              HasSubstr("another curve"));
}

/// A key comes behind the one that it is to replace, wherever it stands.
TEST(TeamFile, IsCarriedOutInAnyOrder) {
  Json third = topic_key("KEY0000001");
  third["related"] = "KEY0000002";
  Json second = topic_key("KEY0000002");
  second["related"] = "KEY0000003";
  const TeamPlan plan =
      read({{"team_id", "TEAM000001"}, {"keys", {third, second, topic_key("KEY0000003")}}});
  TeamKeys keys;
  carry_out({plan}, keys);
  EXPECT_EQ(keys.table()->find(ten("KEY0000001"))->related, ten("KEY0000002"));
  EXPECT_EQ(make_team_plans(*keys.table()), std::vector{plan});
}

TEST(TeamFile, ACircleIsRefused) {
  Json one = topic_key("KEY0000001");
  one["related"] = "KEY0000002";
  Json other = topic_key("KEY0000002");
  other["related"] = "KEY0000001";
  TeamKeys keys;
  EXPECT_THROW(carry_out({read({{"team_id", "TEAM000001"}, {"keys", {one, other}}})}, keys),
               WorldError);
}

TEST(TeamFile, WhatIsTakenDownCanBeMadeAnew) {
  TeamKeys keys;
  Json second = topic_key("KEY0000002");
  second["related"] = "KEY0000001";
  carry_out({read({{"team_id", "TEAM000002"},
                   {"apps", {"com.example.b", "com.example.a"}},
                   {"keys", {topic_key("KEY0000001"), second}}}),
             read({{"team_id", "TEAM000001"}, {"keys", {key("KEY0000009")}}}),
             read({{"team_id", "TEAM000003"}, {"apps", Json::array()}})},
            keys);
  const std::vector<TeamPlan> plans = make_team_plans(*keys.table());
  ASSERT_EQ(plans.size(), 3U);
  EXPECT_EQ(plans[0].apps, std::nullopt);
  EXPECT_THAT(*plans[1].apps, ElementsAre("com.example.a", "com.example.b"));
  EXPECT_TRUE(plans[2].apps->empty());
  TeamKeys again;
  carry_out(plans, again);
  EXPECT_EQ(make_team_plans(*again.table()), plans);
  // A key whose predecessor is gone has none.
  EXPECT_TRUE(keys.remove(ten("KEY0000001")));
  TeamKeys without;
  carry_out(make_team_plans(*keys.table()), without);
  EXPECT_EQ(without.table()->find(ten("KEY0000002"))->related, std::nullopt);
}

TEST(TeamFile, IsPartOfAWorldFile) {
  WorldPlan plan;
  plan.teams.push_back(read({{"team_id", "TEAM000001"},
                             {"apps", {"com.example.app"}},
                             {"keys", {topic_key("KEY0000002"), key("KEY0000001")}}}));
  EXPECT_EQ(read_world(json::parse(write_world(plan), "world.json")), plan);
}

}  // namespace
}  // namespace apns::mock
