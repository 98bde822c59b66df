#include "certs/credential.h"

#include <climits>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

namespace apns::certs {
namespace {

struct X509StackDeleter {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};

struct SafeBagStackDeleter {
  void operator()(STACK_OF(PKCS12_SAFEBAG) * stack) const {
    sk_PKCS12_SAFEBAG_pop_free(stack, PKCS12_SAFEBAG_free);
  }
};

struct SafeStackDeleter {
  void operator()(STACK_OF(PKCS7) * stack) const { sk_PKCS7_pop_free(stack, PKCS7_free); }
};

using X509StackPtr = std::unique_ptr<STACK_OF(X509), X509StackDeleter>;
using SafeBagStackPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), SafeBagStackDeleter>;
using SafeStackPtr = std::unique_ptr<STACK_OF(PKCS7), SafeStackDeleter>;

/// More rounds would only slow every start: the password is public, and the same key lies beside
/// the file in PEM.
constexpr int kKeyDerivationRounds = 1;

/// Oracle's trustedKeyUsage; the JDK writes anyExtendedKeyUsage as its value.
constexpr const char* kTrustedKeyUsage = "2.16.840.1.113894.746875.1.1";

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + " (" + auth::take_openssl_errors() + ")");
}

auth::BioPtr make_writer() {
  auth::BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio) {
    fail("cannot make a memory buffer");
  }
  return bio;
}

/// With what OpenSSL's text means, where that takes an expert to see.
[[noreturn]] void fail_p12() {
  const std::string text = auth::take_openssl_errors();
  std::string what = "cannot open a PKCS#12 file (" + text + ")";
  if (text.find("mac verify failure") != std::string::npos) {
    what += ": its password is another one";
  } else if (text.find("RC2-40-CBC") != std::string::npos) {
    what +=
        ": it is sealed with a cipher that OpenSSL 3 has no more, as old Keychains do it. Make PEM "
        "of it: openssl pkcs12 -legacy -nodes -in FILE -out both.pem";
  }
  throw std::runtime_error(what);
}

/// Reads from `text`, which outlives the result. What older calls left in the error queue is
/// dropped, so that an error names this reader's trouble only.
auth::BioPtr make_reader(std::string_view text) {
  ERR_clear_error();
  if (text.size() > INT_MAX) {
    throw std::runtime_error("the file is larger than 2 GB");
  }
  auth::BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) {
    fail("cannot make a memory buffer");
  }
  return bio;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long len = BIO_get_mem_data(bio, &data);
  return len > 0 ? std::string(data, static_cast<std::size_t>(len)) : std::string();
}

auth::X509Ptr copy_of(const X509* certificate) {
  auth::X509Ptr copy(X509_dup(certificate));
  if (!copy) {
    fail("cannot copy a certificate");
  }
  return copy;
}

/// Adds the MAC and encodes. `p12` may be null: what made it failed.
std::string seal_p12(PKCS12* p12, const std::string& password) {
  if (p12 == nullptr || PKCS12_set_mac(p12, password.c_str(), -1, nullptr, 0, kKeyDerivationRounds,
                                       EVP_sha256()) != 1) {
    fail("cannot make a PKCS#12 file");
  }
  const auth::BioPtr bio = make_writer();
  if (i2d_PKCS12_bio(bio.get(), p12) != 1) {
    fail("cannot encode a PKCS#12 file");
  }
  return text_of(bio.get());
}

/// Marks a certificate's bag as trusted, for Java.
bool add_trusted_key_usage(PKCS12_SAFEBAG* bag) {
  // With the length -1 the "bytes" are the value in OpenSSL's own form (X509_ATTRIBUTE_set1_data).
  constexpr int kIsValue = -1;
  const auto* value = reinterpret_cast<const unsigned char*>(OBJ_nid2obj(NID_anyExtendedKeyUsage));
  return PKCS12_add1_attr_by_txt(bag, kTrustedKeyUsage, V_ASN1_OBJECT, value, kIsValue) == 1;
}

/// For OpenSSL's PEM readers: instead of asking on the terminal.
int refuse_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) noexcept {
  return -1;
}

}  // namespace

std::string to_pem(const X509* certificate) {
  const auth::BioPtr bio = make_writer();
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) {
    fail("cannot write a certificate");
  }
  return text_of(bio.get());
}

std::string to_pem(const EVP_PKEY* key) {
  const auth::BioPtr bio = make_writer();
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    fail("cannot write a private key");
  }
  return text_of(bio.get());
}

std::string to_pem(const X509_CRL* list) {
  const auth::BioPtr bio = make_writer();
  if (PEM_write_bio_X509_CRL(bio.get(), list) != 1) {
    fail("cannot write a list of revoked certificates");
  }
  return text_of(bio.get());
}

std::string to_p12(const Credential& credential, const X509* authority, std::string_view password,
                   std::string_view friendly_name) {
  const X509StackPtr others(sk_X509_new_null());
  auth::X509Ptr authority_copy = copy_of(authority);
  if (!others || sk_X509_push(others.get(), authority_copy.get()) <= 0) {
    fail("cannot make a PKCS#12 file");
  }
  [[maybe_unused]] X509* owned_by_stack = authority_copy.release();
  constexpr int kWithoutMac = -1;  // seal_p12() adds it
  const std::string secret(password);
  const auth::Pkcs12Ptr p12(PKCS12_create(secret.c_str(), std::string(friendly_name).c_str(),
                                          credential.key.get(), credential.certificate.get(),
                                          others.get(), NID_aes_256_cbc, NID_aes_256_cbc,
                                          kKeyDerivationRounds, kWithoutMac, 0));
  return seal_p12(p12.get(), secret);
}

std::string to_truststore(const X509* authority, std::string_view password) {
  const std::string secret(password);
  const auth::X509Ptr certificate = copy_of(authority);
  STACK_OF(PKCS12_SAFEBAG)* new_bags = nullptr;
  PKCS12_SAFEBAG* bag = PKCS12_add_cert(&new_bags, certificate.get());
  const SafeBagStackPtr bags(new_bags);
  if (bag == nullptr || PKCS12_add_friendlyname_utf8(bag, "apnslab", -1) != 1 ||
      !add_trusted_key_usage(bag)) {
    fail("cannot make a trust store");
  }
  STACK_OF(PKCS7)* new_safes = nullptr;
  const int added = PKCS12_add_safe(&new_safes, bags.get(), NID_aes_256_cbc, kKeyDerivationRounds,
                                    secret.c_str());
  const SafeStackPtr safes(new_safes);
  if (added != 1) {
    fail("cannot make a trust store");
  }
  const auth::Pkcs12Ptr p12(PKCS12_add_safes(safes.get(), 0));
  return seal_p12(p12.get(), secret);
}

auth::X509Ptr parse_certificate_pem(std::string_view pem) {
  const auth::BioPtr bio = make_reader(pem);
  auth::X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, refuse_password, nullptr));
  if (!certificate) {
    fail("cannot read a certificate");
  }
  return certificate;
}

std::vector<auth::X509Ptr> parse_certificates_pem(std::string_view pem) {
  const auth::BioPtr bio = make_reader(pem);
  std::vector<auth::X509Ptr> all;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, refuse_password, nullptr)) {
    all.emplace_back(next);
  }
  // The end of a text that has some looks like one that has none.
  if (all.empty() || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    fail(all.empty() ? "cannot read a certificate"
                     : "cannot read certificate " + std::to_string(all.size() + 1));
  }
  ERR_clear_error();
  return all;
}

auth::X509CrlPtr parse_crl_pem(std::string_view pem) {
  const auth::BioPtr bio = make_reader(pem);
  auth::X509CrlPtr list(PEM_read_bio_X509_CRL(bio.get(), nullptr, refuse_password, nullptr));
  if (!list) {
    fail("cannot read a list of revoked certificates");
  }
  return list;
}

auth::KeyPtr parse_key_pem(std::string_view pem) {
  const auth::BioPtr bio = make_reader(pem);
  auth::KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_password, nullptr));
  if (!key) {
    fail("cannot read a private key");
  }
  return key;
}

P12Contents parse_p12(std::string_view der, std::string_view password) {
  const auth::BioPtr bio = make_reader(der);
  const auth::Pkcs12Ptr p12(d2i_PKCS12_bio(bio.get(), nullptr));
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* new_others = nullptr;
  if (!p12 || PKCS12_parse(p12.get(), std::string(password).c_str(), &key, &certificate,
                           &new_others) != 1) {
    fail_p12();
  }
  const X509StackPtr others(new_others);
  P12Contents contents;
  contents.credential.key.reset(key);
  contents.credential.certificate.reset(certificate);
  while (sk_X509_num(others.get()) > 0) {
    contents.others.emplace_back(sk_X509_shift(others.get()));
  }
  return contents;
}

}  // namespace apns::certs
