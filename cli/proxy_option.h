#pragma once

#include <string>

#include "provider/proxy_tunnel.h"

namespace apns::cli {

/// "http://user:password@proxy.example.com:3128", as programs have it in `https_proxy`; the scheme,
/// and user and password, may be absent. In those two %XX stands for a byte, as in any URL.
///
/// Throws std::runtime_error, a full sentence.
[[nodiscard]] provider::Proxy parse_proxy(const std::string& text);

}  // namespace apns::cli
