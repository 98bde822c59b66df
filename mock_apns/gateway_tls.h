#pragma once

#include <string>

#include "apns/model/environment.h"
#include "apns/tls/context.h"
#include "apns/tls/failure.h"
#include "certs/state_folder.h"

namespace apns::mock {

struct GatewayTls {
  Environment environment = Environment::Production;
  /// Takes certificates of other authorities on trust.
  bool open_world = true;
  tls::Version min_version = tls::Version::Tls12;
  tls::Version max_version = tls::Version::Tls12;
};

/// The TLS of a gateway: it requires a client certificate, and refuses one of the other environment
/// with alert certificate_unknown (46), as Apple's did. `credentials` is needed until a context is
/// made of it. docs/wire/certificates.md#what-a-bad-one-draws
[[nodiscard]] tls::ServerOptions gateway_tls_options(const certs::StateFolder& credentials,
                                                     const GatewayTls& wanted);

/// The TLS of the HTTP/2 provider API: "h2" by ALPN or no ALPN, a client certificate or none, 1.2
/// or 1.3. A certificate of the other environment passes here and is refused by GOAWAY; one outside
/// its dates draws alert internal_error (80), as Apple's did. docs/wire/certificates.md
[[nodiscard]] tls::ServerOptions provider_api_tls_options(const certs::StateFolder& credentials,
                                                          bool open_world);

/// A failure as a sentence or two for who runs the provider: what is wrong, and what to do.
[[nodiscard]] std::string advice(const tls::Failure& failure);

}  // namespace apns::mock
