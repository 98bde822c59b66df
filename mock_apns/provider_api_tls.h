#pragma once

#include "apns/tls/context.h"
#include "certs/state_folder.h"

namespace apns::mock {

/// The TLS of the provider API: TLS 1.2 and 1.3, ALPN "h2", and a client certificate for who has
/// one. `open_world` takes certificates of other authorities on trust. One of the other environment
/// passes: ProviderApi answers it by GOAWAY. `credentials` is needed until a context is made of it.
/// Source: "Sending notification requests to APNs"; docs/wire/certificates.md.
[[nodiscard]] tls::ServerOptions provider_api_tls_options(const certs::StateFolder& credentials,
                                                          bool open_world);

}  // namespace apns::mock
