#include "mock_apns/provider_token_check.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden/provider_token_golden.h"
#include "tests/mock_apns/provider_token_fixture.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using enum TokenOutcome;
using test::TokenSource;
using testing::HasSubstr;

using ProviderTokenCheckTest = ProviderTokenFixture;

class OpenProviderTokenCheckTest : public ProviderTokenFixture {
 protected:
  OpenProviderTokenCheckTest() : ProviderTokenFixture(true) {}
};

TEST_F(ProviderTokenCheckTest, TakesTheGoldenOnes) {
  for (const std::string_view token :
       {golden::kProviderToken, golden::kFloatToken, golden::kTextToken}) {
    ProviderTokenCheck fresh_connection;
    EXPECT_EQ(send(token, fresh_connection), Accepted) << why.found;
    EXPECT_EQ(fresh_connection.team(), test::ten("TEAM000001"));
    EXPECT_EQ(fresh_connection.key()->key_id, test::ten("KEY0000001"));
  }
}

TEST_F(ProviderTokenCheckTest, TheSchemeIsTakenInAnyCase) {
  const std::string token = fresh();
  for (const std::string before : {"bearer ", "Bearer ", "BEARER ", "bearer   "}) {
    EXPECT_EQ(show(before + token, connection), Accepted) << before;
  }
}

TEST_F(ProviderTokenCheckTest, WithoutOneItIsMissing) {
  EXPECT_EQ(show("", connection), Missing);
  EXPECT_EQ(why.rule, "http2/provider-token-is-there");
  EXPECT_THAT(why.found, HasSubstr("neither"));
  for (const std::string& other :
       {std::string("bearer"), std::string("bearer "), std::string("Basic YTpi"), fresh(),
        "bearer\t" + fresh(), "bearer:" + fresh()}) {
    EXPECT_EQ(show(other, connection), Missing) << other;
    EXPECT_THAT(why.found, HasSubstr("is not \"bearer\""));
  }
  EXPECT_EQ(send(fresh()), Accepted) << "none of them was counted";
}

TEST_F(ProviderTokenCheckTest, WhatIsWrongWithOne) {
  const TokenSource other_team("KEY0000001", "TEAM000002");
  const TokenSource other_key("KEY0000002", "TEAM000001");

  const struct {
    const char* name;
    std::string token;
    TokenOutcome outcome;
    std::string_view found;
  } cases[] = {
      {"not one", "secret", Malformed, "three parts"},
      {"cut off", fresh().substr(0, 80), Malformed, "three parts"},
      {"none", std::string(golden::kNoneToken), Malformed, "not signed"},
      {"HS256", std::string(golden::kHs256Token), Malformed, "a secret"},
      {"ES384", std::string(golden::kEs384Token), Malformed, "not ES256"},
      {"P-384", std::string(golden::kP384Token), Malformed, "not 64 bytes"},
      {"DER", std::string(golden::kDerToken), Malformed, "is DER"},
      {"unknown key", other_key.at(base.now()), KeyUnknown, "KEY0000002 of team TEAM000001"},
      {"swapped", std::string(golden::kSwappedToken), KeyUnknown, "in each other's place"},
      {"other team", other_team.at(base.now()), TeamMismatch, "but it is of team TEAM000001"},
      {"wrong key", std::string(golden::kWrongKeyToken), BadSignature, "not by key KEY0000001"},
      {"stale", source.at(base.now() - 61min), TooOld, "61 minutes ago"},
      {"future", source.at(base.now() + 61min), TooFarAhead, "61 minutes from now"},
  };

  for (const auto& row : cases) {
    ProviderTokenCheck fresh_connection;
    EXPECT_EQ(send(row.token, fresh_connection), row.outcome) << row.name;
    EXPECT_THAT(why.found, HasSubstr(row.found)) << row.name;
    EXPECT_EQ(why.rule, rule_of(row.outcome));
    EXPECT_FALSE(why.fix.empty()) << row.name;
    EXPECT_THAT(why.found + why.fix, testing::Not(HasSubstr(row.token))) << "it is a secret";
  }
}

TEST_F(ProviderTokenCheckTest, AnHourIsNotTooOldAndASecondMoreIs) {
  const std::string token = fresh();
  EXPECT_EQ(send(token), Accepted);
  pass(1h);
  EXPECT_EQ(send(token), Accepted);
  pass(1us);
  EXPECT_EQ(send(token), TooOld);
}

TEST_F(ProviderTokenCheckTest, AnHourAheadIsNotTooFar) {
  ProviderTokenCheck other;
  EXPECT_EQ(send(source.at(base.now() + 3600s)), Accepted);
  const std::string token = source.at(base.now() + 3601s);
  EXPECT_EQ(send(token, other), TooFarAhead);
  pass(1s);
  EXPECT_EQ(send(token, other), Accepted) << "and its time comes";
}

TEST_F(ProviderTokenCheckTest, OneThatIsTooOldEndsTheConnection) {
  EXPECT_EQ(send(source.at(base.now() - 61min)), TooOld);
  EXPECT_EQ(send(fresh()), ConnectionExpired);
  EXPECT_EQ(why.rule, "http2/expired-provider-token-ends-the-connection");
  EXPECT_EQ(show("", connection), ConnectionExpired);
  pass(20min);
  EXPECT_EQ(send(fresh()), ConnectionExpired);
  ProviderTokenCheck other;
  EXPECT_EQ(send(fresh(), other), Accepted);
  connection.reset();
  EXPECT_EQ(send(fresh()), Accepted);
}

TEST_F(ProviderTokenCheckTest, UnlessToldOtherwise) {
  profile.provider_token.expired_ends_connection = false;
  const std::string token = fresh();
  EXPECT_EQ(send(token), Accepted);
  pass(61min);
  EXPECT_EQ(send(token), TooOld);
  EXPECT_EQ(send(fresh()), Accepted);
}

TEST_F(ProviderTokenCheckTest, AnotherOneTooSoonIsRefusedUntilTwentyMinutesAreOver) {
  const std::string first = fresh();
  EXPECT_EQ(send(first), Accepted);
  pass(5min);
  EXPECT_EQ(send(fresh()), TooManyUpdates);
  EXPECT_EQ(why.found, "another provider token before 20 minutes were over; 15 minutes are left");
  EXPECT_EQ(send(first), Accepted) << "the one before is good";
  pass(14min);
  EXPECT_EQ(send(fresh()), TooManyUpdates);
  EXPECT_THAT(why.found, HasSubstr("60 seconds are left"));
  pass(1min);
  EXPECT_EQ(send(fresh()), Accepted);
}

TEST_F(ProviderTokenCheckTest, TheOneBeforeIsRefusedTooWhereTold) {
  profile.provider_token.update_limit_blocks_all = true;
  const std::string first = fresh();
  EXPECT_EQ(send(first), Accepted);
  pass(1s);
  EXPECT_EQ(send(first), Accepted);
  EXPECT_EQ(send(fresh()), TooManyUpdates);
  EXPECT_EQ(send(first), TooManyUpdates);
  pass(20min);
  EXPECT_EQ(send(first), Accepted);
}

TEST_F(ProviderTokenCheckTest, UpdatesAreLookedAtBeforeSignatures) {
  EXPECT_EQ(send(golden::kWrongKeyToken), BadSignature);
  const std::uint64_t num_verified = verifier.num_verified();
  const TokenSource wrong("KEY0000001", "TEAM000001");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(send(wrong.at(base.now() - std::chrono::seconds(i))), TooManyUpdates);
    EXPECT_EQ(send(golden::kWrongKeyToken), BadSignature) << "the same one is no update";
  }
  EXPECT_EQ(verifier.num_verified(), num_verified);
  EXPECT_EQ(send(fresh()), TooManyUpdates) << "bad ones count";
}

TEST_F(ProviderTokenCheckTest, ABadOneIsVerifiedOnceForAllConnections) {
  for (int i = 0; i < 10; ++i) {
    ProviderTokenCheck other;
    EXPECT_EQ(send(golden::kWrongKeyToken, other), BadSignature);
  }
  EXPECT_EQ(verifier.num_verified(), 1U);
}

TEST_F(ProviderTokenCheckTest, AGoodOneIsVerifiedOnceForAllConnections) {
  const std::string token = fresh();
  for (int i = 0; i < 10; ++i) {
    ProviderTokenCheck other;
    EXPECT_EQ(send(token, other), Accepted);
    EXPECT_EQ(send(token, other), Accepted);
  }
  EXPECT_EQ(verifier.num_verified(), 1U);
}

TEST_F(ProviderTokenCheckTest, ManyTokensAtATimeAreGoodOnManyConnections) {
  std::vector<ProviderTokenCheck> connections(50);
  for (ProviderTokenCheck& other : connections) {
    pass(1s);
    EXPECT_EQ(send(fresh(), other), Accepted);
  }
}

TEST_F(ProviderTokenCheckTest, AConnectionHasOneTeam) {
  const TokenSource other("KEY0000002", "TEAM000002");
  keys.add(other.team_key());
  EXPECT_EQ(send(fresh()), Accepted);
  pass(20min);
  EXPECT_EQ(send(other.at(base.now())), OtherTeam);
  EXPECT_THAT(why.found,
              HasSubstr("team TEAM000002 on a connection that began with team TEAM000001"));
  ProviderTokenCheck another;
  EXPECT_EQ(send(other.at(base.now()), another), Accepted);
}

TEST_F(ProviderTokenCheckTest, ARefusedOneBindsNothing) {
  const TokenSource other("KEY0000002", "TEAM000002");
  keys.add(other.team_key());
  EXPECT_EQ(send(other.at(base.now() + 61min)), TooFarAhead);
  EXPECT_EQ(connection.team(), std::nullopt);
  pass(20min);
  EXPECT_EQ(send(fresh()), Accepted);
}

TEST_F(ProviderTokenCheckTest, KeysOnAConnectionAreRelated) {
  const TokenSource team_key("KEY0000002", "TEAM000001");
  keys.add(team_key.team_key());
  const TokenSource topics("KEY0000003", "TEAM000001");
  TeamKey for_topics = topics.team_key();
  for_topics.scope = KeyScope::Topics;
  for_topics.topics = {"com.example.app"};
  for_topics.environment = KeyEnvironment::Production;
  keys.add(std::move(for_topics));
  EXPECT_EQ(send(fresh()), Accepted);
  pass(20min);
  EXPECT_EQ(send(team_key.at(base.now())), Accepted);
  pass(20min);
  EXPECT_EQ(send(topics.at(base.now())), UnrelatedKey);
  EXPECT_THAT(why.found,
              HasSubstr("KEY0000003, one for topics, on a connection that began with one "
                        "of the team"));
  ProviderTokenCheck other;
  EXPECT_EQ(send(topics.at(base.now()), other), Accepted);
  EXPECT_TRUE(other.key()->signs_for("com.example.app"));
}

TEST_F(ProviderTokenCheckTest, AKeyIsOfItsEnvironment) {
  const TokenSource development("KEY0000002", "TEAM000001");
  TeamKey key = development.team_key();
  key.environment = KeyEnvironment::Development;
  keys.add(std::move(key));
  EXPECT_EQ(send(development.at(base.now())), OtherEnvironment);
  EXPECT_THAT(why.found, HasSubstr("which is for the development environment"));
  EXPECT_EQ(reason_of(OtherEnvironment, profile), Reason::BadEnvironmentKeyInToken);
  profile.key_of_other_environment = Reason::BadEnvironmentKeyIdInToken;
  EXPECT_EQ(reason_of(OtherEnvironment, profile), Reason::BadEnvironmentKeyIdInToken);
  environment = Environment::Development;
  ProviderTokenCheck other;
  EXPECT_EQ(send(development.at(base.now()), other), Accepted);
}

TEST_F(ProviderTokenCheckTest, AKeyThatIsTakenAwayIsMissedAtOnce) {
  const std::string token = fresh();
  EXPECT_EQ(send(token), Accepted);
  EXPECT_TRUE(keys.remove(test::ten("KEY0000001")));
  EXPECT_EQ(send(token), KeyUnknown);
  keys.add(source.team_key());
  EXPECT_EQ(send(token), Accepted);
}

TEST_F(ProviderTokenCheckTest, AnotherProfileHoldsAtOnce) {
  EXPECT_EQ(send(golden::kTextToken), Accepted);
  Http2Profile pedantic;
  pedantic.provider_token.text_issued_at = false;
  const TokenContext other{.policy = pedantic.provider_token,
                           .environment = environment,
                           .verifier = verifier,
                           .memory = memory};
  const std::string field = "bearer " + std::string(golden::kTextToken);
  EXPECT_EQ(connection.check(field, time(), other).outcome, Malformed);
  EXPECT_EQ(connection.check(field, time(), context()).outcome, Accepted);
}

TEST_F(ProviderTokenCheckTest, DerIsTakenWhereTold) {
  profile.provider_token.der_signature = true;
  EXPECT_EQ(send(golden::kDerToken), Accepted);
}

// ---- The world's clock is moved ----

TEST_F(ProviderTokenCheckTest, AdvancingTheClockAgesWhatWasThereOnly) {
  const std::string before = fresh();
  EXPECT_EQ(send(before), Accepted);
  clock.advance(61min);
  EXPECT_EQ(send(before), TooOld);
  // A provider makes its next one by its own clock, which knows nothing of it.
  pass(1s);
  ProviderTokenCheck other;
  EXPECT_EQ(send(fresh(), other), Accepted);
  EXPECT_EQ(send(fresh(), other), Accepted);
  ProviderTokenCheck third;
  EXPECT_EQ(send(before, third), TooOld) << "on any connection";
  clock.advance(59min);
  EXPECT_EQ(send(fresh(), other), Accepted);
  clock.advance(2min);
  EXPECT_EQ(send(fresh(), other), TooOld);
}

TEST_F(ProviderTokenCheckTest, WhatWasOnlyLookedAtWasNotSeen) {
  const std::string token = fresh();
  (void)connection.check("bearer " + token, time(), context());
  clock.advance(61min);
  EXPECT_EQ(send(token), Accepted);
}

TEST_F(ProviderTokenCheckTest, OtherThreadsRememberTheFirstSight) {
  const std::string token = fresh();
  EXPECT_EQ(send(token), Accepted);
  clock.advance(61min);
  ProviderTokenVerifier other_thread(keys, false);
  const TokenContext other{.policy = profile.provider_token,
                           .environment = environment,
                           .verifier = other_thread,
                           .memory = memory};
  ProviderTokenCheck there;
  EXPECT_EQ(there.check("bearer " + token, time(), other).outcome, TooOld);
}

TEST_F(ProviderTokenCheckTest, AFrozenClockAgesNothing) {
  const std::string token = fresh();
  clock.freeze();
  EXPECT_EQ(send(token), Accepted);
  pass(10h);
  EXPECT_EQ(send(token), Accepted);
  ProviderTokenCheck other;
  EXPECT_EQ(send(fresh(), other), Accepted) << "its maker's clock went on";
}

TEST_F(ProviderTokenCheckTest, SettingTheClockBackMakesNoTokenWrong) {
  const std::string token = fresh();
  EXPECT_EQ(send(token), Accepted);
  clock.freeze_at(std::chrono::sys_days{std::chrono::year{2013} / 5 / 6});
  EXPECT_EQ(send(token), Accepted);
  pass(1s);
  ProviderTokenCheck other;
  EXPECT_EQ(send(fresh(), other), Accepted);
}

TEST_F(ProviderTokenCheckTest, TwentyMinutesAreTheWorlds) {
  EXPECT_EQ(send(fresh()), Accepted);
  pass(1s);
  EXPECT_EQ(send(fresh()), TooManyUpdates);
  clock.advance(20min);
  EXPECT_EQ(send(fresh()), Accepted);
}

// ---- Whose updates are counted, and what an update is ----

TEST_F(ProviderTokenCheckTest, UpdatesOfATeamWhereTold) {
  profile.provider_token.accounting = ProviderTokenPolicy::Accounting::Team;
  const TokenSource second_key("KEY0000002", "TEAM000001");
  const TokenSource other_team("KEY0000003", "TEAM000002");
  keys.add(second_key.team_key());
  keys.add(other_team.team_key());
  ProviderTokenCheck b;
  ProviderTokenCheck c;
  const std::string token = fresh();
  EXPECT_EQ(send(token), Accepted);
  EXPECT_EQ(send(token, b), Accepted);
  EXPECT_EQ(send(second_key.at(base.now()), c), TooManyUpdates) << "two keys of a team";
  EXPECT_THAT(why.found, HasSubstr("20 minutes are left"));
  EXPECT_EQ(send(other_team.at(base.now()), c), Accepted);
  pass(20min);
  EXPECT_EQ(send(fresh(), b), Accepted);
  EXPECT_EQ(send(token), Accepted) << "one that was there before";
}

TEST_F(ProviderTokenCheckTest, UpdatesOfATeamCanBlockAll) {
  profile.provider_token.accounting = ProviderTokenPolicy::Accounting::Team;
  profile.provider_token.update_limit_blocks_all = true;
  ProviderTokenCheck other;
  const std::string token = fresh();
  EXPECT_EQ(send(token), Accepted);
  pass(1s);
  EXPECT_EQ(send(fresh(), other), TooManyUpdates);
  EXPECT_EQ(send(token), TooManyUpdates);
}

TEST_F(ProviderTokenCheckTest, TheSameClaimsAreNoUpdateWhereTold) {
  profile.provider_token.distinct = ProviderTokenPolicy::Distinct::Claims;
  EXPECT_EQ(send(golden::kProviderToken), Accepted);
  EXPECT_EQ(send(source.at(base.now())), Accepted) << "signed anew";
  EXPECT_EQ(send(golden::kFloatToken), Accepted);
  EXPECT_EQ(send(source.at(base.now() + 1s)), TooManyUpdates);
}

// ---- Open worlds ----

TEST_F(OpenProviderTokenCheckTest, UnknownKeysAndTeamsAreTakenOnTrust) {
  const TokenSource unknown("KEY0000009", "TEAM000009");
  EXPECT_EQ(send(unknown.at(base.now())), Accepted);
  EXPECT_EQ(connection.team(), test::ten("TEAM000009"));
  EXPECT_EQ(connection.key(), nullptr);
  pass(20min);
  EXPECT_EQ(send(TokenSource("KEY0000008", "TEAM000009").at(base.now())), Accepted);
  pass(20min);
  EXPECT_EQ(send(fresh()), OtherTeam) << "all other rules hold";
}

TEST_F(OpenProviderTokenCheckTest, WhatIsKnownIsVerified) {
  ProviderTokenCheck b;
  ProviderTokenCheck c;
  EXPECT_EQ(send(golden::kWrongKeyToken), BadSignature);
  EXPECT_EQ(send(TokenSource("KEY0000001", "TEAM000009").at(base.now()), b), TeamMismatch);
  EXPECT_EQ(send(TokenSource("KEY0000009", "TEAM000001").at(base.now() - 61min), c), TooOld);
}

// ---- The table ----

TEST(ProviderTokenRules, EachOutcomeHasARuleAndAReason) {
  std::set<std::string_view> all;
  for (const TokenRule& row : token_rules()) {
    EXPECT_TRUE(all.insert(row.rule).second) << row.rule;
    EXPECT_TRUE(row.rule.starts_with("http2/")) << row.rule;
    EXPECT_EQ(rule_of(row.outcome), row.rule);
    EXPECT_EQ(reason_of(row.outcome, Http2Profile()), row.reason);
    EXPECT_FALSE(row.source.empty());
  }
  EXPECT_EQ(all.size(), 12U);
  EXPECT_EQ(reason_of(Accepted, Http2Profile()), std::nullopt);
  EXPECT_EQ(rule_of(Accepted), "");
}

TEST(ProviderTokenRules, TheDocumentHasThemInTheirOrder) {
  std::ifstream in(std::string(APNSLAB_SOURCE_DIR) + "/docs/wire/provider_token.md");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::size_t at = 0;
  int number = 0;
  for (const TokenRule& row : token_rules()) {
    const std::string begin =
        "| " + std::to_string(++number) + " | `" + std::string(row.rule) + "` |";
    const std::size_t found = text.find(begin, at);
    ASSERT_NE(found, std::string::npos) << begin;
    at = found;
    EXPECT_THAT(text.substr(at, text.find('\n', at) - at),
                HasSubstr(std::string(row_of(row.reason).name)));
  }
}

}  // namespace
}  // namespace apns::mock
