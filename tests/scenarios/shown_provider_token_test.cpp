#include "scenarios/runner/shown_provider_token.h"

#include <string>

#include <gtest/gtest.h>

#include "apns/model/http2_profile.h"
#include "mock_apns/provider_token_check.h"
#include "scenarios/runner/signing_keys.h"

namespace apns::scenarios {
namespace {

using mock::TokenOutcome;
using std::chrono::minutes;

/// What a strict service makes of the first token that a source gives, and of the one `later`.
struct Case {
  const char* name;
  TokenOutcome first;
  minutes later{0};
  TokenOutcome then = TokenOutcome::Accepted;

  friend void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }
};

class ShownTokens : public testing::TestWithParam<Case> {};

TEST_P(ShownTokens, DrawWhatTheyAreNamedFor) {
  ManualClock clock;
  const auto source = make_shown_source(GetParam().name, clock);
  mock::TeamKeys keys;
  add_signing_keys(keys);
  mock::ProviderTokenVerifier verifier(keys, false);
  mock::ProviderTokenMemory memory;
  const ProviderTokenPolicy policy;
  const mock::TokenContext context{policy, Environment::Production, verifier, memory};
  mock::ProviderTokenCheck check;
  const auto judge = [&] {
    const mock::TokenTime time = mock::TokenTime::of(clock);
    const mock::TokenVerdict verdict =
        check.check(source->authorization(clock.io_now()), time, context);
    check.commit(verdict, time, context);
    return verdict.outcome;
  };
  EXPECT_EQ(judge(), GetParam().first);
  clock.advance_to(clock.io_now() + GetParam().later);
  EXPECT_EQ(judge(), GetParam().later == minutes(0) && GetParam().then == TokenOutcome::Accepted
                         ? GetParam().first
                         : GetParam().then);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ShownTokens,
    testing::Values(
        Case{"none", TokenOutcome::Missing}, Case{"not-a-token", TokenOutcome::Malformed},
        Case{"unsigned", TokenOutcome::Malformed}, Case{"unknown-key", TokenOutcome::KeyUnknown},
        Case{"key-of-another-team", TokenOutcome::TeamMismatch},
        Case{"signed-by-another-key", TokenOutcome::BadSignature},
        Case{"der-signature", TokenOutcome::Malformed}, Case{"text-iat", TokenOutcome::Accepted},
        Case{"capital-scheme", TokenOutcome::Accepted},
        Case{"too-old", TokenOutcome::TooOld, minutes(0), TokenOutcome::ConnectionExpired},
        Case{"too-far-ahead", TokenOutcome::TooFarAhead},
        Case{"kept-for-ever", TokenOutcome::Accepted, minutes(61), TokenOutcome::TooOld},
        Case{"one-per-request", TokenOutcome::Accepted, minutes(0), TokenOutcome::TooManyUpdates},
        Case{"development-key", TokenOutcome::OtherEnvironment},
        Case{"key-of-other-topics", TokenOutcome::Accepted},
        Case{"of-the-other-team", TokenOutcome::Accepted},
        Case{"second-team-later", TokenOutcome::Accepted, minutes(30), TokenOutcome::OtherTeam},
        Case{"unrelated-key-later", TokenOutcome::Accepted, minutes(30),
             TokenOutcome::UnrelatedKey}),
    [](const testing::TestParamInfo<Case>& row) {
      std::string name = row.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(ShownTokens, AreAllInTheTableAbove) {
  EXPECT_EQ(shown_provider_tokens().size(), 18U);
  EXPECT_EQ(shown_provider_token_names().size(), 18U);
}

TEST(SigningKeys, AreTheSameEachTime) {
  const auto one = make_signer(kTeamKey)->sign("text");
  const auto other = make_signer(kTeamKey)->sign("text");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(*one, *other);
  EXPECT_NE(*one, *make_signer(kUnknownKey)->sign("text"));
}

}  // namespace
}  // namespace apns::scenarios
