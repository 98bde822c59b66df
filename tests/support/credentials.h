#pragma once

#include <utility>

#include "apns/tls/tls_engine.h"
#include "certs/certificate_factory.h"

namespace apns::test {

/// An authority with its list of revoked certificates, a server and a universal provider
/// certificate, made once per process: making them is the slow part of a TLS test.
struct Credentials {
  certs::CertificateFactory factory;
  auth::X509CrlPtr crl = factory.make_crl();
  certs::Credential server = factory.make_server();
  certs::Credential provider =
      factory.make_provider(certs::ProviderCertificate::universal("com.example.app", "TEAM000001"));

  [[nodiscard]] static const Credentials& shared() {
    static const Credentials kCredentials;
    return kCredentials;
  }

  [[nodiscard]] tls::ServerOptions server_options() const {
    tls::ServerOptions options;
    options.certificate = server.certificate.get();
    options.key = server.key.get();
    options.authorities = {factory.authority().certificate.get()};
    options.crls = {crl.get()};
    return options;
  }

  [[nodiscard]] tls::ClientOptions client_options(
      const std::string& server_name = "localhost") const {
    tls::ClientOptions options;
    options.certificate = provider.certificate.get();
    options.key = provider.key.get();
    options.authorities = {factory.authority().certificate.get()};
    options.server_name = server_name;
    return options;
  }
};

}  // namespace apns::test
