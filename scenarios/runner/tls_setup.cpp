#include "scenarios/runner/tls_setup.h"

#include <utility>

#include "certs/broken_twins.h"
#include "mock_apns/gateway_tls.h"

namespace apns::scenarios {
namespace {

certs::StateFolder make_credentials(const certs::CertificateFactory& factory) {
  certs::StateFolder made;
  made.server = factory.make_server();
  made.crl = factory.make_crl();
  made.authority.certificate.reset(X509_dup(factory.authority().certificate.get()));
  return made;
}

tls::Context server_context(const certs::StateFolder& credentials, bool open_world) {
  return tls::Context(mock::gateway_tls_options(
      credentials,
      mock::GatewayTls{.environment = Environment::Production, .open_world = open_world}));
}

}  // namespace

TlsSetup::TlsSetup() : TlsSetup(certs::CertificateFactory()) {}

TlsSetup::TlsSetup(const certs::CertificateFactory& factory)
    : credentials_(make_credentials(factory)),
      strict_server_(server_context(credentials_, false)),
      open_server_(server_context(credentials_, true)) {
  const certs::ProviderCertificate sound =
      certs::ProviderCertificate::universal("com.example.app", "TEAM000001");
  add_client("", factory.make_provider(sound));
  for (const certs::BrokenTwin& twin : certs::broken_twins()) {
    certs::ProviderCertificate spoiled = sound;
    twin.spoil(spoiled);
    add_client(std::string(twin.name), twin.has_unknown_authority
                                           ? certs::make_factory_of(twin, {}).make_provider(spoiled)
                                           : factory.make_provider(spoiled));
  }
}

void TlsSetup::add_client(const std::string& name, const certs::Credential& provider) {
  tls::ClientOptions options;
  options.certificate = provider.certificate.get();
  options.key = provider.key.get();
  options.authorities = {credentials_.authority.certificate.get()};
  options.server_name = kGatewayName;
  clients_.emplace(std::piecewise_construct, std::forward_as_tuple(name),
                   std::forward_as_tuple(options));
}

}  // namespace apns::scenarios
