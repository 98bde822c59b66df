#include "mock_apns/gateway_tls.h"

#include <array>
#include <string_view>

#include "apns/auth/certificate_identity.h"
#include "apns/model/profile.h"

namespace apns::mock {

namespace {

/// What is wrong with a certificate of the other environment; empty for one of this.
std::string other_environment_text(const X509* certificate, Environment environment) {
  const auto identity = auth::read_certificate_identity(certificate);
  if (!identity || identity->serves(environment)) {
    return {};
  }
  const bool is_production = environment == Environment::Production;
  return std::string("the certificate is for the ") +
         (is_production ? "development" : "production") + " environment only, and this is the " +
         (is_production ? "production" : "development") + " gateway";
}

struct Remedy {
  tls::Cause cause;
  std::string_view what_to_do;
};

constexpr std::array<Remedy, 6> kRemedies = {{
    {tls::Cause::Expired, "Renew it: apnslab certs --out DIR makes one that is valid until 2119."},
    {tls::Cause::NotYetValid,
     "Check the clock of who issued it: apnslab certs --out DIR makes one that is valid now."},
    {tls::Cause::Revoked, "Have another issued: apnslab certs --out DIR makes one."},
    {tls::Cause::UnknownIssuer,
     "Have it issued by the authority of ca.pem: apnslab certs --out DIR, with the service's "
     "--state, makes one."},
    {tls::Cause::NotWanted,
     "Use the gateway of the other environment, or a certificate for both: apnslab certs --out "
     "DIR makes one."},
    {tls::Cause::NoCommonProtocol, "Offer h2, or no ALPN at all; for curl: --http2."},
}};

std::string_view remedy_of(tls::Cause cause) {
  for (const Remedy& remedy : kRemedies) {
    if (remedy.cause == cause) {
      return remedy.what_to_do;
    }
  }
  return {};
}

std::string advice_on_received(std::uint8_t alert) {
  const std::string name = tls::alert_name(alert);
  if (name == "unknown_ca" || name == "bad_certificate" || name == "certificate_unknown") {
    return "the provider does not trust our CA (alert " + name +
           "). Give it ca.pem; for Node: NODE_EXTRA_CA_CERTS, or run it under apnslab exec.";
  }
  return "the provider ended the handshake with alert " + name + ".";
}

tls::ServerOptions options_with(const certs::StateFolder& credentials) {
  tls::ServerOptions tls;
  tls.certificate = credentials.server.certificate.get();
  tls.key = credentials.server.key.get();
  tls.authorities = {credentials.authority.certificate.get()};
  tls.crls = {credentials.crl.get()};
  return tls;
}

}  // namespace

tls::ServerOptions gateway_tls_options(const certs::StateFolder& credentials,
                                       const GatewayTls& wanted) {
  tls::ServerOptions tls = options_with(credentials);
  tls.min_version = wanted.min_version;
  tls.max_version = wanted.max_version;
  tls.trust_unknown_issuers = wanted.open_world;
  tls.refuse_peer = [environment = wanted.environment](const X509* certificate) {
    return other_environment_text(certificate, environment);
  };
  return tls;
}

tls::ServerOptions provider_api_tls_options(const certs::StateFolder& credentials,
                                            const ProviderApiTls& wanted) {
  tls::ServerOptions tls = options_with(credentials);
  tls.min_version = tls::Version::Tls12;
  tls.max_version = tls::Version::Tls13;
  tls.trust_unknown_issuers = wanted.open_world;
  tls.peer_certificate = tls::PeerCertificate::Optional;
  tls.hides_cause = [profile = wanted.profile](tls::Cause cause) {
    // Of revoked ones no alert is known.
    return cause != tls::Cause::Revoked &&
           (profile ? profile() : default_profile().http2).bad_certificate_is_internal_error;
  };
  tls.alpn = {"h2"};
  return tls;
}

std::string advice(const tls::Failure& failure) {
  if (failure.alert_received) {
    return advice_on_received(*failure.alert_received);
  }
  if (failure.cause == tls::Cause::NoCertificate) {
    return "the provider sent no client certificate. Give it cert.pem and key.pem, or "
           "provider.p12.";
  }
  std::string text =
      failure.alert_sent
          ? "refused with alert " + tls::alert_name(*failure.alert_sent) + ": " + failure.text + "."
          : failure.text + ".";
  if (const std::string_view remedy = remedy_of(failure.cause); !remedy.empty()) {
    text.append(" ").append(remedy);
  }
  return text;
}

}  // namespace apns::mock
