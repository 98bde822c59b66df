#include <algorithm>
#include <array>

#include "apns/auth/provider_token.h"

namespace apns::auth {
namespace {

using Error = ProviderTokenError;

struct Row {
  Error error;
  Words words;
};

constexpr std::string_view kUrlAlphabet =
    "encode each part as base64url without padding (RFC 7515 section 2)";
constexpr std::string_view kSignEs256 = "sign with ES256 and the key of the .p8 file";
constexpr std::string_view kKeyId =
    "put the 10 characters of the key id into the header as \"kid\"";
constexpr std::string_view kTeamId =
    "put the 10 characters of the team id into the claims as \"iss\"";
constexpr std::string_view kIssuedAt =
    "put the time of issue into the claims as \"iat\", a number of whole seconds since 1970";
constexpr std::string_view kRawSignature =
    "sign with R and S as 32 bytes each, 64 in all (RFC 7518 section 3.4)";

/// In the order of the enumeration.
constexpr std::array<Row, kNumProviderTokenErrors> kRows{{
    {Error::TooLong,
     {"a provider token of more than 4096 characters",
      "send a provider token with alg, kid, iss and iat only"}},
    {Error::NotThreeParts,
     {"a provider token that is not three parts with a dot between them",
      "send header, claims and signature: a JSON Web Token in its compact form"}},
    {Error::Padded, {"a part of the provider token that ends in \"=\"", kUrlAlphabet}},
    {Error::OtherAlphabet,
     {"\"+\" or \"/\" in the provider token, which are of the ordinary base64", kUrlAlphabet}},
    {Error::NotBase64Url, {"a part of the provider token that is not base64url", kUrlAlphabet}},
    {Error::HeaderNotJson,
     {"a provider token whose header is no JSON object",
      "begin with the base64url of {\"alg\":\"ES256\",\"kid\":\"...\"}"}},
    {Error::HeaderKeyTwice,
     {"a provider token whose header has alg, kid or crit twice", "say each key once"}},
    {Error::AlgorithmMissing, {"a provider token whose header has no text \"alg\"", kSignEs256}},
    {Error::AlgorithmNone, {"a provider token that is not signed: alg is \"none\"", kSignEs256}},
    {Error::AlgorithmSymmetric,
     {"a provider token signed with a secret, such as HS256", kSignEs256}},
    {Error::AlgorithmOther, {"a provider token whose alg is not ES256", kSignEs256}},
    {Error::CriticalExtension,
     {"a provider token whose header has \"crit\"", "leave \"crit\" out of the header"}},
    {Error::KeyIdMissing, {"a provider token whose header has no text \"kid\"", kKeyId}},
    {Error::KeyIdMalformed, {"a provider token whose kid is not 10 letters and digits", kKeyId}},
    {Error::ClaimsNotJson,
     {"a provider token whose claims are no JSON object",
      "make the second part the base64url of {\"iss\":\"...\",\"iat\":...}"}},
    {Error::ClaimTwice, {"a provider token that has iss or iat twice", "say each claim once"}},
    {Error::TeamIdMissing, {"a provider token that has no text \"iss\"", kTeamId}},
    {Error::TeamIdMalformed, {"a provider token whose iss is not 10 letters and digits", kTeamId}},
    {Error::IssuedAtMissing, {"a provider token that has no \"iat\"", kIssuedAt}},
    {Error::IssuedAtNotNumber, {"a provider token whose iat is no number", kIssuedAt}},
    {Error::IssuedAtText, {"a provider token whose iat is a text", kIssuedAt}},
    {Error::IssuedAtOutOfRange,
     {"a provider token whose iat is below 0, or in milliseconds", kIssuedAt}},
    {Error::SignatureMissing, {"a provider token without a signature", kSignEs256}},
    {Error::SignatureDer,
     {"a provider token whose signature is DER, as OpenSSL makes it", kRawSignature}},
    {Error::SignatureLength, {"a provider token whose signature is not 64 bytes", kRawSignature}},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].error) != i) {
      return false;
    }
  }
  return true;
}

static_assert(is_in_order());

}  // namespace

Words words_of(ProviderTokenError error) {
  return kRows[static_cast<std::size_t>(error)].words;
}

}  // namespace apns::auth
