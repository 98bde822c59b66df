#include "scenarios/runner/tls_setup.h"

#include "mock_apns/gateway_tls.h"
#include "scenarios/runner/provider_certificate.h"

namespace apns::scenarios {
namespace {

/// The name, among certificates, of none: no certificate is called so.
constexpr std::string_view kNone = "-";

constexpr Http2Profile kSaysInternalError{.bad_certificate_is_internal_error = true};
constexpr Http2Profile kSaysWhatIsWrong{.bad_certificate_is_internal_error = false};

certs::StateFolder make_credentials(const certs::CertificateFactory& factory) {
  certs::StateFolder made;
  made.server = factory.make_server();
  made.crl = factory.make_crl();
  made.authority.certificate.reset(X509_dup(factory.authority().certificate.get()));
  return made;
}

tls::ClientOptions for_api(tls::ClientOptions options) {
  options.server_name = kApiName;
  options.alpn = {"h2"};
  return options;
}

/// The context of that key, made with what `options` gives if there is none yet.
template <class Key, class Options>
const tls::Context& find_or_make(std::map<Key, tls::Context>& made, const Key& key,
                                 const Options& options) {
  auto found = made.find(key);
  if (found == made.end()) {
    found = made.emplace(std::piecewise_construct, std::forward_as_tuple(key),
                         std::forward_as_tuple(options()))
                .first;
  }
  return found->second;
}

}  // namespace

TlsSetup::TlsSetup() : credentials_(make_credentials(factory_)) {}

const tls::Context& TlsSetup::server(bool open_world) const {
  return find_or_make(servers_, open_world, [&] {
    return mock::gateway_tls_options(
        credentials_,
        mock::GatewayTls{.environment = Environment::Production, .open_world = open_world});
  });
}

const tls::Context& TlsSetup::api_server(bool open_world, const Http2Profile& profile) const {
  const bool says_internal_error = profile.bad_certificate_is_internal_error;
  return find_or_make(api_servers_, std::pair(open_world, says_internal_error), [&] {
    const Http2Profile& said = says_internal_error ? kSaysInternalError : kSaysWhatIsWrong;
    return mock::provider_api_tls_options(
        credentials_,
        mock::ProviderApiTls{.open_world = open_world,
                             .profile = [&said]() -> const Http2Profile& { return said; }});
  });
}

const tls::Context& TlsSetup::client(const std::string& certificate) const {
  return find_or_make(clients_, certificate, [&] { return client_options(certificate); });
}

const tls::Context& TlsSetup::api_client(const std::string& certificate) const {
  return find_or_make(api_clients_, certificate,
                      [&] { return for_api(client_options(certificate)); });
}

const tls::Context& TlsSetup::api_client_without_certificate() const {
  return find_or_make(api_clients_, std::string(kNone), [&] { return for_api(client_options()); });
}

tls::ClientOptions TlsSetup::client_options() const {
  tls::ClientOptions options;
  options.authorities = {credentials_.authority.certificate.get()};
  options.server_name = kGatewayName;
  return options;
}

tls::ClientOptions TlsSetup::client_options(const std::string& certificate) const {
  auto found = shown_.find(certificate);
  if (found == shown_.end()) {
    const ShownCertificate shown = shown_certificate(certificate);
    const bool is_ours = shown.twin == nullptr || !shown.twin->has_unknown_authority;
    found =
        shown_
            .emplace(certificate,
                     is_ours
                         ? factory_.make_provider(shown.certificate)
                         : certs::make_factory_of(*shown.twin, {}).make_provider(shown.certificate))
            .first;
  }
  tls::ClientOptions options = client_options();
  options.certificate = found->second.certificate.get();
  options.key = found->second.key.get();
  return options;
}

}  // namespace apns::scenarios
