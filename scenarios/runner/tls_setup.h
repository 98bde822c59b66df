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
/// with them; for many runs, each made when it is first asked for. Keys are random: nothing that a
/// scenario observes depends on them. Of one thread. All throw as CertificateFactory does; what
/// they return lives as long as this.
class TlsSetup {
 public:
  TlsSetup();

  // Of a production service; an open one takes certificates of other authorities on trust.

  /// Gateway and feedback.
  [[nodiscard]] const tls::Context& server(bool open_world) const;
  /// The profile decides whether an alert says what is wrong with a certificate.
  [[nodiscard]] const tls::Context& api_server(bool open_world, const Http2Profile& profile) const;

  // Of a provider; `certificate` is one of shown_certificate_names(), or empty.

  [[nodiscard]] const tls::Context& client(const std::string& certificate) const;
  [[nodiscard]] const tls::Context& api_client(const std::string& certificate) const;
  /// One that shows none.
  [[nodiscard]] const tls::Context& api_client_without_certificate() const;

 private:
  [[nodiscard]] tls::ClientOptions client_options() const;
  [[nodiscard]] tls::ClientOptions client_options(const std::string& certificate) const;

  certs::CertificateFactory factory_;
  certs::StateFolder credentials_;  // the service's; without a folder
  // What was asked for so far.
  mutable std::map<std::string, certs::Credential> shown_;
  mutable std::map<std::string, tls::Context> clients_;
  mutable std::map<std::string, tls::Context> api_clients_;
  mutable std::map<bool, tls::Context> servers_;
  mutable std::map<std::pair<bool, bool>, tls::Context> api_servers_;
};

}  // namespace apns::scenarios
