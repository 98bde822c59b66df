#include "mock_apns/world/team_keys.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apns/auth/private_key_file.h"
#include "certs/certificate_factory.h"
#include "certs/credential.h"
#include "mock_apns/default_world.h"
#include "mock_apns/world/world.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::mock {
namespace {

using auth::TenCharacterId;
using testing::HasSubstr;

TenCharacterId id(std::string_view text) {
  return *TenCharacterId::parse(text);
}

TeamKey team_key(std::string_view key_id, KeyEnvironment environment = KeyEnvironment::Both,
                 std::string_view team_id = "TEAM000001") {
  return TeamKey{.key_id = id(key_id),
                 .team_id = id(team_id),
                 .public_key = auth::public_half(certs::make_p256_key().get()),
                 .environment = environment};
}

TeamKey topic_key(std::string_view key_id, std::optional<TenCharacterId> related = {}) {
  TeamKey key = team_key(key_id, KeyEnvironment::Production);
  key.scope = KeyScope::Topics;
  key.topics = {"com.example.app"};
  key.related = related;
  return key;
}

std::string refused(TeamKeys& keys, TeamKey key) {
  try {
    keys.add(std::move(key));
  } catch (const WorldError& error) {
    return error.what();
  }
  return "";
}

TEST(TeamKeys, FindsByKeyId) {
  TeamKeys keys;
  keys.add(team_key("KEY0000002"));
  keys.add(team_key("KEY0000001"));
  const auto table = keys.table();
  EXPECT_EQ(table->find(id("KEY0000001"))->team_id, id("TEAM000001"));
  EXPECT_EQ(table->find(id("KEY0000003")), nullptr);
  EXPECT_TRUE(table->has_team(id("TEAM000001")));
  EXPECT_FALSE(table->has_team(id("KEY0000001")));
}

TEST(TeamKeys, WhoLooksKeepsWhatWasThere) {
  TeamKeys keys;
  keys.add(team_key("KEY0000001"));
  const auto before = keys.table();
  const auto version = keys.version();
  EXPECT_TRUE(keys.remove(id("KEY0000001")));
  EXPECT_FALSE(keys.remove(id("KEY0000001")));
  EXPECT_NE(keys.version(), version);
  EXPECT_NE(before->find(id("KEY0000001")), nullptr);
  EXPECT_EQ(keys.table()->find(id("KEY0000001")), nullptr);
  keys.add(team_key("KEY0000001"));
  keys.clear();
  EXPECT_TRUE(keys.table()->keys().empty());
}

TEST(TeamKeys, RefusesWhatAppleWouldNotMake) {
  TeamKeys keys;
  keys.add(team_key("KEY0000001"));
  EXPECT_EQ(refused(keys, team_key("KEY0000001", KeyEnvironment::Both, "TEAM000002")),
            "Key KEY0000001 is there already. Remove it first, or give it another id.");
  TeamKey key = team_key("KEY0000002");
  key.public_key.reset(EVP_EC_gen("P-384"));
  EXPECT_THAT(refused(keys, std::move(key)), HasSubstr("no public key on P-256"));
  key = team_key("KEY0000002");
  key.public_key.reset();
  EXPECT_THAT(refused(keys, std::move(key)), HasSubstr("no public key on P-256"));
  key = team_key("KEY0000002");
  key.topics = {"com.example.app"};
  EXPECT_THAT(refused(keys, std::move(key)), HasSubstr("is the team's and has topics"));
  key = topic_key("KEY0000002");
  key.topics.clear();
  EXPECT_THAT(refused(keys, std::move(key)), HasSubstr("has 0 topics"));
  key = topic_key("KEY0000002");
  key.topics.resize(401, "com.example.app");
  EXPECT_THAT(refused(keys, std::move(key)), HasSubstr("has 401 topics"));
  key = topic_key("KEY0000002");
  key.environment = KeyEnvironment::Both;
  EXPECT_THAT(refused(keys, std::move(key)), HasSubstr("both environments"));
  EXPECT_THAT(refused(keys, topic_key("KEY0000002", id("KEY0000001"))),
              HasSubstr("is to replace KEY0000001, which it cannot"));
  EXPECT_THAT(refused(keys, topic_key("KEY0000002", id("KEY0000009"))),
              HasSubstr("is to replace KEY0000009, which it cannot"));
}

TEST(TeamKeys, ATeamHasTwoKeysForEachEnvironment) {
  TeamKeys keys;
  int number = 0;
  const auto next_id = [&number] { return "KEY000000" + std::to_string(number++); };
  for (const auto environment :
       {KeyEnvironment::Both, KeyEnvironment::Production, KeyEnvironment::Development}) {
    keys.add(team_key(next_id(), environment));
    keys.add(team_key(next_id(), environment));
    EXPECT_THAT(refused(keys, team_key("KEY0000009", environment)),
                HasSubstr("its team has 2 of this scope and environment"));
  }
  keys.add(team_key("KEY0000009", KeyEnvironment::Both, "TEAM000002"));
  keys.add(topic_key("KEY0000008"));
}

TEST(TeamKeys, EnvironmentAndTopics) {
  const TeamKey both = team_key("KEY0000001");
  EXPECT_TRUE(both.serves(Environment::Production) && both.serves(Environment::Development));
  const TeamKey development = team_key("KEY0000002", KeyEnvironment::Development);
  EXPECT_FALSE(development.serves(Environment::Production));
  EXPECT_TRUE(development.serves(Environment::Development));
  EXPECT_TRUE(both.signs_for("com.example.other"));
  const TeamKey topics = topic_key("KEY0000003");
  EXPECT_TRUE(topics.signs_for("com.example.app"));
  EXPECT_FALSE(topics.signs_for("com.example.app.voip"));
}

TEST(TeamKeys, WhichMayShareAConnection) {
  const TeamKey team_1 = team_key("KEY0000001");
  const TeamKey team_2 = team_key("KEY0000002", KeyEnvironment::Production);
  const TeamKey topics_1 = topic_key("KEY0000003");
  const TeamKey topics_2 = topic_key("KEY0000004", id("KEY0000003"));
  const TeamKey topics_3 = topic_key("KEY0000005");
  EXPECT_TRUE(are_related(&team_1, &team_2));
  EXPECT_TRUE(are_related(&team_1, nullptr));
  EXPECT_TRUE(are_related(nullptr, nullptr));
  EXPECT_FALSE(are_related(&team_1, &topics_1));
  EXPECT_FALSE(are_related(&topics_1, &team_1));
  EXPECT_FALSE(are_related(&topics_1, nullptr));
  EXPECT_TRUE(are_related(&topics_1, &topics_1));
  EXPECT_TRUE(are_related(&topics_1, &topics_2));
  EXPECT_TRUE(are_related(&topics_2, &topics_1));
  EXPECT_FALSE(are_related(&topics_1, &topics_3));
}

// ---- Teams ----

std::string refused(TeamKeys& keys, Team team) {
  try {
    keys.set_team(std::move(team));
  } catch (const WorldError& error) {
    return error.what();
  }
  return "";
}

TEST(TeamKeys, KnowsWhoseAnAppIs) {
  TeamKeys keys;
  keys.set_team(Team{.team_id = id("TEAM000002"), .apps = {"com.example.c", "com.example.a"}});
  keys.set_team(Team{.team_id = id("TEAM000001"), .apps = {"com.example.b"}});
  const auto table = keys.table();
  EXPECT_EQ(table->owner_of("com.example.a")->team_id, id("TEAM000002"));
  EXPECT_EQ(table->owner_of("com.example.b")->team_id, id("TEAM000001"));
  EXPECT_EQ(table->owner_of("com.example"), nullptr);
  EXPECT_TRUE(table->has_team(id("TEAM000002")));
  EXPECT_EQ(table->teams().size(), 2U);
  // What is set takes the place of what was.
  keys.set_team(Team{.team_id = id("TEAM000002"), .apps = {"com.example.d"}});
  EXPECT_EQ(keys.table()->owner_of("com.example.a"), nullptr);
  EXPECT_EQ(keys.table()->owner_of("com.example.d")->team_id, id("TEAM000002"));
  EXPECT_EQ(table->owner_of("com.example.a")->team_id, id("TEAM000002")) << "who looks keeps it";
}

TEST(TeamKeys, AnAppIsOfOneTeam) {
  TeamKeys keys;
  keys.set_team(Team{.team_id = id("TEAM000001"), .apps = {"com.example.a"}});
  EXPECT_EQ(refused(keys, Team{.team_id = id("TEAM000002"), .apps = {"com.example.a"}}),
            "Team TEAM000002 cannot have the app com.example.a. Take it from team TEAM000001 "
            "first.");
  EXPECT_THAT(refused(keys, Team{.team_id = id("TEAM000001"), .apps = {"a", "b", "a"}}),
              HasSubstr("has the app a twice"));
  EXPECT_THAT(refused(keys, Team{.team_id = id("TEAM000001"), .apps = {""}}),
              HasSubstr("without a bundle id"));
  EXPECT_THAT(
      refused(keys, Team{.team_id = id("TEAM000001"), .apps = std::vector<std::string>(1001, "a")}),
      HasSubstr("at most 1000"));
  EXPECT_EQ(keys.table()->owner_of("com.example.a")->team_id, id("TEAM000001"));
}

TEST(TeamKeys, ThereAreSoManyTeams) {
  TeamKeys keys;
  for (std::size_t i = 0; i < TeamKeys::kMaxTeams; ++i) {
    std::string text = std::to_string(i);
    text.insert(0, auth::TenCharacterId::kLen - text.size(), '0');
    keys.set_team(Team{.team_id = id(text)});
  }
  EXPECT_THAT(refused(keys, Team{.team_id = id("TEAM000001")}), HasSubstr("one too many"));
  EXPECT_EQ(refused(keys, Team{.team_id = id("0000000007")}), "");
}

TEST(TeamKeys, ATeamGoesWithItsKeysAndApps) {
  TeamKeys keys;
  keys.add(team_key("KEY0000001"));
  keys.add(team_key("KEY0000002", KeyEnvironment::Both, "TEAM000002"));
  keys.set_team(Team{.team_id = id("TEAM000001"), .apps = {"com.example.app"}});
  EXPECT_TRUE(keys.remove_team(id("TEAM000001")));
  EXPECT_FALSE(keys.remove_team(id("TEAM000001")));
  EXPECT_EQ(keys.table()->owner_of("com.example.app"), nullptr);
  EXPECT_EQ(keys.table()->keys().size(), 1U);
  EXPECT_TRUE(keys.table()->is_revoked(id("KEY0000001")));
  EXPECT_TRUE(keys.remove_team(id("TEAM000002"))) << "known by its key alone";
  keys.clear();
  EXPECT_FALSE(keys.table()->is_revoked(id("KEY0000001")));
}

TEST(TeamKeys, WhatWasRevokedIsRememberedUntilItIsAddedAgain) {
  TeamKeys keys;
  EXPECT_FALSE(keys.table()->is_revoked(id("KEY0000001")));
  keys.add(team_key("KEY0000001"));
  EXPECT_TRUE(keys.remove(id("KEY0000001")));
  EXPECT_TRUE(keys.table()->is_revoked(id("KEY0000001")));
  keys.add(team_key("KEY0000001"));
  EXPECT_FALSE(keys.table()->is_revoked(id("KEY0000001")));
}

TEST(TeamKeys, TheDefaultOneIsOfTheStateFolder) {
  const auto key = auth::read_private_key(golden::kP8);
  const TeamKey made = default_team_key(key->get());
  EXPECT_EQ(made.key_id, id("KEY0000001"));
  EXPECT_EQ(made.team_id, id("TEAM000001"));
  EXPECT_EQ(EVP_PKEY_eq(made.public_key.get(), key->get()), 1);
  EXPECT_THROW((void)certs::to_pem(made.public_key.get()), std::runtime_error)
      << "the world has no private keys";
}

}  // namespace
}  // namespace apns::mock
