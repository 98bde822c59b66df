#include "scenarios/runner/tls_setup.h"

#include <utility>

#include "mock_apns/gateway_tls.h"
#include "scenarios/runner/provider_certificate.h"

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

constexpr Http2Profile kSaysInternalError{.bad_certificate_is_internal_error = true};
constexpr Http2Profile kSaysWhatIsWrong{.bad_certificate_is_internal_error = false};

tls::ClientOptions client_options(const certs::StateFolder& credentials) {
  tls::ClientOptions options;
  options.authorities = {credentials.authority.certificate.get()};
  options.server_name = kGatewayName;
  return options;
}

tls::ClientOptions api_options(tls::ClientOptions options) {
  options.server_name = kApiName;
  options.alpn = {"h2"};
  return options;
}

}  // namespace

TlsSetup::TlsSetup() : TlsSetup(certs::CertificateFactory()) {}

TlsSetup::TlsSetup(const certs::CertificateFactory& factory)
    : credentials_(make_credentials(factory)),
      api_client_without_certificate_(api_options(client_options(credentials_))),
      strict_server_(server_context(credentials_, false)),
      open_server_(server_context(credentials_, true)) {
  for (const bool is_open : {false, true}) {
    for (const Http2Profile* profile : {&kSaysInternalError, &kSaysWhatIsWrong}) {
      const mock::ProviderApiTls wanted{
          .open_world = is_open,
          .profile = [profile]() -> const Http2Profile& { return *profile; }};
      apis_.emplace(std::piecewise_construct,
                    std::forward_as_tuple(is_open, profile->bad_certificate_is_internal_error),
                    std::forward_as_tuple(mock::provider_api_tls_options(credentials_, wanted)));
    }
  }
  std::vector<std::string> names = shown_certificate_names();
  names.emplace_back();
  for (const std::string& name : names) {
    const ShownCertificate shown = shown_certificate(name);
    const bool is_ours = shown.twin == nullptr || !shown.twin->has_unknown_authority;
    add_client(name,
               is_ours ? factory.make_provider(shown.certificate)
                       : certs::make_factory_of(*shown.twin, {}).make_provider(shown.certificate));
  }
}

void TlsSetup::add_client(const std::string& name, const certs::Credential& provider) {
  tls::ClientOptions options = client_options(credentials_);
  options.certificate = provider.certificate.get();
  options.key = provider.key.get();
  clients_.emplace(std::piecewise_construct, std::forward_as_tuple(name),
                   std::forward_as_tuple(options));
  api_clients_.emplace(std::piecewise_construct, std::forward_as_tuple(name),
                       std::forward_as_tuple(api_options(std::move(options))));
}

}  // namespace apns::scenarios
