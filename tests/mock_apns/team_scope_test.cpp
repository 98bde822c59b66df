// What a provider token's team and key may send to, through the engine.
#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "mock_apns/world/team_keys.h"
#include "tests/support/provider_api_by_hand.h"
#include "tests/support/provider_tokens.h"
#include "tests/support/push_rows.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::ProviderApiByHand;
using test::rejected;
using test::ten;
using test::TokenSource;

using enum Reason;

/// An open world, so that only teams and keys decide.
class TeamScope : public testing::Test {
 protected:
  TeamScope() : api(setup(keys)) {
    keys.add(one.team_key());
    keys.add(other.team_key());
  }

  static ProviderApiByHand::Setup setup(const TeamKeys& keys) {
    ProviderApiByHand::Setup setup;
    setup.options.team_keys = &keys;
    return setup;
  }

  std::string push(const TokenSource& by, std::string_view topic) {
    return api
        .push({{"authorization", "bearer " + by.at(kManualStart)},
               {"apns-topic", std::string(topic)}})
        .text();
  }

  /// On a connection of its own.
  std::string push_anew(const TokenSource& by, std::string_view topic) {
    api.open(nullptr);
    return push(by, topic);
  }

  [[nodiscard]] Why why() const { return *api.events().back().why; }

  TokenSource one{"KEY0000001", "TEAM000001"};
  TokenSource other{"KEY0000002", "TEAM000002"};
  TokenSource unknown{"KEY0000003", "TEAM000003"};
  TeamKeys keys;
  ProviderApiByHand api;
};

TEST_F(TeamScope, OfTeamsThatNobodyRegisteredNothingIsKnown) {
  EXPECT_EQ(push_anew(one, "com.example.app"), "200");
  EXPECT_EQ(push_anew(other, "com.example.app"), "200");
}

TEST_F(TeamScope, ATeamSendsToWhatIsItsOwn) {
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.app"}});
  EXPECT_EQ(push_anew(one, "com.example.app"), "200");
  EXPECT_EQ(push(one, "com.example.app.voip"), "200");
  EXPECT_EQ(push(one, "com.example.app.push-type.liveactivity"), "200");
  EXPECT_EQ(push(one, "com.example.stray"), rejected(TopicDisallowed));
  EXPECT_EQ(why().rule, "http2/topic-of-this-team");
  EXPECT_EQ(why().found,
            "the topic com.example.stray with a provider token of team TEAM000001, which does not "
            "have it");
  EXPECT_EQ(push(one, "com.example.app"), "200");
}

TEST_F(TeamScope, NobodyElseSendsToIt) {
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.app"}});
  EXPECT_EQ(push_anew(other, "com.example.app"), rejected(TopicDisallowed));
  EXPECT_EQ(why().fix, "use a provider token of team TEAM000001");
  EXPECT_EQ(push(other, "com.example.app.voip"), rejected(TopicDisallowed));
  EXPECT_EQ(push(other, "com.example.stray"), "200");
  // Who is taken on trust is held to it, too.
  EXPECT_EQ(push_anew(unknown, "com.example.app"), rejected(TopicDisallowed));
  EXPECT_EQ(push_anew(unknown, "com.example.stray"), "200");
}

TEST_F(TeamScope, ABundleIdMayEndAsASuffixDoes) {
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.voip"}});
  EXPECT_EQ(push_anew(one, "com.example.voip"), "200");
  EXPECT_EQ(push_anew(other, "com.example.voip"), rejected(TopicDisallowed));
}

/// Documented: what a team has is fixed with the first push of a connection.
TEST_F(TeamScope, AnAppThatIsAddedCountsForNewConnections) {
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.app"}});
  EXPECT_EQ(push_anew(one, "com.example.app"), "200");
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.app", "com.example.new"}});
  EXPECT_EQ(push(one, "com.example.new"), rejected(TopicDisallowed));
  EXPECT_EQ(push_anew(one, "com.example.new"), "200");
}

TEST_F(TeamScope, AnAppThatIsTransferredCountsForNewConnections) {
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.app", "com.example.b"}});
  EXPECT_EQ(push_anew(one, "com.example.b"), "200");
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.app"}});
  keys.set_team(Team{.team_id = ten("TEAM000002"), .apps = {"com.example.b"}});
  EXPECT_EQ(push(one, "com.example.b"), "200");
  EXPECT_EQ(push_anew(one, "com.example.b"), rejected(TopicDisallowed));
  EXPECT_EQ(push_anew(other, "com.example.b"), "200");
}

/// Whoever resets a connection lets it begin anew.
TEST_F(TeamScope, AResetForgetsWhatItBeganWith) {
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.app"}});
  EXPECT_EQ(push_anew(one, "com.example.app"), "200");
  keys.set_team(Team{.team_id = ten("TEAM000001"), .apps = {"com.example.new"}});
  api.api().reset_connections(0, false, api.clock().io_now());
  EXPECT_EQ(push(one, "com.example.new"), "200");
}

TEST_F(TeamScope, AKeyForTopicsSendsToThoseAlone) {
  TeamKey key = unknown.team_key();
  key.scope = KeyScope::Topics;
  key.environment = KeyEnvironment::Production;
  key.topics = {"com.example.app", "com.example.app.voip"};
  keys.add(std::move(key));
  EXPECT_EQ(push_anew(unknown, "com.example.app"), "200");
  EXPECT_EQ(push(unknown, "com.example.app.voip"), "200");
  EXPECT_EQ(push(unknown, "com.example.app.complication"), rejected(TopicDisallowed));
  EXPECT_EQ(why().rule, "http2/topic-of-this-key");
}

/// A certificate says itself what it is for.
TEST_F(TeamScope, CertificatesAreOfNoTeam) {
  keys.set_team(Team{.team_id = ten("TEAM000002"), .apps = {"com.example.app"}});
  api.open();
  EXPECT_EQ(api.push({}).text(), "200");
}

/// What is not known is taken on trust by an open world, but not what was revoked.
TEST_F(TeamScope, ARevokedKeyIsNotTakenOnTrust) {
  EXPECT_EQ(push_anew(one, "com.example.app"), "200");
  EXPECT_TRUE(keys.remove(ten("KEY0000001")));
  EXPECT_EQ(push(one, "com.example.app"), rejected(InvalidProviderToken));
  EXPECT_EQ(why().found, "key KEY0000001, which was revoked");
  EXPECT_TRUE(keys.remove_team(ten("TEAM000002")));
  EXPECT_EQ(push_anew(other, "com.example.app"), rejected(InvalidProviderToken));
  keys.add(one.team_key());
  EXPECT_EQ(push_anew(one, "com.example.app"), "200");
}

}  // namespace
}  // namespace apns::mock
