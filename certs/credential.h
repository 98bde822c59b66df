#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apns/auth/openssl_ptr.h"

namespace apns::certs {

/// A certificate with its private key.
struct Credential {
  auth::X509Ptr certificate;
  auth::KeyPtr key;
};

// The forms in which credentials are kept in files. Every function throws std::runtime_error that
// ends in OpenSSL's own text: "cannot read a certificate (PEM routines: no start line ...)".

[[nodiscard]] std::string to_pem(const X509* certificate);

/// PKCS#8, unencrypted: what Apple's .p8 files hold.
[[nodiscard]] std::string to_pem(const EVP_PKEY* key);

[[nodiscard]] std::string to_pem(const X509_CRL* list);

/// PKCS#12 with the key, the certificate and the authority, sealed so that OpenSSL 3, Java and Node
/// open it: PBES2 with AES-256-CBC, and a SHA-256 MAC. With one round of key derivation, which
/// makes opening quick and guessing too: for a simulator's keys, not for real ones.
[[nodiscard]] std::string to_p12(const Credential& credential, const X509* authority,
                                 std::string_view password, std::string_view friendly_name);

/// PKCS#12 with the authority alone, sealed likewise, as a Java trust store reads it: Java takes a
/// certificate for trusted only when its bag carries Oracle's trustedKeyUsage attribute.
[[nodiscard]] std::string to_truststore(const X509* authority, std::string_view password);

/// The first certificate of a text; what stands around it is ignored.
[[nodiscard]] auth::X509Ptr parse_certificate_pem(std::string_view pem);

/// All certificates of a text, one at least.
[[nodiscard]] std::vector<auth::X509Ptr> parse_certificates_pem(std::string_view pem);

/// The first list of revoked certificates of a text.
[[nodiscard]] auth::X509CrlPtr parse_crl_pem(std::string_view pem);

/// The first private key of a text. An encrypted one is refused: nobody is asked for a password.
[[nodiscard]] auth::KeyPtr parse_key_pem(std::string_view pem);

/// What a PKCS#12 file holds.
struct P12Contents {
  Credential credential;              // both null when the file has no key, as in a trust store
  std::vector<auth::X509Ptr> others;  // the certificates without a key
};

/// The password that is wrong, and the cipher that OpenSSL 3 has no more, are said in plain words
/// behind OpenSSL's text (ostinelli/apnotic#122).
[[nodiscard]] P12Contents parse_p12(std::string_view der, std::string_view password);

}  // namespace apns::certs
