#pragma once

#include <string_view>

#include "apns/tls/context.h"
#include "certs/certificate_factory.h"

namespace apns::scenarios {

/// The name under which scenarios reach the gateway, in every host.
inline constexpr std::string_view kGatewayName = "gateway.push.apple.com";

/// An authority, a gateway's and a provider's certificate, and TLS settings with them; made once
/// for many runs. Keys are random: nothing that a scenario observes depends on them. Throws as
/// CertificateFactory does.
class TlsSetup {
 public:
  TlsSetup();

  [[nodiscard]] const tls::Context& server() const { return server_; }

  [[nodiscard]] const tls::Context& client() const { return client_; }

 private:
  certs::CertificateFactory factory_;
  certs::Credential gateway_;
  certs::Credential provider_;
  tls::Context server_;
  tls::Context client_;
};

}  // namespace apns::scenarios
