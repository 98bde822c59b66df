#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <openssl/bio.h>
#include <openssl/ssl.h>

namespace apns::floor {

template <auto Free>
struct OpensslDeleter {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using SslCtxPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, OpensslDeleter<BIO_meth_free>>;

/// `what`, with the text of OpenSSL's error queue, which is emptied; thrown as std::runtime_error.
[[noreturn]] void throw_openssl(const std::string& what);

/// "1.2" or "1.3" as OpenSSL's number. Throws std::invalid_argument on any other text.
[[nodiscard]] int parse_version(const std::string& text);

struct ServerFiles {
  std::string certificate;  // PEM, the chain behind it
  std::string key;          // PEM
  std::string authority;    // PEM; empty: any client certificate is taken and no chain is checked
};

/// A server that speaks exactly `version` and demands a client certificate. No tickets and no
/// session cache: every handshake is a full one. `release_buffers` frees OpenSSL's record buffers
/// whenever they are empty, which saves 16 KB an idle connection and costs time on busy ones.
/// Throws std::runtime_error.
[[nodiscard]] SslCtxPtr make_server_context(const ServerFiles& files, int version,
                                            bool release_buffers);

/// A client with a certificate. It trusts any server: a load source should cost little. Offers one
/// cipher (AES-128-GCM) and one group (P-256), so that all servers it meets do the same work.
/// Throws std::runtime_error.
[[nodiscard]] SslCtxPtr make_client_context(const std::string& certificate, const std::string& key);

/// What an SSL object made by make_ssl reads from and writes to.
struct Wire {
  int fd = -1;
  /// Ciphertext that is to be read next; OpenSSL takes from the front.
  std::span<const std::byte> in;
  /// With `in` empty: a blocking read of the socket (clients), or "come again" (servers).
  bool reads_socket = false;
  /// Ciphertext to be sent, by flush(). Records gather here until then, except that OpenSSL itself
  /// flushes at the end of each flight of a handshake.
  std::vector<std::byte>* out = nullptr;

  /// Sends and empties `out`. False: the peer is gone, or a non-blocking socket is full.
  [[nodiscard]] bool flush() noexcept;
};

/// How OpenSSL reads and writes a Wire. One per program; outlives every SSL made with it.
[[nodiscard]] BioMethodPtr make_wire_method();

/// An SSL object over `wire`, which outlives it. Throws std::runtime_error.
[[nodiscard]] SslPtr make_ssl(SSL_CTX& context, const BIO_METHOD& method, Wire& wire);

}  // namespace apns::floor
