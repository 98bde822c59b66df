#include "scenarios/runner/tls_setup.h"

#include <string>

namespace apns::scenarios {
namespace {

tls::ServerOptions server_options(const certs::Credential& gateway,
                                  const certs::Credential& authority) {
  tls::ServerOptions options;
  options.certificate = gateway.certificate.get();
  options.key = gateway.key.get();
  options.authorities = {authority.certificate.get()};
  options.trust_unknown_issuers = false;
  return options;
}

tls::ClientOptions client_options(const certs::Credential& provider,
                                  const certs::Credential& authority) {
  tls::ClientOptions options;
  options.certificate = provider.certificate.get();
  options.key = provider.key.get();
  options.authorities = {authority.certificate.get()};
  options.server_name = kGatewayName;
  return options;
}

}  // namespace

TlsSetup::TlsSetup()
    : gateway_(factory_.make_server()),
      provider_(factory_.make_provider(certs::ProviderCertificate())),
      server_(server_options(gateway_, factory_.authority())),
      client_(client_options(provider_, factory_.authority())) {}

}  // namespace apns::scenarios
