#include "apns/auth/public_key_file.h"

#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "apns/auth/private_key_file.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::auth {
namespace {

TEST(PublicKeyFile, IsReadAndWritten) {
  const KeyPtr key = read_public_key(golden::kPublicKey);
  ASSERT_TRUE(key);
  EXPECT_EQ(public_key_pem(key.get()), golden::kPublicKey);
}

TEST(PublicKeyFile, IsThePublicHalfOfAPrivateKey) {
  const auto key = read_private_key(golden::kP8);
  EXPECT_EQ(public_key_pem(key->get()), golden::kPublicKey);
}

TEST(PublicKeyFile, WhatStandsAroundItIsIgnored) {
  EXPECT_TRUE(read_public_key("note\n" + std::string(golden::kPublicKey) + "note\n"));
}

TEST(PublicKeyFile, IsNoneIfItIsSomethingElse) {
  const std::string cut_off(golden::kPublicKey.substr(0, 100));
  for (const std::string_view text :
       {std::string_view(), std::string_view("key"), golden::kP8, std::string_view(cut_off)}) {
    EXPECT_FALSE(read_public_key(text)) << text;
  }
  const auto other_curve = [] {
    const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"));
    return public_key_pem(key.get());
  }();
  EXPECT_FALSE(other_curve.empty());
  EXPECT_FALSE(read_public_key(other_curve));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace apns::auth
