#pragma once

#include <openssl/ssl.h>

namespace apns::tls {

/// OpenSSL's callback for a ClientHello that has arrived whole: gives the engine's observer its
/// word on the connection. SSL_CLIENT_HELLO_RETRY leaves the answer to the engine.
int on_client_hello(SSL* ssl, int* alert, void* argument) noexcept;

}  // namespace apns::tls
