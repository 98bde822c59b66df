#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace apns::auth {

template <auto Free>
struct OpensslDeleter {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

/// OpenSSL handles with one owner.
using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, OpensslDeleter<BIO_meth_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, OpensslDeleter<X509_CRL_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, OpensslDeleter<X509_STORE_free>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, OpensslDeleter<PKCS12_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;

/// Every error in OpenSSL's queue of this thread, oldest first, "; " between them; empties the
/// queue. Each is OpenSSL's text without its numbers: "PEM routines: no start line (Expecting:
/// CERTIFICATE)". Empty queue: "unknown OpenSSL error".
[[nodiscard]] std::string take_openssl_errors();

}  // namespace apns::auth
