#include "certs/broken_twins.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace apns::certs {
namespace {

constexpr std::uint8_t kBadCertificate = 42;
constexpr std::uint8_t kCertificateRevoked = 44;
constexpr std::uint8_t kCertificateExpired = 45;
constexpr std::uint8_t kCertificateUnknown = 46;
constexpr std::uint8_t kUnknownCa = 48;

constexpr std::size_t kTopicLenTooLong = 256;  // a topic has 255 bytes at most

/// Another bundle id next to `bundle_id`: com.example.app gives com.example.other.
std::string other_app(const std::string& bundle_id) {
  const std::size_t dot = bundle_id.rfind('.');
  const std::string company = dot == std::string::npos ? "" : bundle_id.substr(0, dot + 1);
  std::string other = company + "other";
  return other == bundle_id ? company + "another" : other;
}

std::string stretch(std::string bundle_id) {
  bundle_id += ".";
  bundle_id.resize(std::max(bundle_id.size() + 1, kTopicLenTooLong), 'x');
  return bundle_id;
}

constexpr std::array<BrokenTwin, 8> kTwins = {{
    {.name = "expired",
     .wrong = "ended on 2012-12-31",
     .alert = kCertificateExpired,
     .spoil = [](ProviderCertificate& made) { made.not_after = "20121231235959Z"; }},
    {.name = "not-yet-valid",
     .wrong = "begins on 2119-01-01",
     .alert = kBadCertificate,
     .spoil = [](ProviderCertificate& made) { made.not_before = "21190101000000Z"; }},
    {.name = "revoked",
     .wrong = "is in the authority's list of revoked certificates",
     .alert = kCertificateRevoked,
     .spoil = [](ProviderCertificate& made) { made.revoked = true; }},
    {.name = "other-environment",
     .wrong = "is for the development gateway only",
     .alert = kCertificateUnknown,
     .spoil =
         [](ProviderCertificate& made) {
           made =
               ProviderCertificate::legacy(made.bundle_id, made.team_id, Environment::Development);
         }},
    {.name = "other-topic",
     .wrong = "is of another app of the same company",
     .spoil =
         [](ProviderCertificate& made) {
           made = ProviderCertificate::universal(other_app(made.bundle_id), made.team_id);
         }},
    {.name = "no-topic",
     .wrong = "names no topic anywhere",
     .spoil =
         [](ProviderCertificate& made) {
           made.bundle_id.clear();
           made.topics.clear();
           made.common_name = "Apple Push Services";
         }},
    {.name = "long-topic",
     .wrong = "names a topic of more than 255 bytes",
     .spoil =
         [](ProviderCertificate& made) {
           made = ProviderCertificate::universal(stretch(made.bundle_id), made.team_id);
         }},
    {.name = "unknown-ca",
     .wrong = "was issued by an authority that is not ours",
     .alert = kUnknownCa,
     .is_for_strict = true,
     .has_unknown_authority = true,
     .spoil = [](ProviderCertificate& /*made*/) {}},
}};

}  // namespace

std::span<const BrokenTwin> broken_twins() {
  return kTwins;
}

const BrokenTwin* find_broken_twin(std::string_view name) {
  const auto* found = std::find_if(kTwins.begin(), kTwins.end(),
                                   [name](const BrokenTwin& twin) { return twin.name == name; });
  return found == kTwins.end() ? nullptr : found;
}

CertificateFactory make_factory_of(const BrokenTwin& twin, Credential ours) {
  return twin.has_unknown_authority ? CertificateFactory(make_p256_key(), "Unknown Root CA")
                                    : CertificateFactory(std::move(ours));
}

}  // namespace apns::certs
