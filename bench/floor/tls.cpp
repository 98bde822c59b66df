#include "bench/floor/tls.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <sys/socket.h>

#include <openssl/err.h>

#include "bench/floor/sockets.h"

namespace apns::floor {
namespace {

int read_wire(BIO* bio, char* to, std::size_t len, std::size_t* got) noexcept {
  auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  *got = 0;
  if (!wire.in.empty()) {
    *got = std::min(len, wire.in.size());
    std::memcpy(to, wire.in.data(), *got);
    wire.in = wire.in.subspan(*got);
    return 1;
  }
  if (!wire.reads_socket) {
    BIO_set_retry_read(bio);
    return 0;
  }
  const ssize_t received = ::recv(wire.fd, to, len, 0);
  if (received <= 0) {
    return 0;
  }
  *got = static_cast<std::size_t>(received);
  return 1;
}

int write_wire(BIO* bio, const char* from, std::size_t len, std::size_t* put) noexcept {
  auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto bytes = std::as_bytes(std::span(from, len));
  wire.out->insert(wire.out->end(), bytes.begin(), bytes.end());
  *put = len;
  return 1;
}

long control_wire(BIO* bio, int command, long /*number*/, void* /*pointer*/) noexcept {
  if (command == BIO_CTRL_FLUSH) {
    return static_cast<Wire*>(BIO_get_data(bio))->flush() ? 1 : 0;
  }
  return 0;
}

int take_any_certificate(X509_STORE_CTX* /*store*/, void* /*unused*/) noexcept {
  return 1;
}

SslCtxPtr make_context(const SSL_METHOD* method, const std::string& certificate,
                       const std::string& key) {
  SslCtxPtr context(SSL_CTX_new(method));
  if (!context) {
    throw_openssl("No TLS context can be made");
  }
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    throw_openssl("The certificate in " + certificate + " cannot be used");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw_openssl("The key in " + key + " cannot be used");
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

}  // namespace

void throw_openssl(const std::string& what) {
  std::string text = what + ":";
  std::array<char, 256> line{};
  while (const unsigned long error = ERR_get_error()) {
    ERR_error_string_n(error, line.data(), line.size());
    text += std::string(" ") + line.data();
  }
  throw std::runtime_error(text + ".");
}

int parse_version(const std::string& text) {
  if (text == "1.2") {
    return TLS1_2_VERSION;
  }
  if (text == "1.3") {
    return TLS1_3_VERSION;
  }
  throw std::invalid_argument("--tls takes 1.2 or 1.3, not '" + text + "'.");
}

SslCtxPtr make_server_context(const ServerFiles& files, int version, bool release_buffers) {
  SslCtxPtr context = make_context(TLS_server_method(), files.certificate, files.key);
  if (SSL_CTX_set_min_proto_version(context.get(), version) != 1 ||
      SSL_CTX_set_max_proto_version(context.get(), version) != 1 ||
      SSL_CTX_set_num_tickets(context.get(), 0) != 1) {
    throw_openssl("The TLS context cannot be set up");
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (files.authority.empty()) {
    SSL_CTX_set_cert_verify_callback(context.get(), take_any_certificate, nullptr);
  } else if (SSL_CTX_load_verify_file(context.get(), files.authority.c_str()) != 1) {
    throw_openssl("The authority in " + files.authority + " cannot be used");
  }
  if (release_buffers) {
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  }
  return context;
}

SslCtxPtr make_client_context(const std::string& certificate, const std::string& key) {
  SslCtxPtr context = make_context(TLS_client_method(), certificate, key);
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256") != 1 ||
      SSL_CTX_set_cipher_list(context.get(),
                              "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256") != 1 ||
      SSL_CTX_set1_groups_list(context.get(), "P-256") != 1) {
    throw_openssl("The TLS context cannot be set up");
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

bool Wire::flush() noexcept {
  const bool whole = send_all(fd, *out);
  out->clear();
  return whole;
}

BioMethodPtr make_wire_method() {
  BioMethodPtr method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire"));
  if (!method || BIO_meth_set_read_ex(method.get(), read_wire) != 1 ||
      BIO_meth_set_write_ex(method.get(), write_wire) != 1 ||
      BIO_meth_set_ctrl(method.get(), control_wire) != 1) {
    throw_openssl("No BIO method can be made");
  }
  return method;
}

SslPtr make_ssl(SSL_CTX& context, const BIO_METHOD& method, Wire& wire) {
  SslPtr ssl(SSL_new(&context));
  BIO* const bio = BIO_new(&method);
  if (!ssl || bio == nullptr) {
    BIO_free(bio);
    throw_openssl("No TLS connection can be made");
  }
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);  // takes the BIO over
  return ssl;
}

}  // namespace apns::floor
