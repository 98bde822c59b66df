#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apns/model/notification.h"
#include "apns/model/reason.h"
#include "provider/complete_notification.h"

namespace apns::provider {

enum class NotificationField : std::uint8_t {
  DeviceToken,
  Payload,
  PushType,
  Topic,
  Priority,
  Expiration,
  CollapseId,
  ApnsId,
};

/// As the keys of people's input have it: "collapse_id".
[[nodiscard]] std::string_view to_string(NotificationField field);

/// Something about a notification that is not what its sender will want.
struct NotificationFinding {
  NotificationField field;
  /// What the service refuses it with. Nullopt: it is taken, and does not do what was meant.
  std::optional<Reason> refusal;
  std::string_view source;  // a rule of the catalogue, "http2/collapse-id-size", or a document
  std::string found;        // "collapse_id has 66 bytes"
  std::string_view fix;     // what would be right
};

/// Looks at a notification as it would go out: nothing is changed, and a notification with findings
/// may be sent. At most one finding for each rule, in a fixed order; empty, without allocation,
/// where all is well. What is wrong inside a payload is not looked at, but for what contradicts the
/// push type. Over the binary protocol only what it knows counts.
[[nodiscard]] std::vector<NotificationFinding> check_notification(const Notification& notification,
                                                                  const NotificationRoute& route);

}  // namespace apns::provider
