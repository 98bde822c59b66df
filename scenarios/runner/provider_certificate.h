#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apns/auth/certificate_identity.h"
#include "certs/broken_twins.h"
#include "certs/certificate_factory.h"

namespace apns::scenarios {

/// A certificate that a scenario's provider shows, by the name that its `certificate` has:
///
///   ""         both environments; com.example.app, and its .voip and .complication
///   "legacy"   production only, without a list of topics: its UID is its topic
///   others     the broken twins of the first
struct ShownCertificate {
  certs::ProviderCertificate certificate;
  const certs::BrokenTwin* twin = nullptr;  // null: there is nothing wrong with it

  /// Only TLS can tell what is wrong with it.
  [[nodiscard]] bool needs_tls() const;
};

/// All but "", in the order in which messages have them.
[[nodiscard]] std::vector<std::string> shown_certificate_names();

/// `name` is one of them, or empty.
[[nodiscard]] ShownCertificate shown_certificate(std::string_view name);

/// What a service would read in it: for connections without TLS.
[[nodiscard]] std::shared_ptr<const auth::CertificateIdentity> plain_identity(
    const ShownCertificate& shown);

}  // namespace apns::scenarios
