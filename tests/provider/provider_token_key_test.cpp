#include "provider/provider_token_key.h"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/rsa.h>

#include "apns/auth/private_key_file.h"
#include "apns/auth/provider_token.h"
#include "certs/certificate_factory.h"
#include "certs/credential.h"
#include "tests/golden/provider_token_golden.h"

namespace apns::provider {
namespace {

constexpr std::string_view kKey = "KEY0000001";
constexpr std::string_view kTeam = "TEAM000001";

std::string problem_of(const ProviderTokenKey& key) {
  try {
    (void)make_token_signer(key);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

std::string problem_of_text(std::string_view pem) {
  return problem_of({pem, kKey, kTeam, "dir/AuthKey_KEY0000001.p8"});
}

TEST(ProviderTokenKey, SignsWithWhatAppleGives) {
  const auth::ProviderTokenSigner signer =
      make_token_signer({golden::kP8, kKey, kTeam, "dir/AuthKey_KEY0000001.p8"});
  EXPECT_EQ(signer.key_id().text(), kKey);
  EXPECT_EQ(signer.team_id().text(), kTeam);
  EXPECT_EQ(problem_of({golden::kP8, kKey, kTeam, {}}), "none");
  // A file that people have called otherwise, or an id that is another's, is theirs to answer for:
  // the service tells.
  EXPECT_EQ(problem_of({golden::kP8, kKey, kTeam, "AuthKey_OTHER00001.p8"}), "none");
}

// Field report J153, vapor/apns#47, jchambers/pushy#914; so is the next.
TEST(ProviderTokenKey, SaysWhatAFileIsThatIsNoKey) {
  const certs::CertificateFactory factory(certs::make_p256_key());
  const auth::KeyPtr rsa(EVP_RSA_gen(1024));
  EXPECT_EQ(problem_of_text(certs::to_pem(factory.authority().certificate.get())),
            "dir/AuthKey_KEY0000001.p8 is a certificate or a public key. Give the private key: the "
            ".p8 file, which Apple gives once.");
  EXPECT_EQ(problem_of_text(certs::to_pem(rsa.get())),
            "dir/AuthKey_KEY0000001.p8 is a key of another kind, such as RSA, which belongs to a "
            "certificate. Give the .p8 file of a provider token key: P-256.");
  EXPECT_EQ(problem_of_text(golden::kP384Key),
            "dir/AuthKey_KEY0000001.p8 is a key on another curve than P-256. Give the .p8 file of "
            "a provider token key: P-256.");
  EXPECT_EQ(problem_of_text(golden::kEncryptedKey),
            "dir/AuthKey_KEY0000001.p8 is a private key that a password opens. Take the password "
            "off: openssl pkcs8 -topk8 -nocrypt -in FILE.");
  EXPECT_EQ(problem_of({"", kKey, kTeam, {}}),
            "the .p8 file is a text without a line \"-----BEGIN PRIVATE KEY-----\". Give the .p8 "
            "file as Apple gave it, with its first and last line.");
}

TEST(ProviderTokenKey, SaysWhichIdIsWrong) {
  const struct {
    std::string key_id;
    std::string team_id;
    std::string_view file;
    std::string problem;
  } cases[] = {
      {"",
       "TEAM000001",
       {},
       "the key id is missing. It has 10 letters and digits; Apple puts it into the name of the "
       ".p8 file."},
      {"KEY0000001",
       "",
       {},
       "the team id is missing. It has 10 letters and digits; the developer account shows it under "
       "its membership."},
      {"KEY001",
       "TEAM000001",
       {},
       "the key id \"KEY001\" is not 10 letters and digits. Give the whole one: Apple puts it into "
       "the "
       "name of the .p8 file."},
      {"KEY0000001",
       "com.example",
       {},
       "the team id \"com.example\" is not 10 letters and digits. Give the whole one: the "
       "developer "
       "account shows it under its membership."},
      {"KEY0000001",
       "TEAM_00001",
       {},
       "the team id \"TEAM_00001\" is not 10 letters and digits. Give the whole one: the developer "
       "account shows it under its membership."},
      {"KEY0000001",
       "KEY0000001",
       {},
       "the key id and the team id are both KEY0000001. The key's is in the name of the .p8 file, "
       "the team's is another."},
      {"TEAM000001", "KEY0000001", "/keys/AuthKey_KEY0000001.p8",
       "the team id KEY0000001 is the key's, as the name of /keys/AuthKey_KEY0000001.p8 says. Swap "
       "the two ids."},
  };

  for (const auto& row : cases) {
    EXPECT_EQ(problem_of({golden::kP8, row.key_id, row.team_id, row.file}), row.problem);
  }
}

TEST(ProviderTokenKey, FindsTheIdInTheNameOfTheFile) {
  const auto id_in = [](std::string_view path) {
    const auto id = key_id_of_file(path);
    return id ? std::string(id->text()) : "none";
  };
  EXPECT_EQ(id_in("AuthKey_KEY0000001.p8"), "KEY0000001");
  EXPECT_EQ(id_in("/a/AuthKey_x.p8/AuthKey_ABCDE12345.p8"), "ABCDE12345");
  EXPECT_EQ(id_in("AuthKey_KEY0000001 (1).p8"), "none");
  EXPECT_EQ(id_in("AuthKey_.p8"), "none");
  EXPECT_EQ(id_in("AuthKey_KEY0000001.pem"), "none");
  EXPECT_EQ(id_in("key.p8"), "none");
  EXPECT_EQ(id_in("AuthKey_KEY0000001.p8/key"), "none");
}

// Field report J151, kylebrowning/APNSwift#36: of numbers that begin with zeros, about 1 in 128
// signatures came out short.
TEST(ProviderTokenKey, TenThousandTokensAreRawAndVerify) {
  const auth::ProviderTokenSigner signer = make_token_signer({golden::kP8, kKey, kTeam, {}});
  const auth::KeyPtr key = auth::public_half(auth::read_private_key(golden::kP8)->get());
  auth::ProviderTokenParser parser;
  std::size_t num_with_zero = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = *signer.make(std::chrono::sys_seconds(std::chrono::seconds(i)));
    const auto token = parser.parse(text);
    ASSERT_TRUE(token.has_value()) << text;
    ASSERT_EQ(token->signature_form, auth::SignatureForm::Raw) << text;
    ASSERT_TRUE(auth::verify_signature(*token, key.get())) << text;
    ASSERT_EQ(text.find('='), std::string::npos) << text;
    num_with_zero += token->signature[0] == std::byte{0} || token->signature[32] == std::byte{0};
  }
  EXPECT_GT(num_with_zero, 20U) << "78 are expected";
}

}  // namespace
}  // namespace apns::provider
