#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "apns/payload/push_type_rule.h"
#include "mock_apns/world/payload_document.h"

namespace apns::mock {

namespace {

namespace dom = simdjson::dom;

/// What a rule looks at, and where it says what it found.
struct Subject {
  const PayloadDocument& document;
  const Payload& payload;
  const PayloadRequest& request;
  PayloadPlace& place;

  [[nodiscard]] bool is(PushType type) const { return request.push_type == type; }

  [[nodiscard]] bool has_dictionary() const { return document.form == Payload::Form::Dictionary; }

  /// Is it an object at all? What is not has findings of its own.
  [[nodiscard]] bool is_object() const {
    return document.form != Payload::Form::NotJson && document.form != Payload::Form::Unreadable &&
           document.form != Payload::Form::NotAnObject;
  }

  [[nodiscard]] bool has(std::string_view key) const {
    return has_dictionary() && document.aps.at_key(key).error() == simdjson::SUCCESS;
  }
};

std::string found_too_large(const Subject& s) {
  return s.request.payload_bytes > s.request.payload_limit
             ? fmt::format("{} bytes, where {} are the limit", s.request.payload_bytes,
                           s.request.payload_limit)
             : std::string();
}

std::string found_beside_background(const Subject& s) {
  if (!s.is(PushType::Background)) {
    return {};
  }
  for (const char* key : {"alert", "badge", "sound"}) {
    if (s.has(key)) {
      s.place.path = {"aps", key};
      return fmt::format("push type background with {}", key);
    }
  }
  return {};
}

std::string found_without_content_available(const Subject& s) {
  s.place.path = {"aps"};
  return s.is(PushType::Background) && s.is_object() && !s.payload.content_available
             ? "push type background without content-available"
             : "";
}

std::string found_silent_alert(const Subject& s) {
  s.place.path = {"aps", "content-available"};
  return s.is(PushType::Alert) && s.payload.is_background() ? "push type alert with nothing to show"
                                                            : "";
}

std::string found_topic(const Subject& s) {
  if (!s.request.push_type || s.request.topic.empty() || s.is(PushType::Mdm)) {
    return {};
  }
  const PushTypeRow& row = row_of(*s.request.push_type);
  return topic_suffix_of(s.request.topic) == row.topic_suffix
             ? std::string()
             : fmt::format("push type {} with the topic {}", row.name, s.request.topic);
}

std::string found_mdm(const Subject& s) {
  const bool is_management = s.document.form == Payload::Form::Management;
  if (s.is(PushType::Mdm)) {
    return s.is_object() && !is_management ? "push type mdm without mdm" : "";
  }
  s.place.path = {"mdm"};
  return is_management && s.request.push_type
             ? fmt::format("mdm with push type {}", row_of(*s.request.push_type).name)
             : std::string();
}

std::string found_in_live_activity(const Subject& s) {
  if (!s.is(PushType::LiveActivity) || !s.is_object()) {
    return {};
  }
  s.place.path = {"aps"};
  const std::string event = s.has_dictionary() ? text_at(s.document.aps, "event") : "";
  if (s.has("event") && event != "start" && event != "update" && event != "end") {
    s.place.path = {"aps", "event"};
    return "event is none of start, update and end";
  }
  for (const char* key : {"timestamp", "event"}) {
    if (!s.has(key)) {
      return fmt::format("push type liveactivity without {}", key);
    }
  }
  if (event != "end" && !s.has("content-state")) {
    return fmt::format("event {} without content-state", event);
  }
  for (const char* key : {"attributes-type", "attributes", "alert"}) {
    if (event == "start" && !s.has(key)) {
      return fmt::format("event start without {}", key);
    }
  }
  return {};
}

std::string found_without_content_changed(const Subject& s) {
  if ((!s.is(PushType::Widgets) && !s.is(PushType::Controls)) || !s.is_object()) {
    return {};
  }
  dom::element value;
  const bool is_there = s.has_dictionary() &&
                        s.document.aps.at_key("content-changed").get(value) == simdjson::SUCCESS;
  s.place.path = {"aps"};
  if (is_there) {
    s.place.path.emplace_back("content-changed");
  }
  const bool is_true = is_there && value.is_bool() && bool(value);
  return is_true ? std::string()
                 : fmt::format("push type {} without content-changed",
                               row_of(*s.request.push_type).name);
}

std::string found_alert_in_voip(const Subject& s) {
  s.place.path = {"aps"};
  return s.is(PushType::Voip) && s.payload.is_alert() ? "push type voip with something to show"
                                                      : "";
}

std::string found_without_container(const Subject& s) {
  return s.is(PushType::FileProvider) && s.is_object() &&
                 s.document.object.at_key("container-identifier").error() != simdjson::SUCCESS
             ? "push type fileprovider without container-identifier"
             : "";
}

std::string found_late_talk(const Subject& s) {
  if (!s.is(PushType::PushToTalk)) {
    return {};
  }
  if (s.request.priority && *s.request.priority != 10) {
    return fmt::format("push type pushtotalk with priority {}", *s.request.priority);
  }
  return s.request.expiration == 0 ? "" : "push type pushtotalk that may be stored";
}

struct Check {
  std::string_view rule;
  std::string (*found)(const Subject& subject);  // empty: nothing
};

/// In the order of push_type_rules().
constexpr std::array<Check, 11> kChecks{{
    {"payload/fits-the-limit", found_too_large},
    {"push-type/background-is-alone", found_beside_background},
    {"push-type/background-has-content-available", found_without_content_available},
    {"push-type/alert-has-something-to-show", found_silent_alert},
    {"push-type/topic-has-its-suffix", found_topic},
    {"push-type/mdm-has-its-payload", found_mdm},
    {"push-type/live-activity-has-its-keys", found_in_live_activity},
    {"push-type/content-changed-is-true", found_without_content_changed},
    {"push-type/voip-has-no-alert", found_alert_in_voip},
    {"push-type/file-provider-has-its-keys", found_without_container},
    {"push-type/push-to-talk-is-now-or-never", found_late_talk},
}};

}  // namespace

std::vector<PlacedFinding> lint_request(const PayloadDocument& document,
                                        const PayloadRequest& request) {
  const Payload payload = read_document(document);
  std::vector<PlacedFinding> findings;
  for (const Check& check : kChecks) {
    PayloadPlace place;
    std::string found = check.found(Subject{document, payload, request, place});
    if (!found.empty()) {
      const PushTypeRule& row = push_type_rule(check.rule);
      findings.push_back(
          PlacedFinding{Why{std::string(row.rule), std::move(found), std::string(row.fix)},
                        row.is_must, std::move(place)});
    }
  }
  return findings;
}

}  // namespace apns::mock
