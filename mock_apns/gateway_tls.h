#pragma once

#include <functional>
#include <string>

#include "apns/model/environment.h"
#include "apns/model/http2_profile.h"
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

/// Whose certificates the HTTP/2 provider API refuses, and how.
struct ProviderApiTls {
  /// Takes certificates of other authorities on trust.
  bool open_world = true;
  /// Says the profile of the moment, on any thread; empty: default_profile().
  std::function<const Http2Profile&()> profile = {};
};

/// The TLS of the HTTP/2 provider API: "h2" by ALPN or no ALPN, a client certificate or none, 1.2
/// or 1.3. A certificate of the other environment passes here and is refused by GOAWAY.
/// `credentials` as above. docs/wire/certificates.md#what-a-bad-one-draws
[[nodiscard]] tls::ServerOptions provider_api_tls_options(const certs::StateFolder& credentials,
                                                          const ProviderApiTls& wanted);

/// A failure as a sentence or two for who runs the provider: what is wrong, and what to do.
[[nodiscard]] std::string advice(const tls::Failure& failure);

}  // namespace apns::mock
