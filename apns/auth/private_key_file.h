#pragma once

#include <cstdint>
#include <string_view>

#include "apns/auth/openssl_ptr.h"
#include "apns/auth/words.h"
#include "apns/base/result.h"

namespace apns::auth {

/// Why a text is not the signing key of provider tokens.
enum class PrivateKeyError : std::uint8_t {
  NotPem,       // no "-----BEGIN" line
  NotPrivate,   // PEM of another thing: a certificate, a public key
  Encrypted,    // a private key that a password opens
  Damaged,      // PEM of a private key whose contents cannot be read
  NotElliptic,  // an RSA, Ed25519 or other key
  OtherCurve,   // an elliptic key, but not on P-256
};

/// Reads the text of a .p8 file: PEM "PRIVATE KEY", that is PKCS#8, with a key on P-256 and no
/// password. The first private key of the text counts, what stands around it is ignored; the older
/// "EC PRIVATE KEY" (RFC 5915) is taken as well. Nobody is asked for a password. Leaves OpenSSL's
/// error queue empty.
/// Source: "Establishing a token-based connection to APNs"; that there is no password:
/// node-apn/node-apn#477.
[[nodiscard]] Result<KeyPtr, PrivateKeyError> read_private_key(std::string_view pem);

/// Is it a key on P-256, public or private? Leaves OpenSSL's error queue empty.
[[nodiscard]] bool is_p256(const EVP_PKEY* key);

/// The public half of a P-256 key. Null: OpenSSL could not make it.
[[nodiscard]] KeyPtr public_half(const EVP_PKEY* key);

[[nodiscard]] Words words_of(PrivateKeyError error);

}  // namespace apns::auth
