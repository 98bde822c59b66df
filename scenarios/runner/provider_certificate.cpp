#include "scenarios/runner/provider_certificate.h"

#include <cassert>

#include "apns/model/environment.h"

namespace apns::scenarios {
namespace {

constexpr std::string_view kLegacy = "legacy";

certs::ProviderCertificate universal() {
  return certs::ProviderCertificate::universal("com.example.app", "TEAM000001");
}

}  // namespace

bool ShownCertificate::needs_tls() const {
  return twin != nullptr &&
         (twin->has_unknown_authority || certificate.revoked ||
          certificate.not_before != certs::kNotBefore || certificate.not_after != certs::kNotAfter);
}

std::vector<std::string> shown_certificate_names() {
  std::vector<std::string> names;
  for (const certs::BrokenTwin& twin : certs::broken_twins()) {
    names.emplace_back(twin.name);
  }
  names.emplace_back(kLegacy);
  return names;
}

ShownCertificate shown_certificate(std::string_view name) {
  if (name == kLegacy) {
    const certs::ProviderCertificate sound = universal();
    return ShownCertificate{.certificate = certs::ProviderCertificate::legacy(
                                sound.bundle_id, sound.team_id, Environment::Production)};
  }
  ShownCertificate shown{.certificate = universal()};
  if (!name.empty()) {
    shown.twin = certs::find_broken_twin(name);
    assert(shown.twin != nullptr);
    shown.twin->spoil(shown.certificate);
  }
  return shown;
}

std::shared_ptr<const auth::CertificateIdentity> plain_identity(const ShownCertificate& shown) {
  const certs::ProviderCertificate& certificate = shown.certificate;
  auth::CertificateIdentity identity;
  identity.uid = certificate.bundle_id;
  identity.common_name = certificate.common_name;
  identity.team_id = certificate.team_id;
  identity.development = certificate.development;
  identity.production = certificate.production;
  identity.topics = certificate.topics;
  return std::make_shared<const auth::CertificateIdentity>(std::move(identity));
}

}  // namespace apns::scenarios
