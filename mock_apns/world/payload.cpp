#include "mock_apns/world/payload.h"

#include <cstddef>
#include <utility>

#include "mock_apns/world/payload_document.h"

namespace apns::mock {

namespace {

namespace dom = simdjson::dom;

std::vector<std::string> texts_at(const dom::object& object, std::string_view key) {
  std::vector<std::string> texts;
  dom::array array;
  if (object.at_key(key).get_array().get(array) == simdjson::SUCCESS) {
    for (const dom::element element : array) {
      std::string_view text;
      if (element.get_string().get(text) == simdjson::SUCCESS) {
        texts.emplace_back(text);
      }
    }
  }
  return texts;
}

/// Texts with arguments put in grow no further: a short payload may name one argument very often.
constexpr std::size_t kMaxFormatted = 16'384;

/// `format` with each %@ replaced by the next argument and each %1$@ by the one of that number; one
/// too many stays as it is.
std::string with_arguments(std::string_view format, const std::vector<std::string>& arguments) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < format.size();) {
    const std::string_view rest = format.substr(at);
    std::size_t len = 1;
    std::size_t argument = arguments.size();
    if (rest.starts_with("%@")) {
      len = 2;
      argument = next++;
    } else if (rest.size() >= 4 && rest[0] == '%' && rest[1] >= '1' && rest[1] <= '9' &&
               rest.substr(2, 2) == "$@") {
      len = 4;
      argument = static_cast<std::size_t>(rest[1] - '1');
    } else if (rest.starts_with("%%")) {
      out += '%';
      at += 2;
      continue;
    }
    const bool fits =
        argument < arguments.size() && out.size() + arguments[argument].size() <= kMaxFormatted;
    out += fits ? std::string_view(arguments[argument]) : rest.substr(0, len);
    at += len;
  }
  return out;
}

std::string text_or_key(const dom::object& alert, std::string_view key, std::string_view loc_key,
                        std::string_view loc_args) {
  std::string text = text_at(alert, key);
  return text.empty() ? with_arguments(text_at(alert, loc_key), texts_at(alert, loc_args)) : text;
}

/// In a Live Activity's alert a text may be a dictionary that names one of the app's.
std::string text_or_dictionary(const dom::object& alert, std::string_view key) {
  dom::object object;
  return alert.at_key(key).get_object().get(object) == simdjson::SUCCESS
             ? with_arguments(text_at(object, "loc-key"), texts_at(object, "loc-args"))
             : std::string();
}

std::optional<Payload::Alert> read_alert(const dom::object& aps) {
  const auto found = aps.at_key("alert");
  dom::object object;
  if (found.is_string()) {
    Payload::Alert alert;
    alert.body = text_at(aps, "alert");
    return alert;
  }
  if (found.get_object().get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return Payload::Alert{
      .title = text_or_key(object, "title", "title-loc-key", "title-loc-args"),
      .subtitle = text_or_key(object, "subtitle", "subtitle-loc-key", "subtitle-loc-args"),
      .body = text_or_key(object, "body", "loc-key", "loc-args"),
      .loc_key = text_at(object, "loc-key"),
      .launch_image = text_at(object, "launch-image")};
}

std::optional<std::int64_t> read_badge(const dom::object& aps) {
  std::int64_t badge = 0;
  return aps.at_key("badge").get_int64().get(badge) == simdjson::SUCCESS && badge >= 0
             ? std::optional<std::int64_t>(badge)
             : std::nullopt;
}

std::optional<Payload::Sound> read_sound(const dom::object& aps) {
  const auto found = aps.at_key("sound");
  dom::object object;
  if (found.is_string()) {
    Payload::Sound sound;
    sound.name = text_at(aps, "sound");
    return sound;
  }
  if (found.get_object().get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return Payload::Sound{.name = text_at(object, "name"),
                        .is_critical = flag_at(object, "critical"),
                        .volume = number_at(object, "volume")};
}

/// Of a Live Activity; its sound stands in the alert.
void read_activity(const dom::object& aps, Payload& payload) {
  if (aps.at_key("event").error() != simdjson::SUCCESS) {
    return;
  }
  Payload::Activity& activity = *(payload.activity = Payload::Activity{});
  activity.event = text_at(aps, "event");
  activity.timestamp = seconds_at(aps, "timestamp");
  activity.attributes_type = text_at(aps, "attributes-type");
  activity.has_attributes = aps.at_key("attributes").is_object();
  activity.stale_date = seconds_at(aps, "stale-date");
  activity.dismissal_date = seconds_at(aps, "dismissal-date");
  dom::object state;
  if (aps.at_key("content-state").get_object().get(state) == simdjson::SUCCESS) {
    activity.content_state = simdjson::minify(state);
  }
  dom::object alert;
  if (aps.at_key("alert").get_object().get(alert) != simdjson::SUCCESS) {
    return;
  }
  const auto complete = [&alert](std::string& text, std::string_view key) {
    text = text.empty() ? text_or_dictionary(alert, key) : text;
  };
  complete(payload.alert->title, "title");
  complete(payload.alert->body, "body");
  if (!payload.sound && alert.at_key("sound").is_string()) {
    Payload::Sound sound;
    sound.name = text_at(alert, "sound");
    payload.sound = std::move(sound);
  }
}

}  // namespace

Payload read_document(const PayloadDocument& document) {
  Payload payload;
  payload.form = document.form;
  payload.flaw = document.flaw;
  if (document.form == Payload::Form::Management) {
    payload.mdm = text_at(document.object, "mdm");
  }
  if (document.form == Payload::Form::Dictionary || document.form == Payload::Form::NoAps) {
    payload.container_identifier = text_at(document.object, "container-identifier");
  }
  if (document.form != Payload::Form::Dictionary) {
    return payload;
  }
  const dom::object& aps = document.aps;
  payload.alert = read_alert(aps);
  payload.badge = read_badge(aps);
  payload.sound = read_sound(aps);
  payload.content_available = flag_at(aps, "content-available");
  payload.mutable_content = flag_at(aps, "mutable-content");
  payload.thread_id = text_at(aps, "thread-id");
  payload.category = text_at(aps, "category");
  payload.target_content_id = text_at(aps, "target-content-id");
  payload.interruption_level = text_at(aps, "interruption-level");
  payload.relevance_score = number_at(aps, "relevance-score");
  payload.url_args = texts_at(aps, "url-args");
  bool has_changed = false;
  payload.content_changed =
      aps.at_key("content-changed").get_bool().get(has_changed) == simdjson::SUCCESS && has_changed;
  read_activity(aps, payload);
  return payload;
}

PayloadReader::PayloadReader() : parser_(std::make_unique<Parser>()) {}

PayloadReader::~PayloadReader() = default;

Payload PayloadReader::read(std::string_view json) {
  return read_document(parser_->parse(json));
}

std::vector<PayloadFinding> PayloadReader::lint(std::string_view json,
                                                const PayloadRequest& request) {
  const PayloadDocument document = parser_->parse(json);
  std::vector<PayloadFinding> findings;
  for (Why& wrong : lint_document(document, request)) {
    findings.push_back(PayloadFinding{.why = std::move(wrong), .pointer = {}});
  }
  for (PlacedFinding& wrong : lint_request(document, request)) {
    findings.push_back(
        PayloadFinding{.why = std::move(wrong.why), .is_must = wrong.is_must, .pointer = {}});
  }
  return findings;
}

}  // namespace apns::mock
