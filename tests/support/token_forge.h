#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "apns/auth/base64url.h"
#include "apns/auth/es256.h"
#include "apns/auth/openssl_ptr.h"
#include "apns/auth/private_key_file.h"
#include "apns/auth/provider_token_signer.h"
#include "apns/base/bytes.h"
#include "apns/base/time.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::test {

/// Makes provider tokens that are wrong on purpose, from the key of the golden ones.
class TokenForge {
 public:
  /// Of the golden ones.
  static constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"KEY0000001"})";
  static constexpr std::string_view kClaims = R"({"iss":"TEAM000001","iat":1735689600})";

  /// Well signed, whatever it says.
  [[nodiscard]] std::string sign(std::string_view header, std::string_view claims) const {
    return *auth::sign_token(header, claims, signer_);
  }

  /// Good but for its time.
  [[nodiscard]] std::string issued(std::chrono::seconds from_now) const {
    const auto seconds =
        std::chrono::floor<std::chrono::seconds>(kManualStart + from_now).time_since_epoch();
    return sign(kHeader, R"({"iss":"TEAM000001","iat":)" + std::to_string(seconds.count()) + "}");
  }

  [[nodiscard]] static std::string encode(std::string_view text) {
    std::string encoded;
    auth::append_base64url(as_bytes(text), encoded);
    return encoded;
  }

  /// With a signature that somebody else has made.
  [[nodiscard]] static std::string join(std::string_view header, std::string_view claims,
                                        ByteView signature) {
    std::string token = encode(header) + "." + encode(claims) + ".";
    auth::append_base64url(signature, token);
    return token;
  }

  [[nodiscard]] static std::string with_hmac(std::string_view header, std::string_view secret) {
    const std::string input = encode(header) + "." + encode(kClaims);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned len = 0;
    EXPECT_NE(
        HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(input.data()), input.size(), mac.data(), &len),
        nullptr);
    std::string token = input + ".";
    auth::append_base64url(std::as_bytes(std::span(mac).first(len)), token);
    return token;
  }

  /// Signed on a curve of 256 bits, with SHA-256, as R and S.
  [[nodiscard]] static std::string on_curve(const char* curve, std::string_view header,
                                            std::string_view claims) {
    const auth::KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
    const std::string input = encode(header) + "." + encode(claims);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                         EVP_MD_CTX_free);
    std::array<unsigned char, 80> der{};
    std::size_t len = der.size();
    EXPECT_EQ(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
    EXPECT_EQ(EVP_DigestSign(digest.get(), der.data(), &len,
                             reinterpret_cast<const unsigned char*>(input.data()), input.size()),
              1);
    const auto raw = auth::es256_from_der(std::as_bytes(std::span(der).first(len)));
    EXPECT_TRUE(raw);
    return join(header, claims, *raw);
  }

 private:
  auth::DeterministicSigner signer_{*auth::read_private_key(golden::kP8)};
};

}  // namespace apns::test
