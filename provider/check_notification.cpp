#include "provider/check_notification.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "apns/base/rfc3339.h"
#include "apns/model/uuid.h"
#include "apns/payload/payload_shape.h"
#include "apns/payload/push_type_rule.h"

namespace apns::provider {

namespace {

using Field = NotificationField;

constexpr std::size_t kMaxCollapseIdBytes = 64;
constexpr std::size_t kMinDeviceTokenBytes = 32;
/// No date that anybody means is as early: what is, is a number of seconds from now.
constexpr std::uint32_t kLongestSpan = 10U * 366 * 24 * 3600;

struct Subject {
  const Notification& notification;
  const NotificationRoute& route;
  const PayloadShape shape = read_payload_shape(notification.payload);

  [[nodiscard]] bool is(PushType type) const { return notification.push_type == type; }

  [[nodiscard]] std::string type_name() const {
    return notification.push_type ? std::string(row_of(*notification.push_type).name)
                                  : std::string();
  }
};

std::string found_short_device_token(const Subject& s) {
  const std::size_t len = s.notification.device_token.bytes().size();
  return !s.route.short_device_tokens && len < kMinDeviceTokenBytes
             ? "device_token has " + std::to_string(len) + " bytes"
             : std::string();
}

std::string found_empty_payload(const Subject& s) {
  return s.notification.payload.empty() ? "payload is empty" : "";
}

std::string found_large_payload(const Subject& s) {
  const std::size_t len = s.notification.payload.size();
  const std::size_t limit = payload_limit(s.notification, s.route);
  return len > limit ? "payload has " + std::to_string(len) + " bytes, where " +
                           std::to_string(limit) + " are the limit"
                     : std::string();
}

std::string found_no_object(const Subject& s) {
  return !s.notification.payload.empty() && !s.shape.is_object ? "payload is no JSON object" : "";
}

std::string found_beside_background(const Subject& s) {
  if (!s.is(PushType::Background) || !s.shape.is_visible()) {
    return {};
  }
  const char* const key = s.shape.has_alert ? "alert" : s.shape.has_badge ? "badge" : "sound";
  return std::string("push type background with ") + key;
}

std::string found_without_content_available(const Subject& s) {
  return s.is(PushType::Background) && s.shape.is_object && !s.shape.content_available
             ? "push type background without content-available"
             : "";
}

std::string found_silent_alert(const Subject& s) {
  return s.is(PushType::Alert) && s.shape.is_background() ? "push type alert with nothing to show"
                                                          : "";
}

std::string found_mdm(const Subject& s) {
  if (s.is(PushType::Mdm)) {
    return s.shape.is_object && !s.shape.is_management ? "push type mdm without mdm" : "";
  }
  return s.shape.is_management && s.notification.push_type ? "mdm with push type " + s.type_name()
                                                           : std::string();
}

std::string found_other_than_live_activity(const Subject& s) {
  return s.is(PushType::LiveActivity) && s.shape.is_object && !s.shape.is_live_activity()
             ? "push type liveactivity without event and timestamp"
             : "";
}

std::string found_without_content_changed(const Subject& s) {
  return (s.is(PushType::Widgets) || s.is(PushType::Controls)) && s.shape.is_object &&
                 !s.shape.has_content_changed
             ? "push type " + s.type_name() + " without content-changed"
             : std::string();
}

std::string found_alert_in_voip(const Subject& s) {
  return s.is(PushType::Voip) && s.shape.is_visible() ? "push type voip with something to show"
                                                      : "";
}

std::string found_late_talk(const Subject& s) {
  if (!s.is(PushType::PushToTalk)) {
    return {};
  }
  if (s.notification.priority.value_or(10) != 10) {
    return "push type pushtotalk with priority " + std::to_string(*s.notification.priority);
  }
  return s.notification.expiration == 0U ? "" : "push type pushtotalk that may be stored";
}

std::string found_no_provider_token(const Subject& s) {
  return s.notification.push_type && row_of(*s.notification.push_type).needs_provider_token &&
                 s.route.has_provider_token == false
             ? "push type " + s.type_name() + " with a certificate"
             : std::string();
}

std::string found_no_topic(const Subject& s) {
  return s.notification.topic.empty() && s.route.has_provider_token == true
             ? "a provider token, and no topic"
             : "";
}

std::string found_topic_letters(const Subject& s) {
  const bool is_name = std::ranges::all_of(s.notification.topic, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
  return is_name ? std::string() : "topic is " + s.notification.topic;
}

bool has_wrong_suffix(const Subject& s) {
  return s.notification.push_type && !s.is(PushType::Mdm) && !s.notification.topic.empty() &&
         topic_suffix_of(s.notification.topic) != row_of(*s.notification.push_type).topic_suffix;
}

std::string found_topic_of_live_activity(const Subject& s) {
  return has_wrong_suffix(s) && s.is(PushType::LiveActivity)
             ? "push type liveactivity with the topic " + s.notification.topic
             : std::string();
}

std::string found_topic(const Subject& s) {
  return has_wrong_suffix(s) && !s.is(PushType::LiveActivity)
             ? "push type " + s.type_name() + " with the topic " + s.notification.topic
             : std::string();
}

std::string found_priority(const Subject& s) {
  const std::uint8_t priority = s.notification.priority.value_or(10);
  return priority == 10 || priority == 5 || priority == 1
             ? std::string()
             : "priority is " + std::to_string(priority);
}

std::string found_background_at_once(const Subject& s) {
  const std::uint8_t priority = s.notification.priority.value_or(10);
  if (priority == 5 || !found_priority(s).empty()) {
    return {};
  }
  return s.is(PushType::Background)
             ? "push type background with priority " + std::to_string(priority)
             : std::string();
}

std::string found_priority_of_type(const Subject& s) {
  return s.notification.priority && s.notification.push_type && !s.is(PushType::Background) &&
                 found_priority(s).empty() &&
                 !row_of(*s.notification.push_type).allows_priority(*s.notification.priority)
             ? "push type " + s.type_name() + " with priority " +
                   std::to_string(*s.notification.priority)
             : std::string();
}

std::string found_binary_background_at_once(const Subject& s) {
  return !s.route.is_http2 && s.shape.is_background() && s.notification.priority.value_or(10) == 10
             ? "priority 10 with only content-available"
             : "";
}

/// A date that is one, but in the past.
bool is_past(const Subject& s) {
  return s.notification.expiration.value_or(0) != 0 && s.route.now &&
         std::chrono::sys_seconds(std::chrono::seconds(*s.notification.expiration)) <= *s.route.now;
}

std::string found_span(const Subject& s) {
  return is_past(s) && *s.notification.expiration < kLongestSpan
             ? "expiration " + std::to_string(*s.notification.expiration) + " is in the seventies"
             : std::string();
}

std::string found_past(const Subject& s) {
  if (!is_past(s) || *s.notification.expiration < kLongestSpan) {
    return {};
  }
  return "expiration is over since " +
         to_rfc3339(std::chrono::sys_seconds(std::chrono::seconds(*s.notification.expiration)));
}

std::string found_long_collapse_id(const Subject& s) {
  const std::size_t len = s.notification.collapse_id.size();
  return len > kMaxCollapseIdBytes ? "collapse_id has " + std::to_string(len) + " bytes"
                                   : std::string();
}

std::string found_no_uuid(const Subject& s) {
  return s.notification.apns_id.empty() || is_uuid(s.notification.apns_id)
             ? std::string()
             : "apns_id is " + s.notification.apns_id;
}

struct Check {
  Field field;
  std::optional<Reason> refusal;
  std::string_view source;
  std::string_view fix;  // empty: the push type rule's
  bool is_of_both;       // protocols; else of HTTP/2
  std::string (*found)(const Subject& subject);
};

constexpr std::string_view kSending = "\"Sending notification requests to APNs\"";

constexpr std::array kChecks{
    Check{Field::DeviceToken, Reason::BadDeviceToken, "\"Registering your app with APNs\"",
          "send all of it: 32 bytes, which are 64 hex digits, or more", true,
          found_short_device_token},
    Check{Field::Payload, Reason::PayloadEmpty, "http2/payload-is-present",
          "send a JSON object; {} is one", true, found_empty_payload},
    Check{Field::Payload, Reason::PayloadTooLarge, "payload/fits-the-limit", "", true,
          found_large_payload},
    Check{Field::Payload, std::nullopt, "http2/payload-is-json",
          "put everything into one object: {\"aps\": {...}}", true, found_no_object},
    Check{Field::PushType, std::nullopt, "push-type/background-is-alone", "", false,
          found_beside_background},
    Check{Field::PushType, std::nullopt, "push-type/background-has-content-available", "", false,
          found_without_content_available},
    Check{Field::PushType, std::nullopt, "push-type/alert-has-something-to-show", "", false,
          found_silent_alert},
    Check{Field::PushType, std::nullopt, "push-type/mdm-has-its-payload", "", false, found_mdm},
    Check{Field::PushType, std::nullopt, "push-type/live-activity-has-its-keys", "", false,
          found_other_than_live_activity},
    Check{Field::PushType, std::nullopt, "push-type/content-changed-is-true", "", false,
          found_without_content_changed},
    Check{Field::PushType, std::nullopt, "push-type/voip-has-no-alert", "", false,
          found_alert_in_voip},
    Check{Field::PushType, std::nullopt, "push-type/push-to-talk-is-now-or-never", "", false,
          found_late_talk},
    Check{Field::PushType, Reason::Forbidden, "http2/push-type-needs-a-provider-token",
          "show a provider token: certificates cannot send it", false, found_no_provider_token},
    Check{Field::Topic, Reason::MissingTopic, "http2/topic-is-named",
          "name the app: a provider token is for all apps of its team", false, found_no_topic},
    Check{Field::Topic, Reason::TopicDisallowed, "http2/topic-is-a-name",
          "send the bundle id: letters, digits, dots, hyphens and underscores", false,
          found_topic_letters},
    Check{Field::Topic, Reason::TopicDisallowed, "push-type/topic-has-its-suffix", "", false,
          found_topic_of_live_activity},
    Check{Field::Topic, std::nullopt, "push-type/topic-has-its-suffix", "", false, found_topic},
    Check{Field::Priority, Reason::BadPriority, "http2/priority-is-10-5-or-1",
          "send 10 (at once), 5 (when power allows) or 1", true, found_priority},
    Check{Field::Priority, std::nullopt, "http2/background-has-priority-5",
          "send it with priority 5", false, found_background_at_once},
    Check{Field::Priority, std::nullopt, kSending, "send it with priority 10 or 5", false,
          found_priority_of_type},
    Check{Field::Priority, std::nullopt, "payload/priority-10-needs-an-alert",
          "send what only wakes the app with priority 5", true, found_binary_background_at_once},
    Check{Field::Expiration, std::nullopt, kSending,
          "send the time at which it expires, in seconds since 1970: now and as many seconds", true,
          found_span},
    Check{Field::Expiration, std::nullopt, "delivery/expired-is-never-delivered",
          "send a time that is to come, 0 for one attempt, or none", true, found_past},
    Check{Field::CollapseId, Reason::BadCollapseId, "http2/collapse-id-size",
          "send at most 64 bytes of UTF-8; letters outside ASCII have two to four", false,
          found_long_collapse_id},
    Check{Field::ApnsId, Reason::BadMessageId, "http2/apns-id-is-a-uuid",
          "send a UUID of 32 hex digits, 8-4-4-4-12, or none", false, found_no_uuid},
};

}  // namespace

std::string_view to_string(NotificationField field) {
  constexpr std::array<std::string_view, 8> kNames{"device_token", "payload",  "push_type",
                                                   "topic",        "priority", "expiration",
                                                   "collapse_id",  "apns_id"};
  return kNames.at(static_cast<std::size_t>(field));
}

std::vector<NotificationFinding> check_notification(const Notification& notification,
                                                    const NotificationRoute& route) {
  const Subject subject{notification, route};
  std::vector<NotificationFinding> findings;
  for (const Check& check : kChecks) {
    if (!route.is_http2 && !check.is_of_both) {
      continue;
    }
    if (std::string found = check.found(subject); !found.empty()) {
      findings.push_back(
          NotificationFinding{check.field, check.refusal, check.source, std::move(found),
                              check.fix.empty() ? push_type_rule(check.source).fix : check.fix});
    }
  }
  return findings;
}

}  // namespace apns::provider
