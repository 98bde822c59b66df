#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "apns/model/http2_profile.h"
#include "apns/tls/context.h"
#include "certs/certificate_factory.h"
#include "certs/state_folder.h"

namespace apns::scenarios {

// The names under which scenarios reach the service, in every host.
inline constexpr std::string_view kGatewayName = "gateway.push.apple.com";
inline constexpr std::string_view kApiName = "api.push.apple.com";

/// An authority, the service's certificate and the provider's, sound and broken, and TLS settings
/// with them; made once for many runs. Keys are random: nothing that a scenario observes depends on
/// them. Throws as CertificateFactory does.
class TlsSetup {
 public:
  TlsSetup();

  // Of a production service; an open one takes certificates of other authorities on trust.

  /// Gateway and feedback.
  [[nodiscard]] const tls::Context& server(bool open_world) const {
    return open_world ? open_server_ : strict_server_;
  }

  /// The profile decides whether an alert says what is wrong with a certificate.
  [[nodiscard]] const tls::Context& api_server(bool open_world, const Http2Profile& profile) const {
    return apis_.at({open_world, profile.bad_certificate_is_internal_error});
  }

  // Of a provider; `certificate` is one of shown_certificate_names(), or empty.

  [[nodiscard]] const tls::Context& client(const std::string& certificate) const {
    return clients_.at(certificate);
  }

  [[nodiscard]] const tls::Context& api_client(const std::string& certificate) const {
    return api_clients_.at(certificate);
  }

  /// One that shows none.
  [[nodiscard]] const tls::Context& api_client_without_certificate() const {
    return api_client_without_certificate_;
  }

 private:
  explicit TlsSetup(const certs::CertificateFactory& factory);
  void add_client(const std::string& name, const certs::Credential& provider);

  certs::StateFolder credentials_;  // without a folder
  std::map<std::string, tls::Context> clients_;
  std::map<std::string, tls::Context> api_clients_;
  tls::Context api_client_without_certificate_;
  tls::Context strict_server_;
  tls::Context open_server_;
  std::map<std::pair<bool, bool>, tls::Context> apis_;  // by what api_server() is asked
};

}  // namespace apns::scenarios
