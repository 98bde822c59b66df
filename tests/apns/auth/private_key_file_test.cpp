#include "apns/auth/private_key_file.h"

#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "certs/certificate_factory.h"
#include "certs/credential.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::auth {
namespace {

TEST(PrivateKeyFile, ReadsWhatAppleGives) {
  const auto key = read_private_key(golden::kP8);
  ASSERT_TRUE(key.has_value());
  EXPECT_TRUE(is_p256(key->get()));
}

TEST(PrivateKeyFile, ReadsTheOlderFormAndWhatStandsAround) {
  const auto key = read_private_key(golden::kP8);
  for (const std::string& text :
       {std::string(golden::kSec1Key), "Bag Attributes\n" + std::string(golden::kP8) + "the end",
        std::string(golden::kPublicKey) + std::string(golden::kP8)}) {
    const auto again = read_private_key(text);
    ASSERT_TRUE(again.has_value()) << text;
    EXPECT_EQ(EVP_PKEY_eq(key->get(), again->get()), 1);
  }
}

TEST(PrivateKeyFile, SaysWhatElseATextIs) {
  using Error = PrivateKeyError;
  const certs::CertificateFactory factory(certs::make_p256_key());
  std::string damaged(golden::kP8);
  damaged[40] = damaged[40] == 'A' ? 'B' : 'A';
  const KeyPtr rsa(EVP_RSA_gen(1024));

  const struct {
    const char* name;
    std::string text;
    Error error;
  } cases[] = {
      {"nothing", "", Error::NotPem},
      {"the key without its lines", "MIGHAgEAMBMGByqGSM49AgEG", Error::NotPem},
      {"a certificate", certs::to_pem(factory.authority().certificate.get()), Error::NotPrivate},
      {"a public key", std::string(golden::kPublicKey), Error::NotPrivate},
      {"a password", std::string(golden::kEncryptedKey), Error::Encrypted},
      {"damaged", damaged, Error::Damaged},
      {"cut off", std::string(golden::kP8.substr(0, 150)), Error::Damaged},
      {"RSA", certs::to_pem(rsa.get()), Error::NotElliptic},
      {"Ed25519", std::string(golden::kEd25519Key), Error::NotElliptic},
      {"P-384", std::string(golden::kP384Key), Error::OtherCurve},
  };

  for (const auto& row : cases) {
    const auto key = read_private_key(row.text);
    ASSERT_TRUE(key.has_error()) << row.name;
    EXPECT_EQ(key.error(), row.error) << row.name << ": " << words_of(key.error()).found;
    EXPECT_EQ(ERR_peek_error(), 0UL) << row.name;
    EXPECT_FALSE(words_of(row.error).fix.empty());
  }
}

TEST(PrivateKeyFile, PublicHalfHasNoSecret) {
  const auto key = read_private_key(golden::kP8);
  const KeyPtr half = public_half(key->get());
  ASSERT_NE(half, nullptr);
  EXPECT_EQ(EVP_PKEY_eq(key->get(), half.get()), 1);
  EXPECT_TRUE(is_p256(half.get()));
  EXPECT_THROW((void)certs::to_pem(half.get()), std::runtime_error);
}

}  // namespace
}  // namespace apns::auth
