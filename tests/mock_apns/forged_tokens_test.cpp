// Provider tokens that are forged or spoiled, through the whole engine: each is refused with its
// reason, and the ledger says what is wrong with it without showing it.
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mock_apns/world/team_keys.h"
#include "tests/support/provider_api_by_hand.h"
#include "tests/support/provider_tokens.h"
#include "tests/support/push_rows.h"
#include "tests/support/token_forge.h"

namespace apns::mock {
namespace {

using namespace std::chrono_literals;
using test::ProviderApiByHand;
using test::rejected;
using test::TokenForge;
using test::TokenSource;
using testing::HasSubstr;
using testing::Not;

using enum Reason;

const std::string kDevice(64, 'a');

/// A strict service that knows KEY0000001 of TEAM000001, KEY0000009 of TEAM000009, and for the
/// development environment KEY0000005 of TEAM000001; and one provider without a certificate.
struct Scene {
  Scene() {
    keys.add(TokenSource().team_key());
    keys.add(other_team.team_key());
    TeamKey key = development.team_key();
    key.environment = KeyEnvironment::Development;
    keys.add(std::move(key));
    ProviderApiByHand::Setup setup;
    setup.options.team_keys = &keys;
    setup.world.open = false;
    api.emplace(std::move(setup));
    api->world().register_token(DeviceToken::parse(kDevice)->bytes(), ProviderApiByHand::kApp,
                                Environment::Production);
    api->open(nullptr);
  }

  [[nodiscard]] std::string show(std::string_view token) {
    return api
        ->push(
            {{":path", "/3/device/" + kDevice}, {"authorization", "bearer " + std::string(token)}})
        .text();
  }

  TokenSource other_team{"KEY0000009", "TEAM000009"};
  TokenSource development{"KEY0000005", "TEAM000001"};
  TeamKeys keys;
  std::optional<ProviderApiByHand> api;
};

constexpr std::string_view kIsOne = "http2/provider-token-is-an-es256-jwt";
constexpr std::string_view kSignature = "http2/provider-token-signature";
constexpr std::string_view kKnown = "http2/provider-token-key-is-known";
constexpr std::string_view kTeam = "http2/provider-token-key-is-of-its-team";

struct Case {
  const char* name;
  std::string token;
  std::string_view rule;
  const char* found;  // a part of it
  Reason reason = InvalidProviderToken;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name;
}

/// `bytes` with one more, or one less, or one that is another.
Bytes spoiled(Bytes bytes, std::size_t at) {
  bytes.at(at) ^= std::byte{1};
  return bytes;
}

Bytes signature_of(std::string_view token) {
  Bytes bytes;
  EXPECT_FALSE(auth::decode_base64url(token.substr(token.rfind('.') + 1), bytes));
  return bytes;
}

/// The text of the key that everybody may have.
std::string public_key_der() {
  std::string base64(golden::kPublicKey);
  base64 = base64.substr(base64.find('\n') + 1);
  base64 = base64.substr(0, base64.find("-----"));
  std::erase(base64, '\n');
  Bytes der(base64.size());
  const int len = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(der.data()),
                                  reinterpret_cast<const unsigned char*>(base64.data()),
                                  static_cast<int>(base64.size()));
  der.resize(static_cast<std::size_t>(len) - 1);  // one '=' at the end
  return std::string(as_text(der));
}

// ---- Who signed it, and how ----

std::vector<Case> signatures() {
  const TokenForge forge;
  const std::string good(golden::kProviderToken);
  const std::string input = good.substr(0, good.rfind('.'));
  const Bytes signature = signature_of(good);
  const auto with = [](ByteView bytes) {
    return TokenForge::join(TokenForge::kHeader, TokenForge::kClaims, bytes);
  };
  Bytes longer = signature;
  longer.push_back(std::byte{0});
  Bytes swapped(signature.begin() + 32, signature.end());
  swapped.insert(swapped.end(), signature.begin(), signature.begin() + 32);
  return {
      {"WrongKey", std::string(golden::kWrongKeyToken), kSignature, "not by key KEY0000001"},
      {"None", std::string(golden::kNoneToken), kIsOne, "alg is \"none\""},
      {"NoneWithASignature", forge.sign(R"({"alg":"none","kid":"KEY0000001"})", forge.kClaims),
       kIsOne, "alg is \"none\""},
      {"NoneInOtherCase", forge.sign(R"({"alg":"NoNe","kid":"KEY0000001"})", forge.kClaims), kIsOne,
       "not ES256"},
      {"Hs256WithThePublicKey", std::string(golden::kHs256Token), kIsOne, "with a secret"},
      {"Hs256WithThePublicKeysBytes",
       TokenForge::with_hmac(R"({"alg":"HS256","kid":"KEY0000001"})", public_key_der()), kIsOne,
       "with a secret"},
      {"HmacCalledEs256", TokenForge::with_hmac(TokenForge::kHeader, golden::kPublicKey), kIsOne,
       "not 64 bytes"},
      {"Es384", std::string(golden::kEs384Token), kIsOne, "not ES256"},
      {"P384CalledEs256", std::string(golden::kP384Token), kIsOne, "not 64 bytes"},
      {"Secp256k1CalledEs256",
       TokenForge::on_curve("secp256k1", TokenForge::kHeader, TokenForge::kClaims), kSignature,
       "not by key KEY0000001"},
      {"Secp256k1",
       TokenForge::on_curve("secp256k1", R"({"alg":"ES256K","kid":"KEY0000001"})",
                            TokenForge::kClaims),
       kIsOne, "not ES256"},
      {"OtherP256Key", TokenForge::on_curve("P-256", TokenForge::kHeader, TokenForge::kClaims),
       kSignature, "not by key KEY0000001"},
      {"Rs256", forge.sign(R"({"alg":"RS256","kid":"KEY0000001"})", forge.kClaims), kIsOne,
       "not ES256"},
      {"LowerCaseAlgorithm", forge.sign(R"({"alg":"es256","kid":"KEY0000001"})", forge.kClaims),
       kIsOne, "not ES256"},
      {"NoAlgorithm", forge.sign(R"({"kid":"KEY0000001"})", forge.kClaims), kIsOne,
       "no text \"alg\""},
      {"Der", std::string(golden::kDerToken), kIsOne, "is DER"},
      {"NoSignature", input + ".", kIsOne, "without a signature"},
      {"SignatureOneShort", with(ByteView(signature).first(63)), kIsOne, "not 64 bytes"},
      {"SignatureOneLong", with(longer), kIsOne, "not 64 bytes"},
      {"SignatureOfZeros", with(Bytes(64)), kSignature, "not by key"},
      {"SignatureOfOnes", with(Bytes(64, std::byte{0xFF})), kSignature, "not by key"},
      {"RAndSSwapped", with(swapped), kSignature, "not by key"},
      {"FirstBit", with(spoiled(signature, 0)), kSignature, "not by key"},
      {"LastBit", with(spoiled(signature, 63)), kSignature, "not by key"},
      {"OtherClaimsThanWereSigned",
       TokenForge::join(TokenForge::kHeader, R"({"iss":"TEAM000001","iat":1735689601})", signature),
       kSignature, "not by key"},
      {"KeyInTheHeader",
       TokenForge::on_curve(
           "P-256",
           R"({"alg":"ES256","kid":"KEY0000001","jwk":{"kty":"EC","crv":"P-256","x":"","y":""}})",
           TokenForge::kClaims),
       kSignature, "not by key"},
      {"KeyByAddress",
       TokenForge::on_curve("P-256",
                            R"({"alg":"ES256","kid":"KEY0000001","jku":"http://127.0.0.1:9/"})",
                            TokenForge::kClaims),
       kSignature, "not by key"},
  };
}

// ---- What it says ----

std::vector<Case> words() {
  const TokenForge forge;
  const auto header = [&forge](const char* name, std::string_view text, const char* found) {
    return Case{name, forge.sign(text, TokenForge::kClaims), kIsOne, found};
  };
  const auto claims = [&forge](const char* name, std::string_view text, const char* found) {
    return Case{name, forge.sign(TokenForge::kHeader, text), kIsOne, found};
  };
  return {
      {"Swapped", std::string(golden::kSwappedToken), kKnown, "in each other's place"},
      {"UnknownKey", forge.sign(R"({"alg":"ES256","kid":"KEY0000002"})", TokenForge::kClaims),
       kKnown, "KEY0000002 of team TEAM000001"},
      {"KeyIdInOtherCase", forge.sign(R"({"alg":"ES256","kid":"key0000001"})", TokenForge::kClaims),
       kKnown, "key0000001"},
      {"KeyOfAnotherTeam", forge.sign(R"({"alg":"ES256","kid":"KEY0000009"})", TokenForge::kClaims),
       kTeam, "but it is of team TEAM000009"},
      {"AnotherTeam", forge.sign(TokenForge::kHeader, R"({"iss":"TEAM000009","iat":1735689600})"),
       kTeam, "but it is of team TEAM000001"},
      header("KeyIdTwice", R"({"alg":"ES256","kid":"KEY0000001","kid":"KEY0000001"})", "twice"),
      header("AlgorithmTwice", R"({"alg":"none","alg":"ES256","kid":"KEY0000001"})", "twice"),
      header("NoKeyId", R"({"alg":"ES256"})", "no text \"kid\""),
      header("KeyIdIsANumber", R"({"alg":"ES256","kid":1234567890})", "no text \"kid\""),
      header("KeyIdTooShort", R"({"alg":"ES256","kid":"KEY000001"})", "not 10 letters"),
      header("KeyIdWithAPath", R"({"alg":"ES256","kid":"../../etc/"})", "not 10 letters"),
      header("Critical", R"({"alg":"ES256","kid":"KEY0000001","crit":["b64"],"b64":false})",
             "\"crit\""),
      header("HeaderIsAList", R"(["alg","ES256"])", "no JSON object"),
      header("HeaderIsNoJson", "alg=ES256", "no JSON object"),
      header("HeaderIsCutOff", R"({"alg":"ES256","kid":"KEY0000001")", "no JSON object"),
      header("HeaderWithMoreBehind", R"({"alg":"ES256","kid":"KEY0000001"}{})", "no JSON object"),
      header("HeaderIsEmpty", "", "no JSON object"),
      claims("TeamTwice", R"({"iss":"TEAM000009","iss":"TEAM000001","iat":1735689600})", "twice"),
      claims("TimeTwice", R"({"iss":"TEAM000001","iat":1,"iat":1735689600})", "twice"),
      claims("NoTeam", R"({"iat":1735689600})", "no text \"iss\""),
      claims("TeamIsAList", R"({"iss":["TEAM000001"],"iat":1735689600})", "no text \"iss\""),
      claims("TeamTooLong", R"({"iss":"TEAM0000012","iat":1735689600})", "not 10 letters"),
      claims("NoTime", R"({"iss":"TEAM000001"})", "no \"iat\""),
      claims("TimeIsAWord", R"({"iss":"TEAM000001","iat":"now"})", "iat is no number"),
      claims("TimeIsTrue", R"({"iss":"TEAM000001","iat":true})", "iat is no number"),
      claims("TimeInMilliseconds", R"({"iss":"TEAM000001","iat":1735689600000})",
             "in milliseconds"),
      claims("TimeIsNegative", R"({"iss":"TEAM000001","iat":-1})", "below 0"),
      claims("ClaimsAreNoJson", "iss=TEAM000001", "no JSON object"),
      claims("ClaimsAreEmpty", "{}", "no text \"iss\""),
      {"Stale", forge.issued(-61min), "http2/provider-token-is-not-older-than-an-hour",
       "61 minutes ago", ExpiredProviderToken},
      {"OfTheYear1970", forge.sign(TokenForge::kHeader, R"({"iss":"TEAM000001","iat":0})"),
       "http2/provider-token-is-not-older-than-an-hour", "minutes ago", ExpiredProviderToken},
      {"Future", forge.issued(61min), "http2/provider-token-is-not-an-hour-ahead",
       "61 minutes from now"},
  };
}

// ---- How it is written ----

std::vector<Case> texts() {
  const std::string good(golden::kProviderToken);
  const std::string header = good.substr(0, good.find('.'));
  const std::string claims = good.substr(header.size() + 1, good.rfind('.') - header.size() - 1);
  const std::string signature = good.substr(good.rfind('.') + 1);
  const auto text = [](const char* name, std::string token, const char* found) {
    return Case{name, std::move(token), kIsOne, found};
  };
  return {
      text("Word", "secret", "three parts"),
      text("Dots", "..", "no JSON object"),
      text("TwoParts", header + "." + claims, "three parts"),
      text("FourParts", good + "." + signature, "three parts"),
      text("FiveParts", good + "..", "three parts"),  // an encrypted one: RFC 7516
      text("InJson", R"({"payload":"e30","signature":"e30"})", "three parts"),
      text("Padded", header + "." + claims + "=." + signature, "ends in \"=\""),
      text("OrdinaryAlphabet", header + "." + claims + ".+/" + signature.substr(2),
           "of the ordinary base64"),
      text("NotBase64", header + "." + claims + ".!!" + signature.substr(2), "not base64url"),
      text("BlankInside", header + ". " + claims + "." + signature, "not base64url"),
      text("NotAscii", header + ".\xC3\xBC" + claims + "." + signature, "not base64url"),
      text("NotEncoded", R"({"alg":"ES256"}.{"iss":"TEAM000001"}.x)", "not base64url"),
      text("OneLonger", good + "A", "not 64 bytes"),
      text("ThreeLonger", good + "AAA", "not base64url"),
      text("FourLonger", good + "AAAA", "not 64 bytes"),
      text("TooLong", good + std::string(4097 - good.size(), 'A'), "more than 4096"),
      text("SixtyKilobytes", std::string(60'000, 'A'), "more than 4096"),
      text("SixtyKilobytesOfDots", std::string(60'000, '.'), "more than 4096"),
  };
}

class ForgedTokens : public testing::TestWithParam<Case> {};

TEST_P(ForgedTokens, AreRefusedWithTheirReason) {
  const Case& row = GetParam();
  Scene scene;
  EXPECT_EQ(scene.show(row.token), rejected(row.reason));
  const std::vector<LedgerEvent> events = scene.api->events();
  ASSERT_TRUE(events.back().why);
  EXPECT_EQ(events.back().why->rule, row.rule);
  EXPECT_THAT(events.back().why->found, HasSubstr(row.found));
  EXPECT_NE(events.back().why->fix, "");
  if (row.token.size() > 2) {
    EXPECT_THAT(events.back().why->found + events.back().why->fix, Not(HasSubstr(row.token)));
  }
  EXPECT_EQ(scene.api->api().counters().accepted, 0U);
  // A forgery binds the connection to nothing: when the interval is over a good one is taken,
  // unless one that was too old has spent the connection.
  scene.api->advance(20min);
  EXPECT_EQ(scene.show(TokenForge().issued(20min)),
            row.reason == ExpiredProviderToken ? rejected(ExpiredProviderToken) : "200");
}

std::string name_of_row(const testing::TestParamInfo<Case>& row) {
  return row.param.name;
}

INSTANTIATE_TEST_SUITE_P(Signature, ForgedTokens, testing::ValuesIn(signatures()), name_of_row);
INSTANTIATE_TEST_SUITE_P(Words, ForgedTokens, testing::ValuesIn(words()), name_of_row);
INSTANTIATE_TEST_SUITE_P(Text, ForgedTokens, testing::ValuesIn(texts()), name_of_row);

TEST(ForgedTokensBeside, TheGoodOneIsTaken) {
  Scene scene;
  EXPECT_EQ(scene.show(golden::kProviderToken), "200");
}

/// Larger than a header list may be: the stream alone is refused, and nothing is kept of it.
TEST(ForgedTokensBeside, MoreThanAHeaderListHoldsIsRefusedByTheStream) {
  Scene scene;
  EXPECT_EQ(scene.show(std::string(66'000, 'A')), "reset ENHANCE_YOUR_CALM");
  EXPECT_EQ(scene.show(golden::kProviderToken), "200");
}

/// Whoever cuts a token off has none.
TEST(ForgedTokensBeside, EveryBeginningIsRefused) {
  for (std::size_t len = 1; len < golden::kProviderToken.size(); ++len) {
    Scene scene;
    EXPECT_EQ(scene.show(golden::kProviderToken.substr(0, len)), rejected(InvalidProviderToken))
        << len;
  }
}

/// Whoever changes a character has none.
TEST(ForgedTokensBeside, EveryOtherCharacterIsRefused) {
  for (std::size_t at = 0; at < golden::kProviderToken.size(); ++at) {
    std::string token(golden::kProviderToken);
    token[at] = token[at] == 'A' ? 'B' : 'A';
    Scene scene;
    EXPECT_EQ(scene.show(token), rejected(InvalidProviderToken)) << at;
  }
}

/// A key of the other environment is told apart from a forgery.
TEST(ForgedTokensBeside, AKeyOfTheOtherEnvironmentHasItsReason) {
  Scene scene;
  EXPECT_EQ(scene.show(scene.development.at(kManualStart)), rejected(BadEnvironmentKeyInToken));
}

/// Who takes unknown keys on trust holds known ones to their signatures all the same.
TEST(ForgedTokensBeside, AnOpenWorldVerifiesWhatItKnows) {
  ProviderApiByHand::Setup setup;
  setup.options.team_keys = &test::usual_team_keys();
  ProviderApiByHand api(std::move(setup));
  for (const auto& [token, expected] :
       {std::pair(golden::kWrongKeyToken, rejected(InvalidProviderToken)),
        std::pair(golden::kNoneToken, rejected(InvalidProviderToken)),
        std::pair(golden::kHs256Token, rejected(InvalidProviderToken)),
        std::pair(golden::kSwappedToken, std::string("200"))}) {
    api.open(nullptr);
    EXPECT_EQ(api.push({{"authorization", "bearer " + std::string(token)}}).text(), expected)
        << token;
  }
}

}  // namespace
}  // namespace apns::mock
