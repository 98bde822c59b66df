#include "provider/configuration_advice.h"

namespace apns::provider {

std::string_view configuration_advice(const Outcome& outcome) {
  constexpr std::string_view kAny = "check the certificate, or the key with its key id and team id";
  if (outcome.answer == nullptr || !outcome.answer->reason) {
    return kAny;
  }
  switch (*outcome.answer->reason) {
    case Reason::BadCertificate:
      return "use a push certificate of this app that is still good";
    case Reason::BadCertificateEnvironment:
      return "use a certificate of this environment, or the service of the other one";
    case Reason::Forbidden:
      return "see whether this credential may send what it sends: some push types take a provider "
             "token only";
    case Reason::InvalidProviderToken:
      return "see that key, key id and team id belong together, and that the key was not revoked";
    case Reason::MissingProviderToken:
      return "show a certificate, or give the client a key for provider tokens";
    case Reason::UnrelatedKeyIdInToken:
      return "use one key with a client, and another client for another key";
    case Reason::BadEnvironmentKeyIdInToken:
    case Reason::BadEnvironmentKeyInToken:
      return "use a key of this environment, or the service of the other one";
    default:
      return kAny;
  }
}

}  // namespace apns::provider
