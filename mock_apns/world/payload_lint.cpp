#include "mock_apns/world/payload_lint.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apns/model/push_family.h"
#include "mock_apns/world/payload_document.h"
#include "mock_apns/world/payload_keys.h"
#include "mock_apns/world/payload_places.h"

namespace apns::mock {

namespace {

namespace dom = simdjson::dom;

/// What a rule looks at.
struct Subject {
  const PayloadDocument& document;
  const Payload& payload;
  const PayloadRequest& request;
  PayloadPlace* place = nullptr;  // where a finding goes; null: nobody asks

  [[nodiscard]] bool has_dictionary() const { return document.form == Payload::Form::Dictionary; }

  /// Is it for the notification centre, as far as the request says?
  [[nodiscard]] bool is_notification() const {
    return !request.push_type || family_of(*request.push_type) == PushFamily::Alert;
  }

  /// Is it handed to the app or its extension as it is? That may do without aps.
  [[nodiscard]] bool is_handed_over() const {
    return request.push_type == PushType::Location || request.push_type == PushType::Voip ||
           request.push_type == PushType::Complication ||
           request.push_type == PushType::FileProvider || request.push_type == PushType::PushToTalk;
  }
};

using Part = PayloadPlace::Part;
using Path = std::initializer_list<std::string_view>;

/// Says where the finding is that a rule is about to return. Costs nothing when nobody asks.
template <typename... Keys>
void point(const Subject& subject, const Keys&... keys) {
  if (subject.place != nullptr) {
    *subject.place = PayloadPlace{{std::string(keys)...}};
  }
}

/// The same, of a key of the object at `path`.
void point_into(const Subject& subject, Path path, std::string_view key, Part part,
                bool is_repeat = false) {
  if (subject.place != nullptr) {
    *subject.place = PayloadPlace{{path.begin(), path.end()}, part, is_repeat};
    subject.place->path.emplace_back(key);
  }
}

// ---- Words ----

/// A key or value of the payload, short enough for a line, without half a character at its end.
std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMaxLen = 40;
  if (text.size() <= kMaxLen) {
    return fmt::format("\"{}\"", text);
  }
  std::size_t len = kMaxLen;
  while (len > 0 && (static_cast<unsigned char>(text[len]) & 0xc0U) == 0x80) {
    --len;
  }
  return fmt::format("\"{}...\"", text.substr(0, len));
}

std::string_view name_of(dom::element_type type) {
  switch (type) {
    case dom::element_type::ARRAY:
      return "an array";
    case dom::element_type::OBJECT:
      return "a dictionary";
    case dom::element_type::STRING:
      return "a text";
    case dom::element_type::BOOL:
      return "true or false";
    case dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

// ---- The keys of aps and alert ----

template <std::size_t kSize>
std::string first_unknown(const Subject& subject, Path path, const dom::object& object,
                          const std::array<PayloadKey, kSize>& keys) {
  for (const auto& [name, value] : object) {
    if (find_key(keys, name) == nullptr) {
      point_into(subject, path, name, Part::Key);
      return in_quotes(name);
    }
  }
  return {};
}

template <std::size_t kSize>
std::string first_of_wrong_type(const Subject& subject, Path path, const dom::object& object,
                                const std::array<PayloadKey, kSize>& keys) {
  for (const auto& [name, value] : object) {
    const PayloadKey* key = find_key(keys, name);
    if (key != nullptr && !has_type(value, key->type)) {
      point_into(subject, path, name, Part::Value);
      return fmt::format("{} is {}", name,
                         value.is_array() && key->type == PayloadKeyType::Texts
                             ? "an array not only of texts"
                             : name_of(value.type()));
    }
  }
  return {};
}

// ---- The rules ----

std::optional<dom::object> alert_of(const Subject& subject) {
  dom::object alert;
  if (!subject.has_dictionary() ||
      subject.document.aps.at_key("alert").get_object().get(alert) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return alert;
}

bool is_live_activity(const Subject& subject) {
  return subject.document.aps.at_key("event").error() == simdjson::SUCCESS;
}

std::string found_flaw(const Subject& subject, std::string_view word) {
  const bool is_it = subject.document.form == Payload::Form::Unreadable &&
                     subject.document.flaw.find(word) != std::string::npos;
  return is_it ? subject.document.flaw : std::string();
}

/// The value of a key of aps is of none of `types`.
std::string found_type(const Subject& subject, std::string_view key,
                       std::initializer_list<dom::element_type> types) {
  dom::element value;
  if (!subject.has_dictionary() ||
      subject.document.aps.at_key(key).get(value) != simdjson::SUCCESS ||
      std::ranges::find(types, value.type()) != types.end()) {
    return {};
  }
  point(subject, "aps", key);
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS
             ? fmt::format("{} is the text {}", key, in_quotes(text))
             : fmt::format("{} is {}", key, name_of(value.type()));
}

std::string found_number_not_one(const Subject& subject, std::string_view key) {
  dom::element value;
  if (!subject.has_dictionary() ||
      subject.document.aps.at_key(key).get(value) != simdjson::SUCCESS) {
    return {};
  }
  point(subject, "aps", key);
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS) {
    return fmt::format("{} is {}", key, name_of(value.type()));
  }
  return number == 1 ? std::string() : fmt::format("{} is {}", key, number);
}

/// The key of the root's value that has an aps inside, or "aps" for aps in aps.
std::string key_around_aps(const Subject& subject) {
  if (subject.document.form != Payload::Form::Dictionary &&
      subject.document.form != Payload::Form::NoAps) {
    return {};
  }
  for (const auto& [name, value] : subject.document.object) {
    dom::object inner;
    if (value.get_object().get(inner) == simdjson::SUCCESS && inner.at_key("aps").is_object() &&
        (name == "aps" || !subject.document.has_aps)) {
      point_into(subject, {name}, "aps", Part::Key);
      return in_quotes(name);
    }
  }
  return {};
}

std::string found_twice(const Subject& subject, Path path, const dom::object& object) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : object) {
    names.push_back(name);
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice == names.end()) {
    return {};
  }
  point_into(subject, path, *twice, Part::Key, true);
  return in_quotes(*twice) + " is there twice";
}

std::string found_duplicates(const Subject& subject) {
  if (!subject.has_dictionary()) {
    return {};
  }
  const std::string in_root = found_twice(subject, {}, subject.document.object);
  return in_root.empty() ? found_twice(subject, {"aps"}, subject.document.aps) : in_root;
}

/// The text of the alert that a finding is about.
void point_to_text(const Subject& subject, const std::string& text) {
  const Payload::Alert& alert = *subject.payload.alert;
  if (!alert_of(subject)) {
    point(subject, "aps", "alert");
    return;
  }
  const std::string_view key = &text == &alert.title      ? "title"
                               : &text == &alert.subtitle ? "subtitle"
                                                          : "body";
  point(subject, "aps", "alert", key);
}

/// A text that still has the escapes of JSON in it: "\ud83d" or "\n" as characters.
std::string found_escapes(const Subject& subject) {
  if (!subject.payload.alert) {
    return {};
  }
  const Payload::Alert& alert = *subject.payload.alert;
  for (const std::string* text : {&alert.title, &alert.subtitle, &alert.body}) {
    for (std::size_t at = text->find("\\u"); at < text->size(); at = text->find("\\u", at + 1)) {
      const std::string_view digits = std::string_view(*text).substr(at + 2, 4);
      if (digits.size() == 4 &&
          digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos) {
        point_to_text(subject, *text);
        return fmt::format("the characters {} in a text", text->substr(at, 6));
      }
    }
  }
  return {};
}

std::string found_alert_types(const Subject& subject) {
  const auto alert = alert_of(subject);
  if (!alert) {
    return {};
  }
  for (const std::string_view key : {"title", "body", "sound"}) {
    if (!is_live_activity(subject) && alert->at_key(key).is_object()) {
      point(subject, "aps", "alert", key);
      return fmt::format("{} is a dictionary", key);
    }
  }
  return first_of_wrong_type(subject, {"aps", "alert"}, *alert, kAlertKeys);
}

std::string found_empty_alert(const Subject& subject) {
  const auto& alert = subject.payload.alert;
  if (!alert || alert->has_text() || !found_alert_types(subject).empty()) {
    return {};
  }
  point(subject, "aps", "alert");
  return alert_of(subject) ? "an alert without title, subtitle and body" : "an alert of no text";
}

std::string found_level(const Subject& subject) {
  constexpr std::array<std::string_view, 5> kLevels{"", "passive", "active", "time-sensitive",
                                                    "critical"};
  const std::string& level = subject.payload.interruption_level;
  point(subject, "aps", "interruption-level");
  return std::ranges::find(kLevels, level) == kLevels.end()
             ? "interruption-level is " + in_quotes(level)
             : std::string();
}

std::string found_outside_0_to_1(std::string_view key, std::optional<double> number) {
  return number && (*number < 0 || *number > 1) ? fmt::format("{} is {}", key, *number)
                                                : std::string();
}

struct Check {
  PayloadRule row;
  std::string (*found)(const Subject& subject);  // empty: nothing
};

using dom::element_type;

/// From the outside to the inside, then what weighs the whole.
constexpr std::array<Check, 22> kChecks{{
    {{"payload/is-json", "send one JSON object in UTF-8, at most as many bytes as were declared"},
     [](const Subject& s) -> std::string {
       return s.document.form == Payload::Form::NotJson ? "not JSON" : "";
     }},
    {{"payload/no-lone-surrogates",
      "cut texts between characters, and send them as UTF-8 rather than as escapes"},
     [](const Subject& s) { return found_flaw(s, "surrogate"); }},
    {{"payload/numbers-fit-a-double", "send larger numbers as texts"},
     [](const Subject& s) { return found_flaw(s, "number"); }},
    {{"payload/depth", "send at most 1,024 levels"},
     [](const Subject& s) { return found_flaw(s, "levels"); }},
    {{"payload/is-an-object", "put everything into one object: {\"aps\": {...}}"},
     [](const Subject& s) -> std::string {
       return s.document.form == Payload::Form::NotAnObject ? "JSON, but no object" : "";
     }},
    {{"payload/aps-is-at-the-top", "move aps to the top level of the payload"},
     [](const Subject& s) {
       const std::string key = key_around_aps(s);
       return key.empty() ? key : "aps is inside " + key;
     }},
    {{"payload/has-aps", "add aps at the top level, with the keys that are for the system"},
     [](const Subject& s) -> std::string {
       return s.document.form == Payload::Form::NoAps && !s.document.has_aps &&
                      !s.is_handed_over() && key_around_aps(s).empty()
                  ? "no aps"
                  : "";
     }},
    {{"payload/aps-is-a-dictionary", "make aps a dictionary"},
     [](const Subject& s) -> std::string {
       point(s, "aps");
       return s.document.form == Payload::Form::NoAps && s.document.has_aps ? "aps is no dictionary"
                                                                            : "";
     }},
    {{"payload/keys-are-unique", "send each key once; which one counts is not known"},
     found_duplicates},
    {{"payload/aps-keys-are-known", "put keys of your own beside aps: inside they are ignored"},
     [](const Subject& s) -> std::string {
       if (!s.has_dictionary() || !key_around_aps(s).empty()) {
         return {};
       }
       const std::string key = first_unknown(s, {"aps"}, s.document.aps, kApsKeys);
       return key.empty() ? key : "the key " + key + " inside aps";
     }},
    {{"payload/aps-value-types", "send the type that the key has; else it is ignored"},
     [](const Subject& s) {
       return s.has_dictionary() ? first_of_wrong_type(s, {"aps"}, s.document.aps, kApsKeys)
                                 : std::string();
     }},
    {{"payload/alert-is-text-or-dictionary", "make alert a text, or a dictionary with body"},
     [](const Subject& s) {
       return found_type(s, "alert", {element_type::STRING, element_type::OBJECT});
     }},
    {{"payload/alert-keys-are-known", "put keys of your own beside aps: in alert they are ignored"},
     [](const Subject& s) -> std::string {
       const auto alert = alert_of(s);
       const std::string key =
           alert ? first_unknown(s, {"aps", "alert"}, *alert, kAlertKeys) : std::string();
       return key.empty() ? key : "the key " + key + " inside alert";
     }},
    {{"payload/alert-value-types", "make titles and body texts, and loc-args arrays of texts"},
     found_alert_types},
    {{"payload/alert-is-not-empty", "add a body, or leave alert out"}, found_empty_alert},
    {{"payload/badge-is-a-number", "make badge a whole number from 0 on; 0 removes it"},
     [](const Subject& s) {
       const std::string type = found_type(
           s, "badge", {element_type::INT64, element_type::UINT64, element_type::DOUBLE});
       const bool is_unread = type.empty() && s.has_dictionary() && !s.payload.badge &&
                              s.document.aps.at_key("badge").error() == simdjson::SUCCESS;
       if (is_unread) {
         point(s, "aps", "badge");
       }
       return is_unread ? std::string("badge is negative, huge or a fraction") : type;
     }},
    {{"payload/sound-is-text-or-dictionary",
      "make sound a text, or for a critical alert a dictionary with critical, name and volume "
      "from 0 to 1"},
     [](const Subject& s) {
       const std::string type =
           found_type(s, "sound", {element_type::STRING, element_type::OBJECT});
       if (type.empty()) {
         point(s, "aps", "sound", "volume");
       }
       return type.empty() && s.payload.sound
                  ? found_outside_0_to_1("volume", s.payload.sound->volume)
                  : type;
     }},
    {{"payload/flags-are-1", "send the number 1, or leave the key out"},
     [](const Subject& s) {
       const std::string available = found_number_not_one(s, "content-available");
       return available.empty() ? found_number_not_one(s, "mutable-content") : available;
     }},
    {{"payload/mutable-content-needs-an-alert",
      "add an alert with a text: a service extension runs for nothing else"},
     [](const Subject& s) -> std::string {
       point(s, "aps", "mutable-content");
       return s.payload.mutable_content && !(s.payload.alert && s.payload.alert->has_text())
                  ? "mutable-content without an alert"
                  : "";
     }},
    {{"payload/levels-are-known",
      "interruption-level is passive, active, time-sensitive or critical; relevance-score is 0 to "
      "1"},
     [](const Subject& s) {
       const std::string level = found_level(s);
       if (level.empty()) {
         point(s, "aps", "relevance-score");
       }
       return level.empty() && s.has_dictionary() && !is_live_activity(s)
                  ? found_outside_0_to_1("relevance-score", s.payload.relevance_score)
                  : level;
     }},
    {{"payload/no-double-escapes", "escape once: let the JSON library do it, or send UTF-8"},
     found_escapes},
    {{"payload/priority-10-needs-an-alert",
      "send what only wakes the app with priority 5, or add an alert, badge or sound"},
     [](const Subject& s) -> std::string {
       point(s, "aps", "content-available");
       return s.request.priority == std::uint8_t{10} && s.payload.is_background() &&
                      s.is_notification()
                  ? "priority 10 with only content-available"
                  : "";
     }},
}};

constexpr auto kRules = [] {
  std::array<PayloadRule, kChecks.size()> rules;
  std::ranges::transform(kChecks, rules.begin(), &Check::row);
  return rules;
}();

}  // namespace

std::span<const PayloadRule> payload_rules() {
  return kRules;
}

std::vector<Why> lint_document(const PayloadDocument& document, const PayloadRequest& request,
                               std::vector<PayloadPlace>* places) {
  const Payload payload = read_document(document);
  PayloadPlace place;
  const Subject subject{document, payload, request, places == nullptr ? nullptr : &place};
  std::vector<Why> findings;
  for (const Check& check : kChecks) {
    if (places != nullptr) {
      place = {};
    }
    if (std::string found = check.found(subject); !found.empty()) {
      findings.push_back(
          Why{std::string(check.row.rule), std::move(found), std::string(check.row.fix)});
      if (places != nullptr) {
        places->push_back(place);
      }
    }
  }
  return findings;
}

}  // namespace apns::mock
