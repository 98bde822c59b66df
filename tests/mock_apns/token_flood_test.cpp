// What a flood of bad provider tokens costs: how many signatures are verified is bounded.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "mock_apns/provider_token_verifier.h"
#include "mock_apns/world/team_keys.h"
#include "tests/support/provider_api_by_hand.h"
#include "tests/support/push_rows.h"
#include "tests/support/token_forge.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::ProviderApiByHand;
using test::rejected;
using test::TokenForge;

using enum Reason;

constexpr unsigned kFlood = 10'000;

/// Looks good until its signature is verified; each number another one.
std::string bad_token(unsigned number) {
  Bytes signature(64, std::byte{0x11});
  for (unsigned i = 0; i < 4; ++i) {
    signature[i] = static_cast<std::byte>(number >> (8U * i));
  }
  return TokenForge::join(TokenForge::kHeader, TokenForge::kClaims, signature);
}

class TokenFlood : public testing::Test {
 protected:
  /// Without a ledger, as for load.
  explicit TokenFlood(Profile its = default_profile()) : profile(its) {
    ProviderApiByHand::Setup setup;
    setup.options.team_keys = &test::usual_team_keys();
    setup.options.profile = &profile;
    setup.world.open = false;
    setup.with_ledger = false;
    api.emplace(std::move(setup));
    api->open(nullptr);
  }

  std::string show(const std::string& token) {
    return api->push({{"authorization", "bearer " + token}}).text();
  }

  [[nodiscard]] std::uint64_t verified() { return api->api().counters().signatures; }

  [[nodiscard]] std::uint64_t refused_with(Reason reason) {
    return api->api().counters().rejected_with.at(static_cast<std::size_t>(reason));
  }

  Profile profile;
  std::optional<ProviderApiByHand> api;
};

TEST_F(TokenFlood, OnOneConnectionOneSignatureIsVerified) {
  const auto begin = std::chrono::steady_clock::now();
  for (unsigned i = 0; i < kFlood; ++i) {
    EXPECT_EQ(show(bad_token(i)),
              rejected(i == 0 ? InvalidProviderToken : TooManyProviderTokenUpdates));
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  RecordProperty("tokens", kFlood);
  RecordProperty("verified", static_cast<int>(verified()));
  RecordProperty("us_each", std::to_string(took.count() / kFlood));
  EXPECT_EQ(verified(), 1U);
  EXPECT_EQ(refused_with(InvalidProviderToken), 1U);
  EXPECT_EQ(refused_with(TooManyProviderTokenUpdates), kFlood - 1);
}

TEST_F(TokenFlood, OneMoreForEachInterval) {
  constexpr unsigned kIntervals = 10;
  for (unsigned i = 0; i < kIntervals; ++i) {
    for (unsigned k = 0; k < 100; ++k) {
      (void)show(bad_token(100 * i + k));
    }
    api->advance(20min);
  }
  EXPECT_EQ(verified(), kIntervals);
}

/// A good one that was there before the flood stays good.
TEST_F(TokenFlood, TheGoodOneIsNotSweptAway) {
  EXPECT_EQ(show(test::usual_provider_token()), rejected(BadDeviceToken));
  for (unsigned i = 0; i < 1000; ++i) {
    EXPECT_EQ(show(bad_token(i)), rejected(TooManyProviderTokenUpdates));
  }
  EXPECT_EQ(show(test::usual_provider_token()), rejected(BadDeviceToken));
  EXPECT_EQ(verified(), 1U);
}

/// What a bad token costs is verified once, however many connections bring it.
TEST_F(TokenFlood, TheSameOneOnManyConnectionsIsVerifiedOnce) {
  for (unsigned i = 0; i < 1000; ++i) {
    api->open(nullptr);
    EXPECT_EQ(show(bad_token(7)), rejected(InvalidProviderToken));
  }
  EXPECT_EQ(verified(), 1U);
}

/// A connection for each bad token costs its verification, and a handshake, which is dearer.
TEST_F(TokenFlood, OnAConnectionEachOneIsVerified) {
  constexpr unsigned kConnections = 2 * ProviderTokenVerifier::kNumKept;
  for (unsigned i = 0; i < kConnections; ++i) {
    api->open(nullptr);
    EXPECT_EQ(show(bad_token(i)), rejected(InvalidProviderToken));
  }
  EXPECT_EQ(verified(), kConnections);
}

/// What can be refused without its key is not verified.
TEST_F(TokenFlood, WhatIsNoTokenOrOfNoKnownKeyIsNotVerified) {
  const std::string other_key =
      TokenForge::join(R"({"alg":"ES256","kid":"KEY0000002"})", TokenForge::kClaims, Bytes(64));
  const std::string other_team =
      TokenForge::join(TokenForge::kHeader, R"({"iss":"TEAM000002","iat":1735689600})", Bytes(64));
  for (const std::string& token :
       {std::string("secret"), std::string(60'000, 'a'), std::string(golden::kNoneToken),
        std::string(golden::kHs256Token), std::string(golden::kDerToken), other_key, other_team}) {
    api->open(nullptr);
    EXPECT_EQ(show(token), rejected(InvalidProviderToken));
  }
  EXPECT_EQ(verified(), 0U);
}

Profile with_free_tokens() {
  Profile profile = default_profile();
  profile.http2.provider_token.free_invalid = 5;
  profile.http2.provider_token.free_updates = 3;
  return profile;
}

class LenientTokenFlood : public TokenFlood {
 protected:
  LenientTokenFlood() : TokenFlood(with_free_tokens()) {}
};

/// Where bad tokens and updates are free up to a number, so many more.
TEST_F(LenientTokenFlood, IsBoundedByWhatIsFree) {
  for (unsigned i = 0; i < kFlood; ++i) {
    (void)show(bad_token(i));
  }
  EXPECT_EQ(verified(), 5U + 1 + 3);
}

Profile by_team() {
  Profile profile = default_profile();
  profile.http2.provider_token.accounting = ProviderTokenPolicy::Accounting::Team;
  return profile;
}

class TokenFloodOfATeam : public TokenFlood {
 protected:
  TokenFloodOfATeam() : TokenFlood(by_team()) {}
};

/// Where a team's updates count together, new connections do not help the flood.
TEST_F(TokenFloodOfATeam, IsBoundedOverAllConnections) {
  for (unsigned i = 0; i < 1000; ++i) {
    api->open(nullptr);
    EXPECT_EQ(show(bad_token(i)),
              rejected(i == 0 ? InvalidProviderToken : TooManyProviderTokenUpdates));
  }
  EXPECT_EQ(verified(), 1U);
}

}  // namespace
}  // namespace apns::mock
