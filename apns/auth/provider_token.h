#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "apns/auth/es256.h"
#include "apns/auth/ten_character_id.h"
#include "apns/auth/words.h"
#include "apns/base/bytes.h"
#include "apns/base/result.h"

namespace apns::auth {

/// Longer texts are no provider tokens; a usual one has about 180 characters. Our choice.
inline constexpr std::size_t kMaxProviderTokenLen = 4096;

/// How the time of issue was written. Numbers with a fraction are what PyAPNs2 sends; texts of
/// digits are what APNSwift sent for years (kylebrowning/APNSwift#246).
enum class IssuedAtForm : std::uint8_t { Integer, Fraction, Text };

/// RFC 7518 section 3.4 has the raw form only; the service was seen to take the other one in 2018
/// and 2019 (kylebrowning/APNSwift#36).
enum class SignatureForm : std::uint8_t { Raw, Der };

/// What a provider token says. Nothing in it has been verified.
struct ProviderToken {
  TenCharacterId key_id;                 // header, `kid`
  TenCharacterId team_id;                // claims, `iss`
  std::chrono::sys_seconds issued_at{};  // claims, `iat`, without its fraction
  IssuedAtForm issued_at_form = IssuedAtForm::Integer;
  SignatureForm signature_form = SignatureForm::Raw;
  std::string_view signing_input;  // what was signed; views the text that was parsed
  Es256Signature signature{};
};

/// Why a text is not a provider token. Its parts are looked at from left to right; of several
/// errors of one part the first in this order is told.
enum class ProviderTokenError : std::uint8_t {
  TooLong,             // more than kMaxProviderTokenLen
  NotThreeParts,       // not header, claims and signature with a dot between them
  Padded,              // a part ends in '='
  OtherAlphabet,       // a part has '+' or '/'
  NotBase64Url,        // a part has another character, or cannot have its length or its last one
  HeaderNotJson,       // the first part is no JSON object
  HeaderKeyTwice,      // `alg`, `kid` or `crit`
  AlgorithmMissing,    // no `alg`, or no text
  AlgorithmNone,       // `alg` is "none": not signed
  AlgorithmSymmetric,  // HS256 and its like
  AlgorithmOther,      // anything else than ES256
  CriticalExtension,   // `crit` names what nobody here knows (RFC 7515 section 4.1.11)
  KeyIdMissing,        // no `kid`, or no text
  KeyIdMalformed,      // not 10 letters and digits
  ClaimsNotJson,       // the second part is no JSON object
  ClaimTwice,          // `iss` or `iat`
  TeamIdMissing,       // no `iss`, or no text
  TeamIdMalformed,     // not 10 letters and digits
  IssuedAtMissing,     // no `iat`
  IssuedAtNotNumber,   // neither a number nor a text of digits
  IssuedAtText,        // a text of digits, where only a number is taken
  IssuedAtOutOfRange,  // below 0, or so large that it must be milliseconds
  SignatureMissing,    // the third part is empty
  SignatureDer,        // DER where the raw form is wanted
  SignatureLength,     // neither 64 bytes nor DER
};

inline constexpr std::size_t kNumProviderTokenErrors =
    static_cast<std::size_t>(ProviderTokenError::SignatureLength) + 1;

/// What is taken beyond what the documents say.
struct ProviderTokenSyntax {
  bool text_issued_at = true;
  bool der_signature = false;

  [[nodiscard]] bool operator==(const ProviderTokenSyntax&) const = default;
};

/// Reads provider tokens: compact JSON Web Signatures (RFC 7515 section 3.1) by Apple's rules.
///
///   BASE64URL({"alg":"ES256","kid":"KEY0000001"}) . BASE64URL({"iss":"TEAM000001","iat":SECONDS})
///   . BASE64URL(R || S)
///
/// Other keys are ignored, `typ` among them. Of the keys that are looked at, one that is there
/// twice is an error (RFC 7519 section 4 leaves that, or to take the last). What it needs is
/// allocated once; one parser per thread. docs/wire/provider_token.md has all rules with their
/// sources.
class ProviderTokenParser {
 public:
  ProviderTokenParser();
  ~ProviderTokenParser();

  /// Verifies nothing. `text` is without the scheme, and outlives what is returned.
  [[nodiscard]] Result<ProviderToken, ProviderTokenError> parse(
      std::string_view text, const ProviderTokenSyntax& syntax = {});

 private:
  struct Json;

  std::unique_ptr<Json> json_;
  Bytes part_;
};

/// Did the owner of `key` sign it? False as well: the key is not on P-256.
[[nodiscard]] inline bool verify_signature(const ProviderToken& token, EVP_PKEY* key) {
  return verify_es256(token.signing_input, token.signature, key);
}

[[nodiscard]] Words words_of(ProviderTokenError error);

}  // namespace apns::auth
