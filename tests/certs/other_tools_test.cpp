// Opens our files with the programs that users' libraries stand for.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/certificate_factory.h"
#include "certs/state_folder.h"
#include "tests/certs/temporary_folder.h"

namespace apns::certs {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ran {
  int exit_code;
  std::string output;  // both streams
};

Ran run(const std::string& command) {
  Ran ran{-1, {}};
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) {
    return ran;
  }
  std::array<char, 4096> part{};
  while (const std::size_t n = std::fread(part.data(), 1, part.size(), pipe)) {
    ran.output.append(part.data(), n);
  }
  const int status = ::pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

bool is_installed(const std::string& program) {
  return run("command -v " + program).exit_code == 0;
}

class OtherTools : public ::testing::Test {
 protected:
  [[nodiscard]] std::string file(std::string_view name) const { return state.file(name).string(); }

  TemporaryFolder folder;
  StateFolder state = open_state_folder(folder.file("state"));
};

TEST_F(OtherTools, OpensslOpensThePkcs12Files) {
  if (!is_installed("openssl")) {
    GTEST_SKIP() << "openssl is not installed";
  }
  for (const char* name : {"provider.p12", "truststore.p12"}) {
    const Ran ran = run("openssl pkcs12 -info -noout -passin pass:apnslab -in " + file(name));
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    EXPECT_THAT(ran.output, AllOf(HasSubstr("MAC: sha256"), HasSubstr("AES-256-CBC"),
                                  HasSubstr("hmacWithSHA256"), Not(HasSubstr("RC2"))))
        << name;
  }
}

TEST_F(OtherTools, OpensslVerifiesTheChains) {
  if (!is_installed("openssl")) {
    GTEST_SKIP() << "openssl is not installed";
  }
  const Ran server =
      run("openssl verify -x509_strict -purpose sslserver -verify_hostname "
          "api.push.apple.com -CAfile " +
          file("ca.pem") + " " + file("server.pem"));
  EXPECT_EQ(server.exit_code, 0) << server.output;
  const Ran provider = run("openssl verify -x509_strict -purpose sslclient -CAfile " +
                           file("ca-bundle.pem") + " " + file("cert.pem"));
  EXPECT_EQ(provider.exit_code, 0) << provider.output;
}

TEST_F(OtherTools, OpensslFindsARevokedCertificateInTheList) {
  if (!is_installed("openssl")) {
    GTEST_SKIP() << "openssl is not installed";
  }
  const std::string verify = "openssl verify -x509_strict -purpose sslclient -crl_check -CRLfile " +
                             file("ca.crl.pem") + " -CAfile " + file("ca.pem") + " ";
  const Ran sound = run(verify + file("cert.pem"));
  EXPECT_EQ(sound.exit_code, 0) << sound.output;

  ProviderCertificate wanted;
  wanted.revoked = true;
  const CertificateFactory factory(std::move(state.authority));
  const Credential made = factory.make_provider(wanted);
  write_file(folder.file("revoked.pem"), to_pem(made.certificate.get()), 0644);
  const Ran revoked = run(verify + folder.file("revoked.pem").string());
  EXPECT_NE(revoked.exit_code, 0);
  EXPECT_THAT(revoked.output, HasSubstr("certificate revoked"));
}

TEST_F(OtherTools, OpensslReadsTheTokenKey) {
  if (!is_installed("openssl")) {
    GTEST_SKIP() << "openssl is not installed";
  }
  const Ran ran = run("openssl pkey -noout -text -in " + file("AuthKey_KEY0000001.p8"));
  EXPECT_EQ(ran.exit_code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("NIST CURVE: P-256"));
}

TEST_F(OtherTools, JavaTrustsTheTruststoreAndOpensTheKey) {
  if (!is_installed("keytool")) {
    GTEST_SKIP() << "keytool is not installed";
  }
  const Ran trusted =
      run("LC_ALL=C keytool -list -storepass apnslab -keystore " + file("truststore.p12"));
  EXPECT_EQ(trusted.exit_code, 0) << trusted.output;
  EXPECT_THAT(trusted.output, AllOf(HasSubstr("apnslab, "), HasSubstr("trustedCertEntry")));
  const Ran provider =
      run("LC_ALL=C keytool -list -storepass apnslab -keystore " + file("provider.p12"));
  EXPECT_EQ(provider.exit_code, 0) << provider.output;
  EXPECT_THAT(provider.output, AllOf(HasSubstr("com.example.app, "), HasSubstr("PrivateKeyEntry")));
}

}  // namespace
}  // namespace apns::certs
