#include "certs/certificate_factory.h"

#include <ctime>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/objects.h>
#include <openssl/x509_vfy.h>

namespace apns::certs {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::time_t kStartOf2025 = 1735689600;
constexpr std::time_t kStartOf2036 = 2082758400;
constexpr std::time_t kStartOf2008 = 1199145600;

/// What verifying the chain for a purpose says: "ok", or OpenSSL's text.
std::string verify(const Credential& leaf, const Credential& authority, int purpose,
                   std::time_t when) {
  const auth::X509StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), authority.certificate.get());
  const std::unique_ptr<X509_STORE_CTX, auth::OpensslDeleter<X509_STORE_CTX_free>> context(
      X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf.certificate.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_time(context.get(), 0, when);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context.get());
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

/// "UID=..., CN=...", in the order of the certificate.
std::string subject(const X509* certificate) {
  const auth::BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN);
  char* data = nullptr;
  const long len = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(len));
}

std::string date(const ASN1_TIME* time) {
  std::tm parts{};
  std::string text(32, '\0');
  EXPECT_EQ(ASN1_TIME_to_tm(time, &parts), 1);
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts));
  return text;
}

/// The contents of an extension's OCTET STRING in hex, and whether it is critical.
std::string extension(const X509* certificate, const char* oid) {
  const std::unique_ptr<ASN1_OBJECT, auth::OpensslDeleter<ASN1_OBJECT_free>> object(
      OBJ_txt2obj(oid, 1));
  X509_EXTENSION* found =
      X509_get_ext(certificate, X509_get_ext_by_OBJ(certificate, object.get(), -1));
  if (found == nullptr) {
    return "absent";
  }
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(found);
  const std::string hex = to_hex(std::as_bytes(std::span(
      ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value)))));
  return X509_EXTENSION_get_critical(found) != 0 ? hex + " critical" : hex;
}

std::vector<std::string> alternative_names(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, auth::OpensslDeleter<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> texts;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    const ASN1_STRING* value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
    const ByteView contents = std::as_bytes(std::span(
        ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))));
    texts.push_back(name->type == GEN_DNS ? std::string(as_text(contents)) : to_hex(contents));
  }
  return texts;
}

TEST(CertificateFactory, AuthorityIsARoot) {
  const CertificateFactory factory;
  X509* root = factory.authority().certificate.get();
  EXPECT_EQ(subject(root), "CN=apnslab Root CA");
  EXPECT_EQ(X509_check_ca(root), 1);
  EXPECT_EQ(X509_check_issued(root, root), X509_V_OK);
  EXPECT_EQ(X509_get_key_usage(root), static_cast<unsigned>(KU_KEY_CERT_SIGN | KU_CRL_SIGN));
  EXPECT_EQ(extension(root, "2.5.29.19"), "30030101ff critical");  // basicConstraints: CA
}

TEST(CertificateFactory, ProviderCertificateHasApplesShape) {
  const CertificateFactory factory;
  const Credential made =
      factory.make_provider(ProviderCertificate::universal("com.example.app", "TEAM000001"));
  X509* certificate = made.certificate.get();
  EXPECT_EQ(subject(certificate),
            "UID=com.example.app, CN=Apple Push Services: com.example.app, OU=TEAM000001, C=US");
  EXPECT_EQ(X509_get_version(certificate), X509_VERSION_3);
  EXPECT_EQ(X509_get_signature_nid(certificate), NID_ecdsa_with_SHA256);
  EXPECT_EQ(X509_check_ca(certificate), 0);
  EXPECT_EQ(X509_get_extended_key_usage(certificate), static_cast<unsigned>(XKU_SSL_CLIENT));
  EXPECT_EQ(extension(certificate, "2.5.29.15"), "03020780 critical");  // digitalSignature
  EXPECT_EQ(extension(certificate, "1.2.840.113635.100.6.3.1"), "0500");
  EXPECT_EQ(extension(certificate, "1.2.840.113635.100.6.3.2"), "0500");
  EXPECT_THAT(extension(certificate, "1.2.840.113635.100.6.3.6"), SizeIs(2 * 102));
  EXPECT_EQ(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(certificate),
                                  X509_get0_subject_key_id(factory.authority().certificate.get())),
            0);
  EXPECT_NE(X509_get0_subject_key_id(certificate), nullptr);
}

TEST(CertificateFactory, LegacyCertificateHasOneEnvironmentAndNoTopicList) {
  const Credential made = CertificateFactory().make_provider(
      ProviderCertificate::legacy("com.example.app", "TEAM000001", Environment::Development));
  EXPECT_EQ(extension(made.certificate.get(), "1.2.840.113635.100.6.3.1"), "0500");
  EXPECT_EQ(extension(made.certificate.get(), "1.2.840.113635.100.6.3.2"), "absent");
  EXPECT_EQ(extension(made.certificate.get(), "1.2.840.113635.100.6.3.6"), "absent");
}

TEST(CertificateFactory, CertificateWithoutABundleIdHasNoUid) {
  ProviderCertificate wanted;
  wanted.bundle_id.clear();
  wanted.common_name = "Apple Push Services";
  const Credential made = CertificateFactory().make_provider(wanted);
  EXPECT_EQ(subject(made.certificate.get()), "CN=Apple Push Services, OU=TEAM000001, C=US");
}

TEST(CertificateFactory, ServerCertificateCarriesApplesNames) {
  const Credential server = CertificateFactory().make_server({"push.test", "10.0.0.7"});
  EXPECT_EQ(subject(server.certificate.get()), "CN=localhost");
  EXPECT_EQ(X509_get_extended_key_usage(server.certificate.get()),
            static_cast<unsigned>(XKU_SSL_SERVER));
  EXPECT_THAT(alternative_names(server.certificate.get()),
              ElementsAre("localhost", "7f000001", "00000000000000000000000000000001",
                          "gateway.push.apple.com", "gateway.sandbox.push.apple.com",
                          "feedback.push.apple.com", "feedback.sandbox.push.apple.com",
                          "api.push.apple.com", "api.sandbox.push.apple.com",
                          "api.development.push.apple.com", "api-manage-broadcast.push.apple.com",
                          "api-manage-broadcast.sandbox.push.apple.com", "push.test", "0a000007"));
}

TEST(CertificateFactory, KnowsWhichNamesACertificateCarries) {
  const CertificateFactory factory;
  const Credential server = factory.make_server({"*.push.test", "10.0.0.7"});
  const X509* certificate = server.certificate.get();
  EXPECT_TRUE(carries_names(certificate, server_names({"10.0.0.7", "*.push.test"})));
  EXPECT_FALSE(carries_names(certificate, server_names({"10.0.0.8"})));
  EXPECT_FALSE(carries_names(certificate, {"a.push.test"}));
  EXPECT_FALSE(carries_names(factory.authority().certificate.get(), {"localhost"}));
  EXPECT_TRUE(carries_names(factory.authority().certificate.get(), {}));
}

TEST(CertificateFactory, RefusesAnEmptyName) {
  const CertificateFactory factory;
  EXPECT_THROW(static_cast<void>(factory.make_server({""})), std::runtime_error);
}

TEST(CertificateFactory, RefusesABundleIdThatIsNotUtf8) {
  const CertificateFactory factory;
  try {
    static_cast<void>(factory.make_provider(ProviderCertificate::universal("\xC3(", "TEAM000001")));
    FAIL() << "made";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("invalid utf8string"));
  }
}

TEST(CertificateFactory, ChainsVerifyIn2025AndIn2036) {
  const CertificateFactory factory;
  const Credential server = factory.make_server();
  const Credential provider =
      factory.make_provider(ProviderCertificate::universal("com.example.app", "TEAM000001"));
  for (const std::time_t when : {kStartOf2025, kStartOf2036}) {
    EXPECT_EQ(verify(server, factory.authority(), X509_PURPOSE_SSL_SERVER, when), "ok");
    EXPECT_EQ(verify(provider, factory.authority(), X509_PURPOSE_SSL_CLIENT, when), "ok");
  }
}

TEST(CertificateFactory, ChainsDoNotVerifyOtherwise) {
  const CertificateFactory factory;
  const Credential server = factory.make_server();
  EXPECT_EQ(verify(server, factory.authority(), X509_PURPOSE_SSL_CLIENT, kStartOf2025),
            "unsuitable certificate purpose");
  EXPECT_EQ(verify(server, factory.authority(), X509_PURPOSE_SSL_SERVER, kStartOf2008),
            "certificate is not yet valid");
  EXPECT_EQ(verify(server, CertificateFactory().authority(), X509_PURPOSE_SSL_SERVER, kStartOf2025),
            "unable to get local issuer certificate");
}

TEST(CertificateFactory, DatesReachFrom2009To2119) {
  const CertificateFactory factory;
  const Credential server = factory.make_server();
  const Credential provider = factory.make_provider(ProviderCertificate());
  for (const X509* certificate : {factory.authority().certificate.get(), server.certificate.get(),
                                  provider.certificate.get()}) {
    EXPECT_EQ(date(X509_get0_notBefore(certificate)), "2009-01-01 00:00:00");
    EXPECT_EQ(date(X509_get0_notAfter(certificate)), "2119-12-31 23:59:59");
  }
}

TEST(CertificateFactory, DatesMayBeGiven) {
  const CertificateFactory factory;
  ProviderCertificate wanted;
  wanted.not_before = "20100203040506Z";
  wanted.not_after = "20501231235959Z";
  const Credential made = factory.make_provider(wanted);
  EXPECT_EQ(date(X509_get0_notBefore(made.certificate.get())), "2010-02-03 04:05:06");
  EXPECT_EQ(date(X509_get0_notAfter(made.certificate.get())), "2050-12-31 23:59:59");
  wanted.not_after = "tomorrow";
  EXPECT_THROW(static_cast<void>(factory.make_provider(wanted)), std::runtime_error);
}

TEST(CertificateFactory, ListsTheSerialOfWhatIsRevokedAndNothingElse) {
  const CertificateFactory factory;
  const auth::X509CrlPtr list = factory.make_crl();
  EXPECT_TRUE(is_crl_of(list.get(), factory.authority().certificate.get()));
  EXPECT_FALSE(is_crl_of(list.get(), CertificateFactory().authority().certificate.get()));
  EXPECT_EQ(date(X509_CRL_get0_lastUpdate(list.get())), "2009-01-01 00:00:00");
  EXPECT_EQ(date(X509_CRL_get0_nextUpdate(list.get())), "2119-12-31 23:59:59");

  ProviderCertificate wanted;
  for (const bool is_revoked : {true, false}) {
    wanted.revoked = is_revoked;
    const Credential made = factory.make_provider(wanted);
    X509_REVOKED* entry = nullptr;
    EXPECT_EQ(X509_CRL_get0_by_cert(list.get(), &entry, made.certificate.get()) == 1, is_revoked);
  }
}

TEST(CertificateFactory, SerialsAreLongAndDiffer) {
  const CertificateFactory factory;
  std::set<std::string> serials;
  std::vector<int> lengths;
  for (int i = 0; i < 8; ++i) {
    const Credential made = factory.make_provider(ProviderCertificate());
    const std::unique_ptr<BIGNUM, auth::OpensslDeleter<BN_free>> serial(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(made.certificate.get()), nullptr));
    lengths.push_back(BN_num_bits(serial.get()));
    char* hex = BN_bn2hex(serial.get());
    serials.insert(hex);
    OPENSSL_free(hex);
  }
  EXPECT_THAT(lengths, Each(127));
  EXPECT_THAT(serials, SizeIs(8));
}

TEST(CertificateFactory, TakesOverAnAuthorityAndAKey) {
  CertificateFactory first;
  auth::KeyPtr key = make_p256_key();
  const std::string key_pem = to_pem(key.get());
  const CertificateFactory second(std::move(first).take_authority());
  const Credential provider = second.make_provider(ProviderCertificate(), std::move(key));
  EXPECT_EQ(to_pem(provider.key.get()), key_pem);
  EXPECT_EQ(verify(provider, second.authority(), X509_PURPOSE_SSL_CLIENT, kStartOf2025), "ok");
}

}  // namespace
}  // namespace apns::certs
