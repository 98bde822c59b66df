#include "cli/target_tls.h"

namespace apns::cli {

tls::ClientOptions tls_options(const Target& target) {
  tls::ClientOptions options;
  options.certificate = target.credential.certificate.get();
  options.key = target.credential.key.get();
  for (const auth::X509Ptr& authority : target.authorities) {
    options.authorities.push_back(authority.get());
  }
  options.server_name = target.at.host;
  return options;
}

tls::ClientOptions http2_tls_options(const Target& target) {
  tls::ClientOptions options = tls_options(target);
  options.alpn = {"h2"};
  return options;
}

}  // namespace apns::cli
