#include "mock_apns/provider_api_tls.h"

namespace apns::mock {

tls::ServerOptions provider_api_tls_options(const certs::StateFolder& credentials,
                                            bool open_world) {
  tls::ServerOptions tls;
  tls.certificate = credentials.server.certificate.get();
  tls.key = credentials.server.key.get();
  tls.authorities = {credentials.authority.certificate.get()};
  tls.crls = {credentials.crl.get()};
  tls.min_version = tls::Version::Tls12;
  tls.max_version = tls::Version::Tls13;
  tls.peer_certificate = tls::PeerCertificate::Optional;
  tls.trust_unknown_issuers = open_world;
  tls.alpn = {"h2"};
  return tls;
}

}  // namespace apns::mock
