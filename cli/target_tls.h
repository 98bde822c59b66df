#pragma once

#include "apns/tls/context.h"
#include "cli/target.h"

namespace apns::cli {

/// What a connection to `target` shows and trusts. Refers to what the target owns.
[[nodiscard]] tls::ClientOptions tls_options(const Target& target);
/// The same, offering HTTP/2 by ALPN.
[[nodiscard]] tls::ClientOptions http2_tls_options(const Target& target);

}  // namespace apns::cli
