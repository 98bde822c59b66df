#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "apns/base/time.h"
#include "apns/model/notification.h"

namespace apns::provider {

/// What is known of the way that a notification goes.
struct NotificationRoute {
  bool is_http2 = true;  // else the binary protocol, which has a payload, priority and expiration
  /// The app's, for who names no topic: its bundle id, or what a certificate is for, which may have
  /// a push type's suffix already. Empty: not known.
  std::string_view app_topic = {};
  /// Nullopt: not known. False: a certificate.
  std::optional<bool> has_provider_token = std::nullopt;
  /// Nullopt: dates are not looked at.
  std::optional<WorldTime> now = std::nullopt;
  /// Device tokens of the real service have 32 bytes and more; a simulated one takes shorter ones.
  bool short_device_tokens = false;
};

/// Fills in what is absent and follows from what is there. What is there stays as it is, also where
/// it contradicts the rest: check_notification() tells of that.
///
///   push type   of the topic's suffix (.voip), else of the app's, else what the payload looks made
///               for: something to see or hear is an alert (badge 0 too), content-available alone
///               background, an event with its time or state a Live Activity, content-changed
///               widgets, mdm mdm. So it is always sent (field reports H119, jchambers/pushy#701).
///   topic       the app's, with the suffix of the push type unless it has it
///   priority    5, where a push only wakes its app: what is sent without one has 10, which is an
///               error then (field reports H121, noodlewerk/NWPusher#75); over both protocols
///
/// Expiration, collapse id and apns-id stay absent: absent is not 0, and the service makes an
/// apns-id by itself.
/// Source: "Sending notification requests to APNs"; "Pushing background updates to your App".
void complete_notification(Notification& notification, const NotificationRoute& route);

/// How many bytes its payload may have: its push type's limit, alert's without one; over the binary
/// protocol 2,048. Source: "Sending notification requests to APNs"; docs/wire/binary.md.
[[nodiscard]] std::size_t payload_limit(const Notification& notification,
                                        const NotificationRoute& route);

}  // namespace apns::provider
