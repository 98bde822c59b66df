#include "provider/device_token_fate.h"

namespace apns::provider {

namespace {

DeviceTokenFate fate_of(Reason reason) {
  switch (reason) {
    case Reason::ExpiredToken:
    case Reason::Unregistered:
      return DeviceTokenFate::Gone;
    case Reason::BadDeviceToken:
    case Reason::DeviceTokenNotForTopic:
      return DeviceTokenFate::Misplaced;
    case Reason::BadTopic:
    case Reason::DuplicateHeaders:
    case Reason::InvalidPushType:
    case Reason::MissingDeviceToken:
    case Reason::MissingTopic:
    case Reason::TopicDisallowed:
    case Reason::BadCertificate:
    case Reason::BadCertificateEnvironment:
    case Reason::ExpiredProviderToken:
    case Reason::Forbidden:
    case Reason::InvalidProviderToken:
    case Reason::MissingProviderToken:
    case Reason::UnrelatedKeyIdInToken:
    case Reason::BadEnvironmentKeyIdInToken:
    case Reason::BadEnvironmentKeyInToken:
    case Reason::BadPath:
    case Reason::MethodNotAllowed:
    case Reason::TooManyProviderTokenUpdates:
      return DeviceTokenFate::Configuration;
    case Reason::BadCollapseId:
    case Reason::BadExpirationDate:
    case Reason::BadMessageId:
    case Reason::BadPriority:
    case Reason::IdleTimeout:
    case Reason::PayloadEmpty:
    case Reason::PayloadTooLarge:
    case Reason::TooManyRequests:
    case Reason::InternalServerError:
    case Reason::ServiceUnavailable:
    case Reason::Shutdown:
      return DeviceTokenFate::Nothing;
  }
  return DeviceTokenFate::Nothing;
}

}  // namespace

DeviceTokenFate device_token_fate(std::uint16_t status, std::optional<Reason> reason) {
  if (status == 200) {
    return DeviceTokenFate::Good;
  }
  if (reason) {
    return fate_of(*reason);
  }
  switch (status) {
    case 410:
      return DeviceTokenFate::Gone;
    case 403:
    case 404:
    case 405:
      return DeviceTokenFate::Configuration;
    default:
      return DeviceTokenFate::Nothing;
  }
}

}  // namespace apns::provider
