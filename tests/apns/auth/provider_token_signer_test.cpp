#include "apns/auth/provider_token_signer.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "apns/auth/private_key_file.h"
#include "apns/auth/provider_token.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::auth {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_seconds kIssuedAt =
    std::chrono::sys_days(std::chrono::year(2025) / 1 / 1);

template <class Signer>
ProviderTokenSigner make_signer() {
  return ProviderTokenSigner(*TenCharacterId::parse("KEY0000001"),
                             *TenCharacterId::parse("TEAM000001"),
                             std::make_unique<Signer>(std::move(*read_private_key(golden::kP8))));
}

TEST(ProviderTokenSigner, MakesTheUsualToken) {
  const auto token = make_signer<DeterministicSigner>().make(kIssuedAt);
  ASSERT_TRUE(token.has_value());
  // All but the signature is as in the golden one.
  const std::size_t input_len = golden::kProviderToken.rfind('.');
  EXPECT_EQ(token->substr(0, input_len), golden::kProviderToken.substr(0, input_len));
  EXPECT_EQ(token->size(), golden::kProviderToken.size());
}

TEST(ProviderTokenSigner, WhatItMakesIsReadAndVerifies) {
  const auto signer = make_signer<RandomSigner>();
  const KeyPtr key = public_half(read_private_key(golden::kP8)->get());
  ProviderTokenParser parser;
  const std::string text = *signer.make(kIssuedAt + 3599s);
  const auto token = parser.parse(text);
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->issued_at, kIssuedAt + 3599s);
  EXPECT_EQ(token->key_id, signer.key_id());
  EXPECT_EQ(token->team_id, signer.team_id());
  EXPECT_TRUE(verify_signature(*token, key.get()));
}

TEST(ProviderTokenSigner, IsTheSameEachTimeOnlyWhereItIsAskedTo) {
  EXPECT_EQ(*make_signer<DeterministicSigner>().make(kIssuedAt),
            *make_signer<DeterministicSigner>().make(kIssuedAt));
  EXPECT_NE(*make_signer<RandomSigner>().make(kIssuedAt),
            *make_signer<RandomSigner>().make(kIssuedAt));
}

}  // namespace
}  // namespace apns::auth
