#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#include "apns/auth/es256.h"
#include "apns/auth/private_key_file.h"

namespace apns::auth {
namespace {

using NumberPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_clear_free>>;
using ArithmeticPtr = std::unique_ptr<BN_CTX, OpensslDeleter<BN_CTX_free>>;
using GroupPtr = std::unique_ptr<EC_GROUP, OpensslDeleter<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, OpensslDeleter<EC_POINT_free>>;

constexpr int kNumberLen = 32;  // of the curve's order, and of SHA-256
using Octets = std::array<unsigned char, kNumberLen>;

bool to_octets(const BIGNUM* number, unsigned char* out) {
  return BN_bn2binpad(number, out, kNumberLen) == kNumberLen;
}

/// The numbers k of RFC 6979 section 3.2, which one key and one digest give.
class Nonces {
 public:
  /// Both as big-endian numbers below the curve's order.
  Nonces(const Octets& key, const Octets& digest) {
    v_.fill(0x01);
    k_.fill(0x00);
    for (unsigned char step = 0; step < 2; ++step) {
      std::array<unsigned char, kNumberLen + 1 + 2 * kNumberLen> data{};
      auto* end = std::copy(v_.begin(), v_.end(), data.begin());
      *end++ = step;
      end = std::copy(key.begin(), key.end(), end);
      std::copy(digest.begin(), digest.end(), end);
      k_ = hmac(data);
      v_ = hmac(v_);
    }
  }

  [[nodiscard]] const Octets& next() {
    if (!is_first_) {
      std::array<unsigned char, kNumberLen + 1> data{};
      std::copy(v_.begin(), v_.end(), data.begin());
      k_ = hmac(data);
      v_ = hmac(v_);
    }
    is_first_ = false;
    v_ = hmac(v_);
    return v_;
  }

 private:
  template <std::size_t N>
  [[nodiscard]] Octets hmac(const std::array<unsigned char, N>& data) const {
    Octets out{};
    unsigned len = 0;
    const unsigned char* made =
        HMAC(EVP_sha256(), k_.data(), kNumberLen, data.data(), data.size(), out.data(), &len);
    assert(made != nullptr && len == out.size());
    return out;
  }

  Octets k_{};
  Octets v_{};
  bool is_first_ = true;
};

/// What signing calculates with.
struct Numbers {
  GroupPtr group{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
  ArithmeticPtr arithmetic{BN_CTX_new()};
  PointPtr point{group ? EC_POINT_new(group.get()) : nullptr};
  NumberPtr key{BN_secure_new()};
  NumberPtr digest{BN_new()};
  NumberPtr nonce{BN_secure_new()};
  NumberPtr r{BN_new()};
  NumberPtr s{BN_new()};
  NumberPtr product{BN_secure_new()};

  [[nodiscard]] bool are_there() const {
    return group && arithmetic && point && key && digest && nonce && r && s && product;
  }

  [[nodiscard]] const BIGNUM* order() const { return EC_GROUP_get0_order(group.get()); }
};

bool read_key(const EVP_PKEY* key, Numbers& numbers) {
  BIGNUM* out = numbers.key.get();
  return EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &out) == 1;
}

/// Section 2.3.4: the digest as a number below the order.
bool read_digest(std::string_view input, Numbers& numbers) {
  Octets digest{};
  const auto* octets = reinterpret_cast<const unsigned char*>(input.data());
  return SHA256(octets, input.size(), digest.data()) != nullptr &&
         BN_bin2bn(digest.data(), kNumberLen, numbers.digest.get()) != nullptr &&
         BN_nnmod(numbers.digest.get(), numbers.digest.get(), numbers.order(),
                  numbers.arithmetic.get()) == 1;
}

/// r = the x of k * G, s = (digest + r * key) / k, both modulo the order: FIPS 186-4 section 6.4.
bool calculate(Numbers& n) {
  BN_CTX* arithmetic = n.arithmetic.get();
  return EC_POINT_mul(n.group.get(), n.point.get(), n.nonce.get(), nullptr, nullptr, arithmetic) ==
             1 &&
         EC_POINT_get_affine_coordinates(n.group.get(), n.point.get(), n.r.get(), nullptr,
                                         arithmetic) == 1 &&
         BN_nnmod(n.r.get(), n.r.get(), n.order(), arithmetic) == 1 &&
         BN_mod_mul(n.product.get(), n.r.get(), n.key.get(), n.order(), arithmetic) == 1 &&
         BN_mod_add(n.product.get(), n.product.get(), n.digest.get(), n.order(), arithmetic) == 1 &&
         BN_mod_inverse(n.s.get(), n.nonce.get(), n.order(), arithmetic) != nullptr &&
         BN_mod_mul(n.s.get(), n.s.get(), n.product.get(), n.order(), arithmetic) == 1;
}

bool is_usable(const BIGNUM* nonce, const BIGNUM* order) {
  return BN_is_zero(nonce) == 0 && BN_cmp(nonce, order) < 0;
}

}  // namespace

DeterministicSigner::DeterministicSigner(KeyPtr key) : key_(std::move(key)) {
  assert(is_p256(key_.get()));
}

Result<Es256Signature, SigningError> DeterministicSigner::sign(std::string_view input) const {
  Numbers numbers;
  Octets key{};
  Octets digest{};
  if (!numbers.are_there() || !read_key(key_.get(), numbers) || !read_digest(input, numbers) ||
      !to_octets(numbers.key.get(), key.data()) ||
      !to_octets(numbers.digest.get(), digest.data())) {
    return SigningError();
  }
  Nonces nonces(key, digest);
  do {
    if (BN_bin2bn(nonces.next().data(), kNumberLen, numbers.nonce.get()) == nullptr) {
      return SigningError();
    }
    if (is_usable(numbers.nonce.get(), numbers.order()) && !calculate(numbers)) {
      return SigningError();
    }
  } while (BN_is_zero(numbers.r.get()) != 0 || BN_is_zero(numbers.s.get()) != 0);
  Octets r{};
  Octets s{};
  if (!to_octets(numbers.r.get(), r.data()) || !to_octets(numbers.s.get(), s.data())) {
    return SigningError();
  }
  Es256Signature signature{};
  const auto half = std::as_writable_bytes(std::span(signature));
  std::copy_n(std::as_bytes(std::span(r)).begin(), kNumberLen, half.begin());
  std::copy_n(std::as_bytes(std::span(s)).begin(), kNumberLen, half.begin() + kNumberLen);
  return signature;
}

}  // namespace apns::auth
