#include "apns/auth/es256.h"

#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "apns/auth/private_key_file.h"
#include "certs/certificate_factory.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::auth {
namespace {

KeyPtr golden_key() {
  return *read_private_key(golden::kP8);
}

std::string hex_of(const Es256Signature& signature) {
  return to_hex(signature);
}

TEST(Es256, DeterministicSignaturesAreThoseOfTheStandard) {
  // RFC 6979 section A.2.5, with SHA-256.
  const DeterministicSigner signer(golden_key());
  EXPECT_EQ(hex_of(*signer.sign("sample")),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_EQ(hex_of(*signer.sign("test")),
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

TEST(Es256, MoreThanAThousandSignaturesAre64BytesAndVerify) {
  const RandomSigner random(golden_key());
  const DeterministicSigner deterministic(golden_key());
  const KeyPtr key = public_half(golden_key().get());
  bool was_short = false;
  for (int i = 0; i < 600; ++i) {
    const std::string input = "input " + std::to_string(i);
    for (const Es256Signer* signer : {static_cast<const Es256Signer*>(&random),
                                      static_cast<const Es256Signer*>(&deterministic)}) {
      const auto signature = signer->sign(input);
      ASSERT_TRUE(signature.has_value());
      ASSERT_TRUE(verify_es256(input, *signature, key.get())) << i;
      ASSERT_FALSE(verify_es256(input + ".", *signature, key.get())) << i;
      ASSERT_EQ(es256_from_der(es256_to_der(*signature)), *signature) << i;
      was_short |= signer == &deterministic &&
                   (signature->front() == std::byte{0} || (*signature)[32] == std::byte{0});
    }
  }
  EXPECT_TRUE(was_short) << "1 in 128 begins with a zero, which the raw form keeps";
}

TEST(Es256, VerifiesWithP256Only) {
  const RandomSigner signer(golden_key());
  const auto signature = signer.sign("input");
  EXPECT_FALSE(verify_es256("input", *signature, certs::make_p256_key().get()));
  const KeyPtr p384(EVP_EC_gen("P-384"));
  EXPECT_FALSE(verify_es256("input", *signature, p384.get()));
  EXPECT_EQ(ERR_peek_error(), 0UL);
}

TEST(Es256, NumbersOutsideOfTheCurveDoNotVerify) {
  const KeyPtr key = golden_key();
  Es256Signature zeros{};
  EXPECT_FALSE(verify_es256("input", zeros, key.get()));
  zeros.fill(std::byte{0xff});
  EXPECT_FALSE(verify_es256("input", zeros, key.get()));
  const auto signature = RandomSigner(golden_key()).sign("input");
  Es256Signature no_r = *signature;
  std::fill_n(no_r.begin(), 32, std::byte{0});
  EXPECT_FALSE(verify_es256("input", no_r, key.get()));
}

TEST(Es256, EveryChangedByteIsNoticed) {
  const KeyPtr key = golden_key();
  const auto signature = RandomSigner(golden_key()).sign("input");
  for (std::size_t i = 0; i < signature->size(); ++i) {
    Es256Signature changed = *signature;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(verify_es256("input", changed, key.get())) << i;
  }
}

TEST(Es256, TakesDerInItsShortestFormOnly) {
  const struct {
    const char* name;
    std::string_view hex;
    bool is_taken;
  } cases[] = {
      {"1 and 2", "3006020101020102", true},
      {"a zero that is needed", "300702020080020101", true},
      {"a zero that is not", "300702020001020101", false},
      {"negative", "3006020180020101", false},
      {"bytes behind", "300602010102010200", false},
      {"bytes inside behind", "300702010102010200", false},
      {"cut off", "30060201010201", false},
      {"no number", "30050200020102", false},
      {"another tag", "3006030101020102", false},
      {"another outer tag", "3106020101020102", false},
      {"33 bytes",
       "3026022101000000000000000000000000000000000000000000000000000000000000000000020101", false},
      {"nothing", "", false},
  };

  for (const auto& row : cases) {
    Bytes der;
    ASSERT_TRUE(parse_hex(row.hex, der));
    EXPECT_EQ(es256_from_der(der).has_value(), row.is_taken) << row.name;
  }
}

}  // namespace
}  // namespace apns::auth
