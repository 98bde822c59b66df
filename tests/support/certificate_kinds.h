#pragma once

#include <string>
#include <utility>

#include "apns/model/environment.h"
#include "certs/broken_twins.h"
#include "certs/certificate_factory.h"
#include "certs/state_folder.h"
#include "tests/support/checked_engine.h"

/// Certificates of every kind, sound and broken, with the authority behind them, in memory.
namespace apns::test {

[[nodiscard]] inline certs::Credential copy_of_credential(const certs::Credential& original) {
  return certs::Credential{auth::X509Ptr(X509_dup(original.certificate.get())),
                           auth::KeyPtr(EVP_PKEY_dup(original.key.get()))};
}

/// A state folder's credentials without the folder; made once.
[[nodiscard]] inline const certs::StateFolder& credentials() {
  static const certs::StateFolder kCredentials = [] {
    certs::CertificateFactory factory;
    certs::StateFolder made;
    made.server = factory.make_server();
    made.crl = factory.make_crl();
    made.authority = std::move(factory).take_authority();
    return made;
  }();
  return kCredentials;
}

/// The provider's certificate; nothing for "none".
[[nodiscard]] inline certs::Credential make_certificate(const std::string& kind) {
  if (kind == "none") {
    return {};
  }
  if (kind == "production" || kind == "development") {
    return certs::CertificateFactory(copy_of_credential(credentials().authority))
        .make_provider(certs::ProviderCertificate::legacy(
            "com.example.app", "TEAM000001",
            kind == "production" ? Environment::Production : Environment::Development));
  }
  auto wanted = certs::ProviderCertificate::universal("com.example.app", "TEAM000001");
  if (const certs::BrokenTwin* twin = certs::find_broken_twin(kind)) {
    twin->spoil(wanted);
    return certs::make_factory_of(*twin, copy_of_credential(credentials().authority))
        .make_provider(wanted);
  }
  require(kind == "universal", "a kind that there is");
  return certs::CertificateFactory(copy_of_credential(credentials().authority))
      .make_provider(wanted);
}

}  // namespace apns::test
