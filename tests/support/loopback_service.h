#pragma once

#include "apns/tls/tls_engine.h"
#include "certs/certificate_factory.h"
#include "certs/state_folder.h"
#include "mock_apns/service.h"
#include "tests/certs/temporary_folder.h"

namespace apns::test {

/// What a service on sockets of the loopback and those who come to it are made of.
class LoopbackService {
 public:
  /// Made once per process: making certificates is the slow part.
  static const certs::StateFolder& credentials() {
    static const certs::TemporaryFolder kFolder;
    static const certs::StateFolder kState = certs::open_state_folder(kFolder.path());
    return kState;
  }

  /// Issues more certificates that the service trusts.
  [[nodiscard]] static certs::CertificateFactory factory() {
    const certs::Credential& authority = credentials().authority;
    return certs::CertificateFactory(
        certs::Credential{auth::X509Ptr(X509_dup(authority.certificate.get())),
                          auth::KeyPtr(EVP_PKEY_dup(authority.key.get()))});
  }

  /// Loopback alone, and ports that the system chooses.
  [[nodiscard]] static mock::ServiceOptions options() {
    mock::ServiceOptions made;
    made.listen = {"127.0.0.1"};
    made.http2_port = 0;
    made.http2_port_development = 0;
    made.gateway_port = 0;
    made.gateway_port_development = 0;
    made.feedback_port = 0;
    made.feedback_port_development = 0;
    return made;
  }

  [[nodiscard]] static tls::ClientOptions client(
      const certs::Credential& provider = credentials().provider) {
    tls::ClientOptions made;
    made.certificate = provider.certificate.get();
    made.key = provider.key.get();
    made.authorities = {credentials().authority.certificate.get()};
    made.server_name = "localhost";
    return made;
  }
};

}  // namespace apns::test
