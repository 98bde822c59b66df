#include "cli/credential.h"

#include <filesystem>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/rsa.h>

#include "certs/certificate_factory.h"
#include "certs/credential.h"
#include "certs/state_folder.h"
#include "certs/whole_file.h"
#include "tests/certs/temporary_folder.h"
#include "tests/golden/provider_token_golden.h"
#include "tests/support/variables.h"

namespace apns::cli {
namespace {

class FindCredential : public testing::Test {
 public:
  FindCredential() {
    (void)certs::open_state_folder(state());
    around.dir = state();
  }

  [[nodiscard]] std::filesystem::path state() const { return folder.path() / "state"; }

  /// A file beside the state folder.
  [[nodiscard]] std::string file(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = folder.path() / name;
    certs::write_file(path, std::string(text), 0600);
    return path.string();
  }

  [[nodiscard]] std::string in_state(const char* name) const { return (state() / name).string(); }

  [[nodiscard]] Credential find() const { return find_credential(options, around, true); }

  /// "certificate com.example.app", "TEAM000001 KEY0000001 com.example.app".
  [[nodiscard]] std::string found() const {
    const Credential credential = find();
    if (!credential.token_signer) {
      EXPECT_TRUE(credential.certificate && credential.key);
      return "certificate " + credential.topic;
    }
    EXPECT_FALSE(credential.certificate || credential.key) << "both are shown";
    return std::string(credential.token_signer->team_id().text()) + " " +
           std::string(credential.token_signer->key_id().text()) + " " + credential.topic;
  }

  [[nodiscard]] std::string problem() const {
    try {
      (void)find();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "none";
  }

  test::Variables variables = {"APNSLAB_CERT_FILE", "APNSLAB_KEY_FILE", "APNSLAB_P8_FILE",
                               "APNSLAB_KEY_ID",    "APNSLAB_TEAM_ID",  "APNSLAB_TOPIC"};
  certs::TemporaryFolder folder;
  Surroundings around;
  CredentialOptions options;
};

TEST_F(FindCredential, IsTheCertificateOfTheStateFolder) {
  EXPECT_EQ(found(), "certificate com.example.app");
}

TEST_F(FindCredential, IsTheServicesOwnKeyIfATokenIsWanted) {
  options.auth = "provider-token";
  EXPECT_EQ(found(), "TEAM000001 KEY0000001 com.example.app");
}

TEST_F(FindCredential, IsWhatAnOptionNames) {
  options.p8 = in_state("AuthKey_KEY0000001.p8");
  EXPECT_EQ(found(), "TEAM000001 KEY0000001 com.example.app");
  options.key_id = "KEY0000002";
  options.team_id = "TEAM000002";
  EXPECT_EQ(found(), "TEAM000002 KEY0000002 com.example.app");
  options.p8.clear();
  EXPECT_EQ(found(), "TEAM000002 KEY0000002 com.example.app") << "the ids name a token as well";
}

// exec tells both.
TEST_F(FindCredential, IsTheCertificateWhereVariablesNameBoth) {
  variables.set("APNSLAB_CERT_FILE", in_state("cert.pem"));
  variables.set("APNSLAB_KEY_FILE", in_state("key.pem"));
  variables.set("APNSLAB_P8_FILE", in_state("AuthKey_KEY0000001.p8"));
  EXPECT_EQ(found(), "certificate com.example.app");
  options.auth = "provider-token";
  EXPECT_EQ(found(), "TEAM000001 KEY0000001 com.example.app");
  options.auth = "certificate";
  variables.set("APNSLAB_CERT_FILE", "");
  EXPECT_EQ(found(), "certificate com.example.app");
}

TEST_F(FindCredential, IsTheTokenWhereVariablesNameItAlone) {
  variables.set("APNSLAB_P8_FILE", file("AuthKey_ABCDE12345.p8", golden::kP8));
  variables.set("APNSLAB_TEAM_ID", "TEAM000007");
  EXPECT_EQ(found(), "TEAM000007 ABCDE12345 ");
  variables.set("APNSLAB_KEY_ID", "KEY0000009");
  variables.set("APNSLAB_TOPIC", "com.example.other");
  EXPECT_EQ(found(), "TEAM000007 KEY0000009 com.example.other");
  EXPECT_TRUE(find_credential(options, around, false).certificate)
      << "what takes no tokens looks for certificates alone";
}

// The variable is about another file.
TEST_F(FindCredential, TheNameOfAFileThatAnOptionNamesGoesBeforeTheVariable) {
  variables.set("APNSLAB_KEY_ID", "KEY0000009");
  variables.set("APNSLAB_TEAM_ID", "TEAM000007");
  options.p8 = file("AuthKey_ABCDE12345.p8", golden::kP8);
  EXPECT_EQ(found(), "TEAM000007 ABCDE12345 ");
  options.p8 = file("mine.p8", golden::kP8);
  EXPECT_EQ(found(), "TEAM000007 KEY0000009 ");
}

TEST_F(FindCredential, AFolderThatAnOptionNamesGoesBeforeTheVariables) {
  around.is_folder_named = true;
  variables.set("APNSLAB_P8_FILE", file("AuthKey_ABCDE12345.p8", golden::kP8));
  variables.set("APNSLAB_KEY_ID", "KEY0000009");
  variables.set("APNSLAB_TEAM_ID", "TEAM000007");
  EXPECT_EQ(found(), "certificate com.example.app");
  options.auth = "provider-token";
  EXPECT_EQ(found(), "TEAM000001 KEY0000001 com.example.app");
}

TEST_F(FindCredential, TwoAreOneTooMany) {
  options.p8 = in_state("AuthKey_KEY0000001.p8");
  options.cert = in_state("cert.pem");
  EXPECT_EQ(problem(),
            "--cert and --p8 name two credentials: a certificate and a provider token. Leave one "
            "of them out.");
  options.cert.clear();
  options.auth = "certificate";
  EXPECT_EQ(problem(),
            "--auth certificate and --p8 name two credentials: a certificate and a provider "
            "token. Leave one of them out.");
  options = {};
  options.auth = "provider-token";
  options.p12 = in_state("provider.p12");
  EXPECT_EQ(problem(),
            "--p12 and --auth provider-token name two credentials: a certificate and a provider "
            "token. Leave one of them out.");
}

TEST_F(FindCredential, SaysWhichIdIsNotKnown) {
  options.p8 = file("mine.p8", golden::kP8);
  EXPECT_EQ(problem(),
            "the key id is not known. Give it with --key-id: 10 letters and digits, which Apple "
            "puts into the name of the .p8 file.");
  options.key_id = "KEY0000003";
  EXPECT_EQ(problem(),
            "the team id is not known. Give it with --team-id: 10 letters and digits, which the "
            "developer account shows under its membership.");
  options.team_id = "TEAM";
  EXPECT_EQ(problem(),
            "the team id \"TEAM\" is not 10 letters and digits. Give the whole one: the developer "
            "account shows it under its membership.");
}

TEST_F(FindCredential, SaysWhatIsWrongWithTheFile) {
  const auth::KeyPtr rsa(EVP_RSA_gen(1024));
  options.team_id = "TEAM000003";
  options.key_id = "KEY0000003";
  options.p8 = file("rsa.p8", certs::to_pem(rsa.get()));
  EXPECT_EQ(problem(), options.p8 +
                           " is a key of another kind, such as RSA, which belongs to a "
                           "certificate. Give the .p8 file of a provider token key: P-256.");
  options.p8 = in_state("cert.pem");
  EXPECT_EQ(problem(), options.p8 +
                           " is a certificate or a public key. Give the private key: the .p8 "
                           "file, which Apple gives once.");
  options.p8 = "/not/there.p8";
  EXPECT_EQ(problem(), "the provider token's key /not/there.p8 is not there. Name it with --p8.");
  options.p8 = file("AuthKey_TEAM000003.p8", golden::kP8);
  EXPECT_EQ(problem(), "the team id TEAM000003 is the key's, as the name of " + options.p8 +
                           " says. Swap the two ids.");
}

}  // namespace
}  // namespace apns::cli
