#include "provider/complete_notification.h"

#include "apns/model/profile.h"
#include "apns/model/push_family.h"
#include "apns/payload/payload_shape.h"

namespace apns::provider {

namespace {

constexpr std::uint8_t kWhenPowerAllows = 5;

/// Null: the topic could be that of several.
const PushTypeRow* type_of_topic(std::string_view topic) {
  return is_management_topic(topic) ? &row_of(PushType::Mdm) : find_push_type_of_topic(topic);
}

PushType type_for(const Notification& notification, const NotificationRoute& route,
                  const PayloadShape& shape) {
  const std::string_view topic =
      notification.topic.empty() ? route.app_topic : std::string_view(notification.topic);
  const PushTypeRow* const row = type_of_topic(topic);
  return row == nullptr ? suggest_push_type(shape) : row->type;
}

}  // namespace

void complete_notification(Notification& notification, const NotificationRoute& route) {
  const PayloadShape shape = read_payload_shape(notification.payload);
  if (!route.is_http2) {
    if (!notification.priority && shape.is_background()) {
      notification.priority = kWhenPowerAllows;
    }
    return;
  }
  if (!notification.push_type) {
    notification.push_type = type_for(notification, route, shape);
  }
  if (!notification.priority && *notification.push_type == PushType::Background) {
    notification.priority = kWhenPowerAllows;
  }
  if (notification.topic.empty() && !route.app_topic.empty()) {
    notification.topic = route.app_topic;
    // One that has another suffix is of another push type: two would be of none.
    if (topic_suffix_of(notification.topic).empty()) {
      notification.topic += row_of(*notification.push_type).topic_suffix;
    }
  }
}

std::size_t payload_limit(const Notification& notification, const NotificationRoute& route) {
  return route.is_http2 ? row_of(notification.push_type.value_or(PushType::Alert)).payload_limit
                        : default_profile().binary_payload_limit_framed;
}

}  // namespace apns::provider
