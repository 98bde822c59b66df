#include "mock_apns/world/payload.h"

#include <cstddef>

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

}  // namespace

Payload read_document(const PayloadDocument& document) {
  Payload payload;
  payload.form = document.form;
  payload.flaw = document.flaw;
  if (document.form == Payload::Form::Management) {
    payload.mdm = text_at(document.object, "mdm");
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
  return payload;
}

PayloadReader::PayloadReader() : parser_(std::make_unique<Parser>()) {}

PayloadReader::~PayloadReader() = default;

Payload PayloadReader::read(std::string_view json) {
  return read_document(parser_->parse(json));
}

std::vector<Why> PayloadReader::lint(std::string_view json, std::optional<std::uint8_t> priority) {
  return lint_document(parser_->parse(json), priority);
}

}  // namespace apns::mock
