#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "apns/auth/openssl_ptr.h"
#include "apns/base/bytes.h"
#include "apns/base/result.h"

/// ECDSA on P-256 with SHA-256, as JSON Web Signature calls it: RFC 7518 section 3.4.
namespace apns::auth {

/// R and S, 32 bytes each, big-endian, zeros in front.
using Es256Signature = std::array<std::byte, 64>;

/// Did the private half of `key` sign `input` so? False as well: the key is not on P-256. Leaves
/// OpenSSL's error queue empty. About 50 us.
[[nodiscard]] bool verify_es256(std::string_view input, const Es256Signature& signature,
                                EVP_PKEY* key);

/// The same numbers out of the SEQUENCE of two INTEGERs that OpenSSL and others make (RFC 3279
/// section 2.2.3). Nullopt: another structure, bytes behind it, a number that is negative, not in
/// its shortest form, or longer than 32 bytes.
[[nodiscard]] std::optional<Es256Signature> es256_from_der(ByteView der);

/// DER of `signature`, as OpenSSL verifies it.
[[nodiscard]] Bytes es256_to_der(const Es256Signature& signature);

/// What OpenSSL said.
class SigningError {
 public:
  /// Takes it from the error queue.
  SigningError() : text_(take_openssl_errors()) {}

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Who signs: signatures are random by nature, and a run that is to be the same each time takes
/// DeterministicSigner.
class Es256Signer {
 public:
  virtual ~Es256Signer() = default;
  [[nodiscard]] virtual Result<Es256Signature, SigningError> sign(std::string_view input) const = 0;
};

/// With a new random number each time, as OpenSSL does it: for real keys.
class RandomSigner final : public Es256Signer {
 public:
  /// `key` is a private one on P-256 (assert).
  explicit RandomSigner(KeyPtr key);

  [[nodiscard]] Result<Es256Signature, SigningError> sign(std::string_view input) const override;

 private:
  KeyPtr key_;
};

/// With the number that key and input give (RFC 6979): one input, one signature. For memory hosts
/// and tests; it makes no effort to take the same time whatever the key.
class DeterministicSigner final : public Es256Signer {
 public:
  /// `key` is a private one on P-256 (assert).
  explicit DeterministicSigner(KeyPtr key);

  [[nodiscard]] Result<Es256Signature, SigningError> sign(std::string_view input) const override;

 private:
  KeyPtr key_;
};

}  // namespace apns::auth
