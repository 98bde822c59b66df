#include "apns/auth/private_key_file.h"

#include <array>
#include <climits>
#include <string>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace apns::auth {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kPrivateKey = "PRIVATE KEY-----";

/// For OpenSSL's PEM reader: instead of asking on the terminal.
int refuse_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) noexcept {
  return -1;
}

KeyPtr read_pem(std::string_view pem) {
  if (pem.size() > INT_MAX) {
    return nullptr;
  }
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return bio ? KeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_password, nullptr))
             : nullptr;
}

/// Of a text that OpenSSL finds no key in.
PrivateKeyError why_not(std::string_view pem) {
  if (pem.find(kBegin) == std::string_view::npos) {
    return PrivateKeyError::NotPem;
  }
  if (pem.find(kPrivateKey) == std::string_view::npos) {
    return PrivateKeyError::NotPrivate;
  }
  // PKCS#8 says it in its first line, the older form in a header line (RFC 1421).
  const bool is_encrypted = pem.find("BEGIN ENCRYPTED PRIVATE KEY") != std::string_view::npos ||
                            pem.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
  return is_encrypted ? PrivateKeyError::Encrypted : PrivateKeyError::Damaged;
}

}  // namespace

Result<KeyPtr, PrivateKeyError> read_private_key(std::string_view pem) {
  KeyPtr key = read_pem(pem);
  ERR_clear_error();
  if (!key) {
    return why_not(pem);
  }
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC) {
    return PrivateKeyError::NotElliptic;
  }
  if (!is_p256(key.get())) {
    return PrivateKeyError::OtherCurve;
  }
  return key;
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> curve{};
  const bool is_named = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
                        EVP_PKEY_get_group_name(key, curve.data(), curve.size(), nullptr) == 1;
  ERR_clear_error();
  return is_named && std::string_view(curve.data()) == SN_X9_62_prime256v1;
}

KeyPtr public_half(const EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  KeyPtr half;
  if (bio && i2d_PUBKEY_bio(bio.get(), key) == 1) {
    half.reset(d2i_PUBKEY_bio(bio.get(), nullptr));
  }
  ERR_clear_error();
  return half;
}

Words words_of(PrivateKeyError error) {
  switch (error) {
    case PrivateKeyError::NotPem:
      return {"a text without a line \"-----BEGIN PRIVATE KEY-----\"",
              "give the .p8 file as Apple gave it, with its first and last line"};
    case PrivateKeyError::NotPrivate:
      return {"a certificate or a public key",
              "give the private key: the .p8 file, which Apple gives once"};
    case PrivateKeyError::Encrypted:
      return {"a private key that a password opens",
              "take the password off: openssl pkcs8 -topk8 -nocrypt -in FILE"};
    case PrivateKeyError::Damaged:
      return {"a private key whose contents cannot be read",
              "fetch the .p8 file again; its lines must be as they were"};
    case PrivateKeyError::NotElliptic:
      return {"a key of another kind, such as RSA, which belongs to a certificate",
              "give the .p8 file of a provider token key: P-256"};
    case PrivateKeyError::OtherCurve:
      return {"a key on another curve than P-256",
              "give the .p8 file of a provider token key: P-256"};
  }
  return {};
}

}  // namespace apns::auth
