#include "apns/tls/context.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "apns/tls/bio.h"
#include "apns/tls/client_hello.h"

namespace apns::tls {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("TLS cannot be set up: " + what + ": " + auth::take_openssl_errors() +
                           ".");
}

int to_openssl(Version version) {
  switch (version) {
    case Version::Tls10:
      return TLS1_VERSION;
    case Version::Tls11:
      return TLS1_1_VERSION;
    case Version::Tls12:
      return TLS1_2_VERSION;
    case Version::Tls13:
      break;
  }
  return TLS1_3_VERSION;
}

Bytes to_alpn_wire(const std::vector<std::string>& names) {
  Bytes wire;
  ByteWriter writer(wire);
  for (const std::string& name : names) {
    writer.write(static_cast<std::uint8_t>(name.size()));
    writer.write(as_bytes(name));
  }
  return wire;
}

bool is_numeric_address(const std::string& host) {
  return host.find(':') != std::string::npos ||
         host.find_first_not_of("0123456789.") == std::string::npos;
}

const unsigned char* to_uchar(const Bytes& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// Asked only where the peer offers something.
int select_alpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_len,
                const unsigned char* offered, unsigned int offered_len, void* ours) noexcept {
  const auto& wire = *static_cast<const Bytes*>(ours);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_len, to_uchar(wire), static_cast<unsigned>(wire.size()),
                            offered, offered_len) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // which OpenSSL makes no_application_protocol
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void Context::make(bool server) {
  is_server_ = server;
  bio_method_ = make_bio_method();
  ctx_.reset(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
  if (!ctx_ || !bio_method_) {
    fail("no context");
  }
}

void Context::set_common(Version min_version, Version max_version, const X509* certificate,
                         const EVP_PKEY* key, const std::vector<const X509*>& authorities) {
  SSL_CTX* ctx = ctx_.get();
  if (SSL_CTX_set_min_proto_version(ctx, to_openssl(min_version)) != 1 ||
      SSL_CTX_set_max_proto_version(ctx, to_openssl(max_version)) != 1) {
    fail("protocol versions");
  }
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  // OpenSSL's functions want what they only reference-count without const.
  if (certificate != nullptr &&
      (SSL_CTX_use_certificate(ctx, const_cast<X509*>(certificate)) != 1 ||
       SSL_CTX_use_PrivateKey(ctx, const_cast<EVP_PKEY*>(key)) != 1 ||
       SSL_CTX_check_private_key(ctx) != 1)) {
    fail("certificate and key");
  }
  X509_STORE* store = SSL_CTX_get_cert_store(ctx);
  for (const X509* authority : authorities) {
    if (X509_STORE_add_cert(store, const_cast<X509*>(authority)) != 1) {
      fail("certificate authority");
    }
  }
}

// Verified here, once: OpenSSL's own check does it again for every peer, which costs as much as a
// tenth of a handshake.
void Context::set_crls(const std::vector<const X509_CRL*>& crls,
                       const std::vector<const X509*>& authorities) {
  for (const X509_CRL* list : crls) {
    auth::X509CrlPtr copy(X509_CRL_dup(list));
    if (!copy) {
      fail("list of revoked certificates");
    }
    const bool is_ours =
        std::any_of(authorities.begin(), authorities.end(), [&copy](const X509* authority) {
          return X509_NAME_cmp(X509_get_subject_name(authority), X509_CRL_get_issuer(copy.get())) ==
                     0 &&
                 X509_CRL_verify(copy.get(), X509_get0_pubkey(authority)) == 1;
        });
    (void)auth::take_openssl_errors();  // of a list that another has signed
    if (is_ours) {
      crls_.push_back(std::move(copy));
    }
  }
}

bool Context::is_revoked(const X509* certificate) const {
  return std::any_of(crls_.begin(), crls_.end(), [certificate](const auth::X509CrlPtr& list) {
    X509_REVOKED* entry = nullptr;
    return X509_NAME_cmp(X509_get_issuer_name(certificate), X509_CRL_get_issuer(list.get())) == 0 &&
           X509_CRL_get0_by_serial(list.get(), &entry, X509_get0_serialNumber(certificate)) == 1;
  });
}

void Context::set_server_name(const std::string& name) {
  if (name.empty()) {
    return;
  }
  X509_VERIFY_PARAM* verify = SSL_CTX_get0_param(ctx_.get());  // connections inherit it
  if (is_numeric_address(name)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(verify, name.c_str()) != 1) {
      fail("the server name \"" + name + "\" is neither a name nor an address");
    }
    return;
  }
  if (X509_VERIFY_PARAM_set1_host(verify, name.c_str(), name.size()) != 1) {
    fail("the server name \"" + name + "\"");
  }
  sni_ = name;
}

Context::Context(const ServerOptions& options) {
  make(true);
  set_common(options.min_version, options.max_version, options.certificate, options.key,
             options.authorities);
  set_crls(options.crls, options.authorities);
  trust_unknown_issuers_ = options.trust_unknown_issuers;
  refuse_peer_ = options.refuse_peer;
  hides_cause_ = options.hides_cause;
  // Provider certificates of any age and strength are taken, as old test fixtures have them; and
  // TLS below 1.2 signs with digests that only this level allows.
  SSL_CTX_set_security_level(ctx_.get(), 0);
  if (SSL_CTX_set_num_tickets(ctx_.get(), 0) != 1) {
    fail("session tickets");
  }
  switch (options.peer_certificate) {
    case PeerCertificate::Ignored:
      verify_peer_ = false;
      break;
    case PeerCertificate::Optional:
      SSL_CTX_set_verify(ctx_.get(), SSL_VERIFY_PEER, nullptr);
      break;
    case PeerCertificate::Required:
      SSL_CTX_set_verify(ctx_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
      break;
  }
  SSL_CTX_set_client_hello_cb(ctx_.get(), on_client_hello, nullptr);
  alpn_wire_ = to_alpn_wire(options.alpn);
  if (!alpn_wire_.empty()) {
    SSL_CTX_set_alpn_select_cb(ctx_.get(), select_alpn, &alpn_wire_);
  }
}

Context::Context(const ClientOptions& options) {
  make(false);
  set_common(options.min_version, options.max_version, options.certificate, options.key,
             options.authorities);
  if (options.min_version < Version::Tls12) {
    SSL_CTX_set_security_level(ctx_.get(), 0);
  }
  verify_peer_ = options.verify_peer;
  set_server_name(options.server_name);
  SSL_CTX_set_verify(ctx_.get(), options.verify_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const Bytes alpn = to_alpn_wire(options.alpn);
  if (!alpn.empty() && SSL_CTX_set_alpn_protos(ctx_.get(), to_uchar(alpn),
                                               static_cast<unsigned>(alpn.size())) != 0) {
    fail("ALPN");
  }
}

std::string alert_name(std::uint8_t alert) {
  struct Row {
    std::uint8_t number;
    const char* name;
  };

  static constexpr Row kRows[] = {
      {0, "close_notify"},
      {10, "unexpected_message"},
      {20, "bad_record_mac"},
      {21, "decryption_failed"},
      {22, "record_overflow"},
      {30, "decompression_failure"},
      {40, "handshake_failure"},
      {41, "no_certificate"},
      {42, "bad_certificate"},
      {43, "unsupported_certificate"},
      {44, "certificate_revoked"},
      {45, "certificate_expired"},
      {46, "certificate_unknown"},
      {47, "illegal_parameter"},
      {48, "unknown_ca"},
      {49, "access_denied"},
      {50, "decode_error"},
      {51, "decrypt_error"},
      {60, "export_restriction"},
      {70, "protocol_version"},
      {71, "insufficient_security"},
      {80, "internal_error"},
      {86, "inappropriate_fallback"},
      {90, "user_canceled"},
      {100, "no_renegotiation"},
      {109, "missing_extension"},
      {110, "unsupported_extension"},
      {111, "certificate_unobtainable"},
      {112, "unrecognized_name"},
      {113, "bad_certificate_status_response"},
      {114, "bad_certificate_hash_value"},
      {115, "unknown_psk_identity"},
      {116, "certificate_required"},
      {120, "no_application_protocol"},
  };
  for (const Row& row : kRows) {
    if (row.number == alert) {
      return row.name;
    }
  }
  return "alert_" + std::to_string(alert);
}

}  // namespace apns::tls
