#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apns/auth/certificate_identity.h"
#include "apns/auth/openssl_ptr.h"
#include "apns/model/environment.h"
#include "certs/credential.h"

namespace apns::certs {

/// When certificates are valid unless told otherwise: a manual clock in 2025 and a machine in 2036
/// are both inside.
inline constexpr std::string_view kNotBefore = "20090101000000Z";
inline constexpr std::string_view kNotAfter = "21191231235959Z";

/// The serial number of every revoked certificate of an authority, so that its list of revoked
/// certificates never changes. No other certificate draws it: random ones are longer.
inline constexpr std::uint64_t kRevokedSerial = 0x0BAD'CE47;

/// What a provider certificate is to say; the defaults are both environments without a topic list.
struct ProviderCertificate {
  std::string bundle_id = "com.example.app";  // empty: no UID
  std::string team_id = "TEAM000001";
  bool development = true;
  bool production = true;
  /// Extension .6; empty: none is written (single-environment certificates of before 2015 had
  /// none).
  std::vector<auth::CertificateIdentity::Topic> topics;
  /// Empty: Apple's for these environments, see docs/wire/certificates.md#subject.
  std::string common_name;
  /// UTC, as 20090101000000Z.
  std::string not_before = std::string(kNotBefore);
  std::string not_after = std::string(kNotAfter);
  /// Carries kRevokedSerial, so that the authority's list has it.
  bool revoked = false;

  /// As Apple has issued since December 2015: both environments; bundle_id as app, and its .voip
  /// and .complication.
  [[nodiscard]] static ProviderCertificate universal(std::string bundle_id, std::string team_id);
  /// One environment, no topic list, "Apple Development IOS Push Services: " or "Apple Production
  /// IOS ...".
  [[nodiscard]] static ProviderCertificate legacy(std::string bundle_id, std::string team_id,
                                                  Environment environment);
};

/// A fresh P-256 key: for certificates, and for provider tokens (.p8). Throws as the factory does.
[[nodiscard]] auth::KeyPtr make_p256_key();

/// Makes certificates in memory: P-256 keys, SHA-256, X.509 v3, valid from kNotBefore to kNotAfter.
/// Every function throws std::runtime_error that ends in OpenSSL's own text. Const functions may be
/// called from several threads.
class CertificateFactory {
 public:
  /// Makes a new authority around `key`; `name` is its common name.
  explicit CertificateFactory(auth::KeyPtr key = make_p256_key(),
                              std::string_view name = "apnslab Root CA");
  /// Takes over an authority that was made before.
  explicit CertificateFactory(Credential authority);

  [[nodiscard]] const Credential& authority() const { return authority_; }

  /// For server_names(more_names): DNS names, or addresses in numbers.
  [[nodiscard]] Credential make_server(const std::vector<std::string>& more_names = {},
                                       auth::KeyPtr key = make_p256_key()) const;
  [[nodiscard]] Credential make_provider(const ProviderCertificate& wanted,
                                         auth::KeyPtr key = make_p256_key()) const;

  /// The authority's list of revoked certificates: kRevokedSerial, and the list is valid as long as
  /// the authority.
  [[nodiscard]] auth::X509CrlPtr make_crl() const;

  /// Gives the authority away; the factory is of no use afterwards.
  [[nodiscard]] Credential take_authority() && { return std::move(authority_); }

 private:
  Credential authority_;
};

/// Whether `list` is signed by `authority` and revokes kRevokedSerial alone.
[[nodiscard]] bool is_crl_of(X509_CRL* list, X509* authority);

/// Apple's host names of the push services, all protocols, both environments.
[[nodiscard]] const std::vector<std::string>& apple_host_names();

/// What a server certificate carries: localhost, 127.0.0.1, ::1, apple_host_names(), then
/// `more_names`.
[[nodiscard]] std::vector<std::string> server_names(const std::vector<std::string>& more_names);

/// Whether the subject alternative names of `certificate` contain each of `names`, letter for
/// letter. A name that cannot be one (an empty one, say) throws.
[[nodiscard]] bool carries_names(const X509* certificate, const std::vector<std::string>& names);

}  // namespace apns::certs
