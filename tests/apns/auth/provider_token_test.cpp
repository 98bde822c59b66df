#include "apns/auth/provider_token.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "apns/auth/base64url.h"
#include "apns/auth/private_key_file.h"
#include "certs/certificate_factory.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::auth {
namespace {

using Error = ProviderTokenError;

constexpr std::chrono::sys_seconds kIssuedAt =
    std::chrono::sys_days(std::chrono::year(2025) / 1 / 1);
constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"KEY0000001"})";
constexpr std::string_view kClaims = R"({"iss":"TEAM000001","iat":1735689600})";

KeyPtr public_key() {
  return public_half(read_private_key(golden::kP8)->get());
}

/// With 64 bytes of signature.
std::string unsigned_token(std::string_view header, std::string_view claims) {
  std::string token;
  append_base64url(as_bytes(header), token);
  token += '.';
  append_base64url(as_bytes(claims), token);
  token += '.';
  append_base64url(Bytes(64), token);
  return token;
}

std::string with_signature(std::string_view signature) {
  const std::string token = unsigned_token(kHeader, kClaims);
  return token.substr(0, token.rfind('.') + 1).append(signature);
}

struct Golden {
  const char* name;
  std::string_view text;
  IssuedAtForm issued_at = IssuedAtForm::Integer;
  SignatureForm signature = SignatureForm::Raw;
};

constexpr Golden kGolden[] = {
    {"usual", golden::kProviderToken},
    {"fraction", golden::kFloatToken, IssuedAtForm::Fraction},
    {"text", golden::kTextToken, IssuedAtForm::Text},
    {"DER", golden::kDerToken, IssuedAtForm::Integer, SignatureForm::Der},
};

TEST(ProviderToken, ReadsAndVerifiesThoseOfOtherTools) {
  ProviderTokenParser parser;
  const KeyPtr key = public_key();
  for (const Golden& row : kGolden) {
    const auto token = parser.parse(row.text, {.der_signature = true});
    ASSERT_TRUE(token.has_value()) << row.name << ": " << words_of(token.error()).found;
    EXPECT_EQ(token->key_id.text(), "KEY0000001") << row.name;
    EXPECT_EQ(token->team_id.text(), "TEAM000001") << row.name;
    EXPECT_EQ(token->issued_at, kIssuedAt) << row.name;
    EXPECT_EQ(token->issued_at_form, row.issued_at) << row.name;
    EXPECT_EQ(token->signature_form, row.signature) << row.name;
    EXPECT_TRUE(verify_signature(*token, key.get())) << row.name;
  }
}

TEST(ProviderToken, TakesTheLenientFormsOnlyWhereTold) {
  ProviderTokenParser parser;
  EXPECT_EQ(parser.parse(golden::kTextToken, {.text_issued_at = false}).error(),
            Error::IssuedAtText);
  EXPECT_EQ(parser.parse(golden::kDerToken).error(), Error::SignatureDer);
  EXPECT_TRUE(parser.parse(golden::kFloatToken, {.text_issued_at = false}).has_value());
}

TEST(ProviderToken, ForgedOnesAreRefusedOrDoNotVerify) {
  ProviderTokenParser parser;
  const KeyPtr key = public_key();
  EXPECT_EQ(parser.parse(golden::kNoneToken).error(), Error::AlgorithmNone);
  EXPECT_EQ(parser.parse(golden::kHs256Token).error(), Error::AlgorithmSymmetric);
  EXPECT_EQ(parser.parse(golden::kEs384Token).error(), Error::AlgorithmOther);
  EXPECT_EQ(parser.parse(golden::kP384Token).error(), Error::SignatureLength);
  EXPECT_FALSE(verify_signature(*parser.parse(golden::kWrongKeyToken), key.get()));
  const auto swapped = parser.parse(golden::kSwappedToken);
  EXPECT_TRUE(verify_signature(*swapped, key.get())) << "who may sign for whom is not asked here";
  EXPECT_EQ(swapped->key_id.text(), "TEAM000001");
  const auto good = parser.parse(golden::kProviderToken);
  EXPECT_FALSE(verify_signature(*good, KeyPtr(EVP_EC_gen("P-384")).get()));
  EXPECT_FALSE(verify_signature(*good, certs::make_p256_key().get()));
}

TEST(ProviderToken, ASignatureOfAnotherTokenDoesNotVerify) {
  ProviderTokenParser parser;
  const std::string mixed =
      std::string(golden::kProviderToken.substr(0, golden::kProviderToken.rfind('.'))) +
      std::string(golden::kFloatToken.substr(golden::kFloatToken.rfind('.')));
  EXPECT_FALSE(verify_signature(*parser.parse(mixed), public_key().get()));
}

TEST(ProviderToken, NoPrefixOfOneIsOne) {
  ProviderTokenParser parser;
  for (const Golden& row : kGolden) {
    for (std::size_t len = 0; len < row.text.size(); ++len) {
      EXPECT_TRUE(parser.parse(row.text.substr(0, len), {.der_signature = true}).has_error())
          << row.name << " " << len;
    }
  }
}

TEST(ProviderToken, NoChangedCharacterVerifies) {
  ProviderTokenParser parser;
  const KeyPtr key = public_key();
  for (std::size_t i = 0; i < golden::kProviderToken.size(); ++i) {
    std::string changed(golden::kProviderToken);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto token = parser.parse(changed);
    EXPECT_FALSE(token.has_value() && verify_signature(*token, key.get())) << i;
  }
}

TEST(ProviderToken, ErrorsOfShape) {
  ProviderTokenParser parser;
  const std::string token = unsigned_token(kHeader, kClaims);

  const struct {
    std::string text;
    Error error;
  } cases[] = {
      {"", Error::NotThreeParts},
      {"a", Error::NotThreeParts},
      {"a.b", Error::NotThreeParts},
      {"..", Error::HeaderNotJson},
      {token + ".", Error::NotThreeParts},
      {token + ".a.b", Error::NotThreeParts},
      {"bearer " + token, Error::NotBase64Url},
      {token + "=", Error::Padded},
      {token + " ", Error::NotBase64Url},
      {"+" + token, Error::OtherAlphabet},
      {std::string(kMaxProviderTokenLen + 1, 'A'), Error::TooLong},
      {std::string(kMaxProviderTokenLen, '.'), Error::NotThreeParts},
      {with_signature(""), Error::SignatureMissing},
      {with_signature("AAAA"), Error::SignatureLength},
      {with_signature(std::string(84, 'A')), Error::SignatureLength},
      {with_signature(std::string(88, 'A')), Error::SignatureLength},
      // As DER by its first bytes, but not by the rest.
      {with_signature("MAYCAQECAQIAAA"), Error::SignatureLength},
      {with_signature("MAYCAQECAQI"), Error::SignatureDer},
  };

  for (const auto& row : cases) {
    const auto parsed = parser.parse(row.text);
    ASSERT_TRUE(parsed.has_error()) << row.text;
    EXPECT_EQ(parsed.error(), row.error) << row.text << ": " << words_of(parsed.error()).found;
  }
  EXPECT_EQ(parser.parse(with_signature("MAYDAQECAQI"), {.der_signature = true}).error(),
            Error::SignatureLength)
      << "not DER after all";
}

TEST(ProviderToken, ErrorsOfTheHeader) {
  ProviderTokenParser parser;

  const struct {
    std::string_view header;
    Error error;
  } cases[] = {
      {"", Error::HeaderNotJson},
      {"ES256", Error::HeaderNotJson},
      {R"(["alg"])", Error::HeaderNotJson},
      {R"({"alg":"ES256","kid":"KEY0000001")", Error::HeaderNotJson},
      {R"({"alg":"ES256","kid":"KEY0000001"} {})", Error::HeaderNotJson},
      {"{\"alg\":\"ES256\",\"kid\":\"KEY000000\xff\"}", Error::HeaderNotJson},
      {R"({"alg":"ES256","kid":"KEY0000001","alg":"none"})", Error::HeaderKeyTwice},
      {R"({"alg":"ES256","kid":"KEY0000001","kid":"KEY0000001"})", Error::HeaderKeyTwice},
      {R"({"kid":"KEY0000001"})", Error::AlgorithmMissing},
      {R"({"alg":null,"kid":"KEY0000001"})", Error::AlgorithmMissing},
      {R"({"alg":256,"kid":"KEY0000001"})", Error::AlgorithmMissing},
      {R"({"alg":"none","kid":"KEY0000001"})", Error::AlgorithmNone},
      {R"({"alg":"HS256","kid":"KEY0000001"})", Error::AlgorithmSymmetric},
      {R"({"alg":"RS256","kid":"KEY0000001"})", Error::AlgorithmOther},
      {R"({"alg":"es256","kid":"KEY0000001"})", Error::AlgorithmOther},
      {R"({"alg":"","kid":"KEY0000001"})", Error::AlgorithmOther},
      {R"({"alg":"ES256","kid":"KEY0000001","crit":["b64"],"b64":false})",
       Error::CriticalExtension},
      {R"({"alg":"ES256"})", Error::KeyIdMissing},
      {R"({"alg":"ES256","kid":1234567890})", Error::KeyIdMissing},
      {R"({"alg":"ES256","kid":""})", Error::KeyIdMalformed},
      {R"({"alg":"ES256","kid":"KEY000001"})", Error::KeyIdMalformed},
      {R"({"alg":"ES256","kid":"KEY00000001"})", Error::KeyIdMalformed},
      {R"({"alg":"ES256","kid":"KEY-000001"})", Error::KeyIdMalformed},
  };

  for (const auto& row : cases) {
    const auto parsed = parser.parse(unsigned_token(row.header, kClaims));
    ASSERT_TRUE(parsed.has_error()) << row.header;
    EXPECT_EQ(parsed.error(), row.error) << row.header << ": " << words_of(parsed.error()).found;
  }
}

TEST(ProviderToken, ErrorsOfTheClaims) {
  ProviderTokenParser parser;

  const struct {
    std::string_view claims;
    Error error;
  } cases[] = {
      {"", Error::ClaimsNotJson},
      {"null", Error::ClaimsNotJson},
      {R"({"iss":"TEAM000001","iat":1735689600,})", Error::ClaimsNotJson},
      {R"({"iss":"TEAM000001","iss":"TEAM000002","iat":1})", Error::ClaimTwice},
      {R"({"iss":"TEAM000001","iat":1,"iat":1})", Error::ClaimTwice},
      {R"({"iat":1735689600})", Error::TeamIdMissing},
      {R"({"iss":{},"iat":1735689600})", Error::TeamIdMissing},
      {R"({"iss":"TEAM00001","iat":1735689600})", Error::TeamIdMalformed},
      {R"({"iss":"TEAM000001"})", Error::IssuedAtMissing},
      {R"({"iss":"TEAM000001","iat":null})", Error::IssuedAtNotNumber},
      {R"({"iss":"TEAM000001","iat":true})", Error::IssuedAtNotNumber},
      {R"({"iss":"TEAM000001","iat":""})", Error::IssuedAtNotNumber},
      {R"({"iss":"TEAM000001","iat":"1735689600.5"})", Error::IssuedAtNotNumber},
      {R"({"iss":"TEAM000001","iat":"2025-01-01T00:00:00Z"})", Error::IssuedAtNotNumber},
      {R"({"iss":"TEAM000001","iat":-1})", Error::IssuedAtOutOfRange},
      {R"({"iss":"TEAM000001","iat":1735689600000})", Error::IssuedAtOutOfRange},
      {R"({"iss":"TEAM000001","iat":"1735689600000"})", Error::IssuedAtOutOfRange},
      {R"({"iss":"TEAM000001","iat":1e300})", Error::IssuedAtOutOfRange},
      {R"({"iss":"TEAM000001","iat":"99999999999999999999999"})", Error::IssuedAtOutOfRange},
      {R"({"iss":"TEAM000001","iat":18446744073709551615})", Error::IssuedAtOutOfRange},
  };

  for (const auto& row : cases) {
    const auto parsed = parser.parse(unsigned_token(kHeader, row.claims));
    ASSERT_TRUE(parsed.has_error()) << row.claims;
    EXPECT_EQ(parsed.error(), row.error) << row.claims << ": " << words_of(parsed.error()).found;
  }
}

TEST(ProviderToken, PassesOverWhatItDoesNotKnow) {
  ProviderTokenParser parser;
  const auto token = parser.parse(unsigned_token(
      R"({"typ":"JWT","x":[{}],"a\u006cg":"ES256","kid":"KEY0000001","typ":1})",
      R"( { "aud" : ["a"], "iss" : "TEAM000001", "exp" : 1, "iat" : 0, "iat2": 1.5 } )"));
  ASSERT_TRUE(token.has_value()) << words_of(token.error()).found;
  EXPECT_EQ(token->issued_at, std::chrono::sys_seconds());
}

TEST(ProviderToken, ALongOneIsRead) {
  ProviderTokenParser parser;
  std::string claims(kClaims);
  claims.insert(1, R"("x":")" + std::string(2800, 'x') + "\",");
  const std::string text = unsigned_token(kHeader, claims);
  ASSERT_LE(text.size(), kMaxProviderTokenLen);
  EXPECT_TRUE(parser.parse(text).has_value());
}

TEST(ProviderToken, EveryErrorHasWordsOfItsOwn) {
  std::set<std::string_view> all;
  for (std::size_t i = 0; i < kNumProviderTokenErrors; ++i) {
    const Words words = words_of(static_cast<Error>(i));
    EXPECT_FALSE(words.fix.empty()) << i;
    EXPECT_TRUE(all.insert(words.found).second) << words.found;
  }
}

}  // namespace
}  // namespace apns::auth
