#include "apns/auth/certificate_identity.h"

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "certs/certificate_factory.h"

namespace apns::auth {
namespace {

using certs::CertificateFactory;
using certs::Credential;
using certs::ProviderCertificate;
using Topic = CertificateIdentity::Topic;

CertificateIdentity identity_of(const ProviderCertificate& wanted) {
  const Credential made = CertificateFactory().make_provider(wanted);
  auto identity = read_certificate_identity(made.certificate.get());
  EXPECT_TRUE(identity.has_value());
  return identity.has_value() ? *identity : CertificateIdentity();
}

TEST(CertificateIdentity, OfAUniversalCertificate) {
  const CertificateIdentity identity =
      identity_of(ProviderCertificate::universal("com.example.app", "TEAM000001"));
  EXPECT_EQ(identity.uid, "com.example.app");
  EXPECT_EQ(identity.common_name, "Apple Push Services: com.example.app");
  EXPECT_EQ(identity.team_id, "TEAM000001");
  EXPECT_TRUE(identity.development);
  EXPECT_TRUE(identity.production);
  EXPECT_EQ(identity.topics,
            (std::vector<Topic>{{"com.example.app", {"app"}},
                                {"com.example.app.voip", {"voip"}},
                                {"com.example.app.complication", {"complication"}}}));
  EXPECT_FALSE(identity.issued_by_own_ca);
}

TEST(CertificateIdentity, OfALegacyDevelopmentCertificate) {
  const CertificateIdentity identity = identity_of(
      ProviderCertificate::legacy("com.example.app", "TEAM000001", Environment::Development));
  EXPECT_EQ(identity.uid, "com.example.app");
  EXPECT_EQ(identity.common_name, "Apple Development IOS Push Services: com.example.app");
  EXPECT_TRUE(identity.serves(Environment::Development));
  EXPECT_FALSE(identity.serves(Environment::Production));
  EXPECT_TRUE(identity.topics.empty());
}

TEST(CertificateIdentity, OfALegacyProductionCertificate) {
  const CertificateIdentity identity = identity_of(
      ProviderCertificate::legacy("com.example.app", "TEAM000001", Environment::Production));
  EXPECT_EQ(identity.common_name, "Apple Production IOS Push Services: com.example.app");
  EXPECT_FALSE(identity.serves(Environment::Development));
  EXPECT_TRUE(identity.serves(Environment::Production));
}

TEST(CertificateIdentity, OfACertificateWithoutApplesExtensionsServesBoth) {
  ProviderCertificate wanted;
  wanted.common_name = "VoIP Services: com.example.app";
  wanted.development = false;
  wanted.production = false;
  const CertificateIdentity identity = identity_of(wanted);
  EXPECT_EQ(identity.common_name, "VoIP Services: com.example.app");
  EXPECT_FALSE(identity.development);
  EXPECT_FALSE(identity.production);
  EXPECT_TRUE(identity.serves(Environment::Development));
  EXPECT_TRUE(identity.serves(Environment::Production));
}

TEST(CertificateIdentity, KeepsABundleIdThatMakesTheCommonNameLong) {
  const std::string bundle_id = "com.example." + std::string(150, 'x');
  const CertificateIdentity identity =
      identity_of(ProviderCertificate::universal(bundle_id, "TEAM000001"));
  EXPECT_EQ(identity.uid, bundle_id);
  EXPECT_EQ(identity.common_name, "Apple Push Services: " + bundle_id);
}

TEST(CertificateIdentity, OfAServerCertificateHasNoTopic) {
  const Credential server = CertificateFactory().make_server();
  const auto identity = read_certificate_identity(server.certificate.get());
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->common_name, "localhost");
  EXPECT_EQ(identity->uid, "");
  EXPECT_EQ(identity->team_id, "");
  EXPECT_EQ(identity->default_topic(), "");
}

TEST(CertificateIdentity, HasTheFingerprintOfTheDer) {
  const Credential made = CertificateFactory().make_provider(ProviderCertificate());
  unsigned char* der = nullptr;
  const int len = i2d_X509(made.certificate.get(), &der);
  ASSERT_GT(len, 0);
  Bytes digest(32);
  const int hashed = EVP_Q_digest(nullptr, "SHA256", nullptr, der, static_cast<std::size_t>(len),
                                  reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  OPENSSL_free(der);
  ASSERT_EQ(hashed, 1);
  const auto identity = read_certificate_identity(made.certificate.get());
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->fingerprint, to_hex(digest));
}

TEST(CertificateIdentity, TakesTheTopicFromUidThenTopicsThenCommonName) {
  CertificateIdentity identity;
  EXPECT_EQ(identity.default_topic(), "");
  identity.common_name = "com.example.name";
  EXPECT_EQ(identity.default_topic(), "");
  identity.common_name = "Apple Push Services: com.example.name";
  EXPECT_EQ(identity.default_topic(), "com.example.name");
  identity.topics = {{"com.example.list", {"app"}}, {"com.example.second", {"app"}}};
  EXPECT_EQ(identity.default_topic(), "com.example.list");
  identity.uid = "com.example.uid";
  EXPECT_EQ(identity.default_topic(), "com.example.uid");
}

/// Certificates that the factory would never make. Unsigned but complete enough to be read.
class OddCertificate {
 public:
  OddCertificate() : certificate_(CertificateFactory().make_server().certificate) {}

  /// Replaces the common name by raw contents of the given ASN.1 type.
  OddCertificate& common_name(int type, std::string_view contents) {
    const std::unique_ptr<X509_NAME, OpensslDeleter<X509_NAME_free>> name(X509_NAME_new());
    EXPECT_EQ(X509_NAME_add_entry_by_NID(name.get(), NID_commonName, type,
                                         reinterpret_cast<const unsigned char*>(contents.data()),
                                         static_cast<int>(contents.size()), -1, 0),
              1);
    EXPECT_EQ(X509_set_subject_name(certificate_.get(), name.get()), 1);
    return *this;
  }

  OddCertificate& extension(const char* oid, std::string_view value) {
    const std::unique_ptr<ASN1_OBJECT, OpensslDeleter<ASN1_OBJECT_free>> object(
        OBJ_txt2obj(oid, 1));
    const std::unique_ptr<ASN1_OCTET_STRING, OpensslDeleter<ASN1_OCTET_STRING_free>> octets(
        ASN1_OCTET_STRING_new());
    EXPECT_EQ(
        ASN1_OCTET_STRING_set(octets.get(), reinterpret_cast<const unsigned char*>(value.data()),
                              static_cast<int>(value.size())),
        1);
    const std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>> extension(
        X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, octets.get()));
    EXPECT_EQ(X509_add_ext(certificate_.get(), extension.get(), -1), 1);
    return *this;
  }

  [[nodiscard]] Result<CertificateIdentity, IdentityError> read() const {
    return read_certificate_identity(certificate_.get());
  }

 private:
  X509Ptr certificate_;
};

TEST(CertificateIdentity, ConvertsOldStringTypesToUtf8) {
  const auto bmp = OddCertificate()
                       .common_name(V_ASN1_BMPSTRING, std::string_view("\x00\xE9\x20\xAC", 4))
                       .read();
  ASSERT_TRUE(bmp.has_value());
  EXPECT_EQ(bmp->common_name, "\xC3\xA9\xE2\x82\xAC");
  const auto latin = OddCertificate().common_name(V_ASN1_T61STRING, "\xE9").read();
  ASSERT_TRUE(latin.has_value());
  EXPECT_EQ(latin->common_name, "\xC3\xA9");
}

TEST(CertificateIdentity, RefusesASubjectThatIsNotText) {
  ERR_clear_error();
  // Text that is not what its type says does not get this far: OpenSSL cannot even parse such a
  // certificate.
  const auto identity = OddCertificate().common_name(V_ASN1_BIT_STRING, "com.example").read();
  ASSERT_TRUE(identity.has_error());
  EXPECT_EQ(identity.error(), IdentityError::BadSubject);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(CertificateIdentity, RefusesABrokenTopicList) {
  const auto identity = OddCertificate()
                            .extension("1.2.840.113635.100.6.3.6", std::string_view("\x05\x00", 2))
                            .read();
  ASSERT_TRUE(identity.has_error());
  EXPECT_EQ(identity.error(), IdentityError::BadTopicList);
}

TEST(CertificateIdentity, IgnoresExtensionsThatItDoesNotKnow) {
  const auto identity = OddCertificate()
                            .extension("1.2.840.113635.100.6.3.3", "com.example.app")
                            .extension("1.2.840.113635.100.6.3.1.6", "below .1")
                            .extension("1.2.840.113635.100.6.4.6", "beside the arc")
                            .read();
  ASSERT_TRUE(identity.has_value());
  EXPECT_FALSE(identity->development);
  EXPECT_TRUE(identity->topics.empty());
}

}  // namespace
}  // namespace apns::auth
