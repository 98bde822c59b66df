#pragma once

#include <string>
#include <string_view>

#include "apns/auth/openssl_ptr.h"

namespace apns::auth {

/// Reads PEM "PUBLIC KEY" (RFC 7468 section 13) with a key on P-256: the first of the text, what
/// stands around it is ignored. Null: there is none, or it is of another kind. Leaves OpenSSL's
/// error queue empty.
[[nodiscard]] KeyPtr read_public_key(std::string_view pem);

/// The public half of a key as such a text, with its last line end. Empty: OpenSSL could not make
/// it.
[[nodiscard]] std::string public_key_pem(const EVP_PKEY* key);

}  // namespace apns::auth
