#include "mock_apns/world/push_type_lint.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

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

/// The push type whose topics look like this one; empty: those without a suffix.
std::string_view suffix_of(std::string_view topic) {
  for (const PushTypeRow& row : push_types()) {
    if (!row.topic_suffix.empty() && topic.ends_with(row.topic_suffix)) {
      return row.topic_suffix;
    }
  }
  return {};
}

std::string found_topic(const Subject& s) {
  if (!s.request.push_type || s.request.topic.empty() || s.is(PushType::Mdm)) {
    return {};
  }
  const PushTypeRow& row = row_of(*s.request.push_type);
  return suffix_of(s.request.topic) == row.topic_suffix
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
  PushTypeRule row;
  std::string (*found)(const Subject& subject);  // empty: nothing
};

/// Sources: "Sending notification requests to APNs"; "Pushing background updates to your App";
/// "Starting and updating Live Activities"; docs/preview.md.
constexpr std::array<Check, 11> kChecks{{
    {{"payload/fits-the-limit", true,
      "send at most 4,096 bytes, 5,120 with push type voip, 2,048 over the binary interface; let "
      "the app fetch what is longer"},
     found_too_large},
    {{"push-type/background-is-alone", true,
      "take alert, badge and sound out, or send it with push type alert"},
     found_beside_background},
    {{"push-type/background-has-content-available", true, "add \"content-available\": 1 to aps"},
     found_without_content_available},
    {{"push-type/alert-has-something-to-show", true,
      "send what only wakes the app with push type background and priority 5"},
     found_silent_alert},
    {{"push-type/topic-has-its-suffix", true,
      "send the bundle id with what the push type wants behind it, such as .voip, and nothing "
      "behind it for alert and background"},
     found_topic},
    {{"push-type/mdm-has-its-payload", true,
      "send {\"mdm\": PushMagic} with push type mdm, and nothing else with it"},
     found_mdm},
    {{"push-type/live-activity-has-its-keys", true,
      "send timestamp and event (start, update, end); content-state unless it ends; "
      "attributes-type, attributes and an alert when it starts"},
     found_in_live_activity},
    {{"push-type/content-changed-is-true", true, "send {\"aps\": {\"content-changed\": true}}"},
     found_without_content_changed},
    {{"push-type/voip-has-no-alert", false,
      "leave alert, badge and sound out: the app reports the call, and the system shows that"},
     found_alert_in_voip},
    {{"push-type/file-provider-has-its-keys", false,
      "add container-identifier and domain beside aps"},
     found_without_container},
    {{"push-type/push-to-talk-is-now-or-never", false, "send it with priority 10 and expiration 0"},
     found_late_talk},
}};

constexpr auto kRules = [] {
  std::array<PushTypeRule, kChecks.size()> rules;
  std::ranges::transform(kChecks, rules.begin(), &Check::row);
  return rules;
}();

}  // namespace

std::span<const PushTypeRule> push_type_rules() {
  return kRules;
}

std::vector<PlacedFinding> lint_request(const PayloadDocument& document,
                                        const PayloadRequest& request) {
  const Payload payload = read_document(document);
  std::vector<PlacedFinding> findings;
  for (const Check& check : kChecks) {
    PayloadPlace place;
    std::string found = check.found(Subject{document, payload, request, place});
    if (!found.empty()) {
      findings.push_back(PlacedFinding{
          Why{std::string(check.row.rule), std::move(found), std::string(check.row.fix)},
          check.row.is_must, std::move(place)});
    }
  }
  return findings;
}

}  // namespace apns::mock
