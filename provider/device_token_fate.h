#pragma once

#include <cstdint>
#include <optional>

#include "apns/model/reason.h"

namespace apns::provider {

/// What one answer says about the device token that it is about.
enum class DeviceTokenFate : std::uint8_t {
  Good,           // it was taken
  Gone,           // it is dead for this topic: 410 Unregistered and ExpiredToken
  Misplaced,      // it is not of this environment or topic, or was made up
  Configuration,  // the provider's certificate, key, topic or request is wrong, whatever the token
  Nothing,        // about this notification, or about the moment
};

/// By the reason if it is known, else by the status alone (field reports I129,
/// sideshow/apns2#220: ExpiredToken comes with 400 and with 410).
/// Source: "Handling notification responses from APNs". That BadDeviceToken, for which Apple's
/// table has one line, is no proof of death is our choice: a provider that talks to the wrong
/// environment draws it for every device token that it has (KnuffApp/Knuff#76).
[[nodiscard]] DeviceTokenFate device_token_fate(std::uint16_t status, std::optional<Reason> reason);

}  // namespace apns::provider
