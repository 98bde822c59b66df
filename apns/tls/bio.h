#pragma once

#include "apns/auth/openssl_ptr.h"

namespace apns::tls {

/// The BIO through which OpenSSL reads what TlsEngine::feed was given and writes into its output
/// buffer: no copies but OpenSSL's own, no system calls. Its data pointer is the TlsEngine. Null:
/// out of memory.
[[nodiscard]] auth::BioMethodPtr make_bio_method();

}  // namespace apns::tls
