#include "certs/certificate_factory.h"

#include <algorithm>
#include <array>
#include <climits>
#include <stdexcept>
#include <utility>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace apns::certs {
namespace {

template <auto Free>
using Deleter = auth::OpensslDeleter<Free>;
using BigNumberPtr = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using StringPtr = std::unique_ptr<ASN1_STRING, Deleter<ASN1_STRING_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Deleter<ASN1_OBJECT_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using NamePtr = std::unique_ptr<GENERAL_NAME, Deleter<GENERAL_NAME_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, Deleter<X509_REVOKED_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Deleter<ASN1_INTEGER_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;

constexpr int kSerialBits = 127;  // positive, and at most 20 octets: RFC 5280 section 4.1.2.2

/// Apple's extensions, see docs/wire/certificates.md#extensions.
constexpr const char* kDevelopment = "1.2.840.113635.100.6.3.1";
constexpr const char* kProduction = "1.2.840.113635.100.6.3.2";
constexpr const char* kTopicList = "1.2.840.113635.100.6.3.6";
constexpr std::array<std::byte, 2> kDerNull{std::byte{0x05}, std::byte{0x00}};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + " (" + auth::take_openssl_errors() + ")");
}

int checked_len(std::size_t len) {
  if (len > INT_MAX) {
    throw std::runtime_error("a certificate cannot hold more than 2 GB");
  }
  return static_cast<int>(len);
}

const unsigned char* octets_of(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// The time that "20090101000000Z" says, in the type that its year wants (RFC 5280 section
/// 4.1.2.5).
void set_time(ASN1_TIME* time, std::string_view text) {
  if (ASN1_TIME_set_string_X509(time, std::string(text).c_str()) != 1) {
    fail("\"" + std::string(text) + "\" cannot be a date in a certificate");
  }
}

/// A certificate with a random serial, the usual dates and a public key, without names, extensions
/// and signature.
auth::X509Ptr make_bare(EVP_PKEY* key) {
  auth::X509Ptr certificate(X509_new());
  const BigNumberPtr serial(BN_new());
  if (!certificate || !serial ||
      BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) != 1 ||
      BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get())) == nullptr ||
      X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    fail("cannot make a certificate");
  }
  set_time(X509_getm_notBefore(certificate.get()), kNotBefore);
  set_time(X509_getm_notAfter(certificate.get()), kNotAfter);
  return certificate;
}

/// Appends one entry to the subject. The text is checked to be UTF-8, but not for the lengths of
/// X.520: a common name of Apple's is longer than its 64 characters as soon as the bundle id
/// has 44.
void add_subject(X509* certificate, int nid, std::string_view text) {
  ASN1_STRING* made = nullptr;
  const unsigned long types =
      B_ASN1_UTF8STRING | (nid == NID_countryName ? B_ASN1_PRINTABLESTRING : 0);
  const int type = ASN1_mbstring_copy(&made, octets_of(as_bytes(text)), checked_len(text.size()),
                                      MBSTRING_UTF8, types);
  const StringPtr value(made);
  if (type < 0 || X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), nid, type,
                                             ASN1_STRING_get0_data(made), ASN1_STRING_length(made),
                                             -1, 0) != 1) {
    fail("cannot write \"" + std::string(text) + "\" into a certificate's subject");
  }
}

/// `value` in the notation of OpenSSL's configuration files. The subject's key and the issuer have
/// to be set.
void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    fail(std::string("cannot add ") + OBJ_nid2ln(nid) + " to a certificate");
  }
}

/// Adds an extension that OpenSSL does not know, not critical.
void add_extension(X509* certificate, const char* oid, ByteView der) {
  const ObjectPtr object(OBJ_txt2obj(oid, 1));
  const std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>> value(
      ASN1_OCTET_STRING_new());
  if (!object || !value ||
      ASN1_OCTET_STRING_set(value.get(), octets_of(der), checked_len(der.size())) != 1) {
    fail(std::string("cannot make extension ") + oid);
  }
  const ExtensionPtr extension(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, value.get()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    fail(std::string("cannot add extension ") + oid + " to a certificate");
  }
}

bool is_address(const std::string& name) {
  const std::unique_ptr<ASN1_OCTET_STRING, Deleter<ASN1_OCTET_STRING_free>> address(
      a2i_IPADDRESS(name.c_str()));
  ERR_clear_error();
  return address != nullptr;
}

NamePtr make_name(const std::string& name) {
  const int type = is_address(name) ? GEN_IPADD : GEN_DNS;
  NamePtr made(a2i_GENERAL_NAME(nullptr, nullptr, nullptr, type, name.c_str(), 0));
  if (name.empty() || !made) {
    fail("\"" + name + "\" cannot be a name in a certificate");
  }
  return made;
}

void add_alternative_names(X509* certificate, const std::vector<std::string>& names) {
  const NamesPtr list(sk_GENERAL_NAME_new_null());
  for (const std::string& name : names) {
    NamePtr made = make_name(name);
    if (!list || sk_GENERAL_NAME_push(list.get(), made.get()) <= 0) {
      fail("cannot make a list of names");
    }
    [[maybe_unused]] GENERAL_NAME* owned_by_list = made.release();
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT) !=
      1) {
    fail("cannot add names to a certificate");
  }
}

void sign(X509* certificate, EVP_PKEY* key) {
  if (X509_sign(certificate, key, EVP_sha256()) <= 0) {
    fail("cannot sign a certificate");
  }
}

std::string common_name_of(const ProviderCertificate& wanted) {
  if (!wanted.common_name.empty()) {
    return wanted.common_name;
  }
  if (wanted.development == wanted.production) {
    return "Apple Push Services: " + wanted.bundle_id;
  }
  return (wanted.development ? "Apple Development IOS Push Services: "
                             : "Apple Production IOS Push Services: ") +
         wanted.bundle_id;
}

Credential make_authority(auth::KeyPtr key, std::string_view name) {
  auth::X509Ptr certificate = make_bare(key.get());
  X509* self = certificate.get();
  add_subject(self, NID_commonName, name);
  if (X509_set_issuer_name(self, X509_get_subject_name(self)) != 1) {
    fail("cannot make a certificate");
  }
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(self, self, NID_subject_key_identifier, "hash");
  add_extension(self, self, NID_authority_key_identifier, "keyid:always");
  sign(self, key.get());
  return Credential{std::move(certificate), std::move(key)};
}

/// What server and provider certificates have in common.
void add_leaf_extensions(X509* certificate, const Credential& authority, const char* usage) {
  X509* issuer = authority.certificate.get();
  if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1) {
    fail("cannot make a certificate");
  }
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, issuer, NID_ext_key_usage, usage);
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
}

}  // namespace

ProviderCertificate ProviderCertificate::universal(std::string bundle_id, std::string team_id) {
  ProviderCertificate wanted;
  wanted.topics = {{bundle_id, {"app"}},
                   {bundle_id + ".voip", {"voip"}},
                   {bundle_id + ".complication", {"complication"}}};
  wanted.bundle_id = std::move(bundle_id);
  wanted.team_id = std::move(team_id);
  return wanted;
}

ProviderCertificate ProviderCertificate::legacy(std::string bundle_id, std::string team_id,
                                                Environment environment) {
  ProviderCertificate wanted;
  wanted.development = environment == Environment::Development;
  wanted.production = environment == Environment::Production;
  wanted.bundle_id = std::move(bundle_id);
  wanted.team_id = std::move(team_id);
  return wanted;
}

auth::KeyPtr make_p256_key() {
  auth::KeyPtr key(EVP_EC_gen("P-256"));
  if (!key) {
    fail("cannot make a P-256 key");
  }
  return key;
}

CertificateFactory::CertificateFactory(auth::KeyPtr key, std::string_view name)
    : authority_(make_authority(std::move(key), name)) {}

CertificateFactory::CertificateFactory(Credential authority) : authority_(std::move(authority)) {}

Credential CertificateFactory::make_server(const std::vector<std::string>& more_names,
                                           auth::KeyPtr key) const {
  auth::X509Ptr certificate = make_bare(key.get());
  add_subject(certificate.get(), NID_commonName, "localhost");
  add_leaf_extensions(certificate.get(), authority_, "serverAuth");
  add_alternative_names(certificate.get(), server_names(more_names));
  sign(certificate.get(), authority_.key.get());
  return Credential{std::move(certificate), std::move(key)};
}

Credential CertificateFactory::make_provider(const ProviderCertificate& wanted,
                                             auth::KeyPtr key) const {
  auth::X509Ptr certificate = make_bare(key.get());
  set_time(X509_getm_notBefore(certificate.get()), wanted.not_before);
  set_time(X509_getm_notAfter(certificate.get()), wanted.not_after);
  if (wanted.revoked &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), kRevokedSerial) != 1) {
    fail("cannot make a certificate");
  }
  if (!wanted.bundle_id.empty()) {
    add_subject(certificate.get(), NID_userId, wanted.bundle_id);
  }
  add_subject(certificate.get(), NID_commonName, common_name_of(wanted));
  add_subject(certificate.get(), NID_organizationalUnitName, wanted.team_id);
  add_subject(certificate.get(), NID_countryName, "US");
  add_leaf_extensions(certificate.get(), authority_, "clientAuth");
  if (wanted.development) {
    add_extension(certificate.get(), kDevelopment, kDerNull);
  }
  if (wanted.production) {
    add_extension(certificate.get(), kProduction, kDerNull);
  }
  if (!wanted.topics.empty()) {
    add_extension(certificate.get(), kTopicList, auth::encode_topic_list(wanted.topics));
  }
  sign(certificate.get(), authority_.key.get());
  return Credential{std::move(certificate), std::move(key)};
}

auth::X509CrlPtr CertificateFactory::make_crl() const {
  auth::X509CrlPtr list(X509_CRL_new());
  RevokedPtr revoked(X509_REVOKED_new());
  const TimePtr from(ASN1_TIME_new());
  const TimePtr until(ASN1_TIME_new());
  const IntegerPtr serial(ASN1_INTEGER_new());
  const IntegerPtr number(ASN1_INTEGER_new());
  if (!list || !revoked || !from || !until || !serial || !number) {
    fail("cannot make a list of revoked certificates");
  }
  set_time(from.get(), kNotBefore);
  set_time(until.get(), kNotAfter);
  X509* issuer = authority_.certificate.get();
  if (X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer)) != 1 ||
      X509_CRL_set1_lastUpdate(list.get(), from.get()) != 1 ||
      X509_CRL_set1_nextUpdate(list.get(), until.get()) != 1 ||
      ASN1_INTEGER_set_uint64(serial.get(), kRevokedSerial) != 1 ||
      ASN1_INTEGER_set_uint64(number.get(), 1) != 1 ||
      X509_REVOKED_set_serialNumber(revoked.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(revoked.get(), from.get()) != 1 ||
      X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number.get(), 0, X509V3_ADD_DEFAULT) != 1) {
    fail("cannot make a list of revoked certificates");
  }
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, nullptr, nullptr, list.get(), 0);
  const ExtensionPtr key_id(
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
  if (!key_id || X509_CRL_add_ext(list.get(), key_id.get(), -1) != 1 ||
      X509_CRL_add0_revoked(list.get(), revoked.get()) != 1) {
    fail("cannot make a list of revoked certificates");
  }
  [[maybe_unused]] X509_REVOKED* owned_by_list = revoked.release();
  if (X509_CRL_sign(list.get(), authority_.key.get(), EVP_sha256()) <= 0) {
    fail("cannot sign a list of revoked certificates");
  }
  return list;
}

bool is_crl_of(X509_CRL* list, X509* authority) {
  const bool is_signed =
      X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(authority)) == 0 &&
      X509_CRL_verify(list, X509_get0_pubkey(authority)) == 1;
  ERR_clear_error();
  STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(list);
  std::uint64_t serial = 0;
  return is_signed && sk_X509_REVOKED_num(revoked) == 1 &&
         ASN1_INTEGER_get_uint64(
             &serial, X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, 0))) == 1 &&
         serial == kRevokedSerial;
}

const std::vector<std::string>& apple_host_names() {
  static const std::vector<std::string> kNames{
      "gateway.push.apple.com",
      "gateway.sandbox.push.apple.com",
      "feedback.push.apple.com",
      "feedback.sandbox.push.apple.com",
      "api.push.apple.com",
      "api.sandbox.push.apple.com",
      "api.development.push.apple.com",
      "api-manage-broadcast.push.apple.com",
      "api-manage-broadcast.sandbox.push.apple.com",
  };
  return kNames;
}

std::vector<std::string> server_names(const std::vector<std::string>& more_names) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  names.insert(names.end(), apple_host_names().begin(), apple_host_names().end());
  names.insert(names.end(), more_names.begin(), more_names.end());
  return names;
}

bool carries_names(const X509* certificate, const std::vector<std::string>& names) {
  const NamesPtr carried(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  return std::all_of(names.begin(), names.end(), [&carried](const std::string& name) {
    const NamePtr wanted = make_name(name);
    for (int i = 0; i < sk_GENERAL_NAME_num(carried.get()); ++i) {
      if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(carried.get(), i), wanted.get()) == 0) {
        return true;
      }
    }
    return false;
  });
}

}  // namespace apns::certs
