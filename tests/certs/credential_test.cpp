#include "certs/credential.h"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "certs/certificate_factory.h"

namespace apns::certs {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CredentialForms : public ::testing::Test {
 protected:
  CredentialForms() : provider(factory.make_provider(ProviderCertificate())) {}

  [[nodiscard]] X509* root() const { return factory.authority().certificate.get(); }

  CertificateFactory factory;
  Credential provider;
};

auth::BioPtr reader(const std::string& text) {
  return auth::BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// The text of what `action` throws; empty when it does not.
std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

TEST_F(CredentialForms, CertificatePemIsReadByOpenssl) {
  const std::string pem = to_pem(provider.certificate.get());
  const auth::X509Ptr read(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(X509_cmp(read.get(), provider.certificate.get()), 0);
  EXPECT_EQ(X509_cmp(parse_certificate_pem(pem).get(), provider.certificate.get()), 0);
}

TEST_F(CredentialForms, KeyPemIsUnencryptedPkcs8) {
  const std::string pem = to_pem(provider.key.get());
  EXPECT_THAT(pem, AllOf(StartsWith("-----BEGIN PRIVATE KEY-----\n"),
                         EndsWith("-----END PRIVATE KEY-----\n")));
  const auth::KeyPtr read(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, nullptr));
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(EVP_PKEY_eq(read.get(), provider.key.get()), 1);
  EXPECT_EQ(EVP_PKEY_eq(parse_key_pem(pem).get(), provider.key.get()), 1);
}

TEST_F(CredentialForms, TextAroundAPemIsIgnored) {
  const std::string pem = "Bag Attributes\n" + to_pem(root()) + to_pem(provider.key.get());
  EXPECT_EQ(X509_cmp(parse_certificate_pem(pem).get(), root()), 0);
  EXPECT_EQ(EVP_PKEY_eq(parse_key_pem(pem).get(), provider.key.get()), 1);
}

TEST_F(CredentialForms, AllCertificatesOfATextAreRead) {
  const std::string one = to_pem(root());
  const std::string two = to_pem(provider.certificate.get());
  EXPECT_THAT(parse_certificates_pem("# ours\n" + one), SizeIs(1));
  const auto both = parse_certificates_pem(one + "\n# theirs\n" + two + "the end");
  ASSERT_THAT(both, SizeIs(2));
  EXPECT_EQ(X509_cmp(both[1].get(), provider.certificate.get()), 0);
  EXPECT_EQ(error_of([] { static_cast<void>(parse_certificates_pem("no")); }),
            "cannot read a certificate (PEM routines: no start line (Expecting: CERTIFICATE))");
  EXPECT_THAT(
      error_of([&] { static_cast<void>(parse_certificates_pem(one + two.substr(0, 300))); }),
      StartsWith("cannot read certificate 2 ("));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(CredentialForms, BrokenPemsAreRefusedWithOpensslsText) {
  EXPECT_EQ(error_of([] { static_cast<void>(parse_certificate_pem("no")); }),
            "cannot read a certificate (PEM routines: no start line (Expecting: CERTIFICATE))");
  EXPECT_THAT(error_of([] { static_cast<void>(parse_key_pem("")); }),
              StartsWith("cannot read a private key ("));
  const std::string pem = to_pem(provider.certificate.get());
  EXPECT_THAT(error_of([&pem] { static_cast<void>(parse_certificate_pem(pem.substr(0, 300))); }),
              HasSubstr("PEM routines"));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(CredentialForms, EncryptedKeyIsRefusedWithoutAsking) {
  const auth::BioPtr bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), provider.key.get(), EVP_aes_256_cbc(),
                                          "secret", 6, nullptr, nullptr),
            1);
  char* data = nullptr;
  const long len = BIO_get_mem_data(bio.get(), &data);
  const std::string pem(data, static_cast<std::size_t>(len));
  EXPECT_THAT(error_of([&pem] { static_cast<void>(parse_key_pem(pem)); }),
              StartsWith("cannot read a private key ("));
}

TEST_F(CredentialForms, P12HoldsKeyCertificateAndAuthority) {
  const std::string der = to_p12(provider, root(), "secret", "com.example.app");
  const P12Contents contents = parse_p12(der, "secret");
  ASSERT_NE(contents.credential.key, nullptr);
  ASSERT_NE(contents.credential.certificate, nullptr);
  EXPECT_EQ(EVP_PKEY_eq(contents.credential.key.get(), provider.key.get()), 1);
  EXPECT_EQ(X509_cmp(contents.credential.certificate.get(), provider.certificate.get()), 0);
  ASSERT_THAT(contents.others, SizeIs(1));
  EXPECT_EQ(X509_cmp(contents.others[0].get(), root()), 0);
  int len = 0;
  const unsigned char* name = X509_alias_get0(contents.credential.certificate.get(), &len);
  EXPECT_EQ(std::string(name, name + len), "com.example.app");
}

TEST_F(CredentialForms, P12IsSealedWithSha256) {
  for (const std::string& der :
       {to_p12(provider, root(), "secret", "name"), to_truststore(root(), "secret")}) {
    const auth::Pkcs12Ptr p12(d2i_PKCS12_bio(reader(der).get(), nullptr));
    ASSERT_NE(p12, nullptr);
    EXPECT_EQ(PKCS12_verify_mac(p12.get(), "secret", -1), 1);
    const X509_ALGOR* digest = nullptr;
    PKCS12_get0_mac(nullptr, &digest, nullptr, nullptr, p12.get());
    ASSERT_NE(digest, nullptr);
    EXPECT_EQ(OBJ_obj2nid(digest->algorithm), NID_sha256);
  }
}

TEST_F(CredentialForms, TruststoreHoldsTheAuthorityAlone) {
  const P12Contents contents = parse_p12(to_truststore(root(), "secret"), "secret");
  EXPECT_EQ(contents.credential.key, nullptr);
  EXPECT_EQ(contents.credential.certificate, nullptr);
  ASSERT_THAT(contents.others, SizeIs(1));
  EXPECT_EQ(X509_cmp(contents.others[0].get(), root()), 0);
}

struct LibraryDeleter {
  void operator()(OSSL_LIB_CTX* library) const { OSSL_LIB_CTX_free(library); }
};

struct ProviderDeleter {
  void operator()(OSSL_PROVIDER* algorithms) const { OSSL_PROVIDER_unload(algorithms); }
};

using AlgorithmsPtr = std::unique_ptr<OSSL_PROVIDER, ProviderDeleter>;

// Field report K154, ostinelli/apnotic#122: what Keychain exported for years.
TEST_F(CredentialForms, P12OfAnOldKeychainIsExplained) {
  const std::unique_ptr<OSSL_LIB_CTX, LibraryDeleter> library(OSSL_LIB_CTX_new());
  const AlgorithmsPtr old(OSSL_PROVIDER_load(library.get(), "legacy"));
  const AlgorithmsPtr usual(OSSL_PROVIDER_load(library.get(), "default"));
  if (!old || !usual) {
    ERR_clear_error();
    GTEST_SKIP() << "this OpenSSL has no legacy provider to make such a file with";
  }
  const auth::Pkcs12Ptr p12(
      PKCS12_create_ex("secret", "name", provider.key.get(), provider.certificate.get(), nullptr,
                       NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And40BitRC2_CBC, 1,
                       1, 0, library.get(), nullptr));
  ASSERT_NE(p12, nullptr);
  const auth::BioPtr bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(i2d_PKCS12_bio(bio.get(), p12.get()), 1);
  char* data = nullptr;
  const long len = BIO_get_mem_data(bio.get(), &data);
  const std::string der(data, static_cast<std::size_t>(len));
  EXPECT_THAT(error_of([&der] { static_cast<void>(parse_p12(der, "secret")); }),
              EndsWith("): it is sealed with a cipher that OpenSSL 3 has no more, as old Keychains "
                       "do it. Make PEM of it: openssl pkcs12 -legacy -nodes -in FILE -out "
                       "both.pem"));
}

TEST_F(CredentialForms, BrokenP12IsRefused) {
  const std::string der = to_truststore(root(), "secret");
  EXPECT_EQ(error_of([&der] { static_cast<void>(parse_p12(der, "other")); }),
            "cannot open a PKCS#12 file (PKCS12 routines: mac verify failure): its password is "
            "another one");
  for (std::size_t len = 0; len < der.size(); len += 7) {
    EXPECT_THAT(
        error_of([&der, len] { static_cast<void>(parse_p12(der.substr(0, len), "secret")); }),
        StartsWith("cannot open a PKCS#12 file ("))
        << len;
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace apns::certs
