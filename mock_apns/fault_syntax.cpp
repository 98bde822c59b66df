#include "mock_apns/fault_syntax.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "mock_apns/fault_keys.h"
#include "mock_apns/fault_value.h"

namespace apns::mock {

namespace {

using syntax::Entry;
using syntax::Place;
using syntax::Refusal;
using syntax::refuse;
using syntax::Scalar;

// ---- JSON ----

Scalar to_scalar(const json::Value& value) {
  using Kind = json::Value::Kind;
  Scalar scalar{.form = Scalar::Form::Other, .text = {}, .position = value.position()};
  switch (value.kind()) {
    case Kind::Text:
      scalar.form = Scalar::Form::Text;
      scalar.text = value.text("");
      break;
    case Kind::Boolean:
      scalar.form = Scalar::Form::Boolean;
      scalar.text = value.dump();
      break;
    case Kind::Integer:
    case Kind::Real:
      scalar.form = Scalar::Form::Number;
      scalar.text = value.dump();
      break;
    case Kind::Null:
    case Kind::Array:
    case Kind::Object:
      scalar.text = value.describe();
      break;
  }
  return scalar;
}

// Objects become keys with dots: `outer` is what is in front of the member's own, with its dot.
// Parsed text has at most json::kMaxLevels, so this ends.
void flatten(Place place, const std::string& outer, json::Position head_position,
             const json::Value::Member& member, std::vector<Entry>& entries) {
  if (member.key.find('.') != std::string::npos) {
    refuse(
        member.position,
        fmt::format("\"{}\" has a dot, which is for the command line. Write an object inside the "
                    "object, as in \"error_packet\": {{\"status\": 8}}.",
                    member.key));
  }
  const std::string key = outer + member.key;
  const json::Value& value = member.value;
  if (value.kind() != json::Value::Kind::Object || value.object(key).empty()) {
    entries.push_back(Entry{.place = place,
                            .key = key,
                            .head_position = head_position,
                            .position = member.position,
                            .value = to_scalar(value)});
    return;
  }
  for (const json::Value::Member& inner : value.object(key)) {
    flatten(place, key + '.', head_position, inner, entries);
  }
}

FaultRule compile_json(const json::Value& value) {
  std::vector<Entry> entries;
  std::optional<json::Position> then;
  for (const json::Value::Member& member : value.object("a fault rule")) {
    if (member.key != "when" && member.key != "then") {
      flatten(Place::Top, "", member.position, member, entries);
      continue;
    }
    const Place place = member.key == "when" ? Place::When : Place::Then;
    if (place == Place::Then) {
      then = member.position;
    }
    for (const json::Value::Member& inner : member.value.object(member.key)) {
      flatten(place, "", inner.position, inner, entries);
    }
  }
  return syntax::compile(entries, then, value.position());
}

// ---- Command line ----

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Cuts 'WHEN: THEN' into entries. Positions are columns of one line, whatever the text holds.
class CommandLine {
 public:
  explicit CommandLine(std::string_view text) : text_(text) {}

  [[nodiscard]] FaultRule compile() {
    std::vector<Entry> entries;
    std::optional<json::Position> colon;
    for (skip_blanks(); at_ < text_.size(); skip_blanks()) {
      if (text_[at_] == ':' && !colon) {
        colon = position(at_);
        ++at_;
        continue;
      }
      entries.push_back(take_entry(colon ? Place::Then : Place::When));
    }
    if (!colon) {
      refuse(position(at_),
             "there is no colon. Write 'WHEN: THEN', as in 'nth=4: reject=8', or "
             "': reject=8' for always.");
    }
    return syntax::compile(entries, colon, position(0));
  }

 private:
  static json::Position position(std::size_t offset) { return {.line = 1, .column = offset + 1}; }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++at_;
    }
  }

  std::string_view take_until(std::string_view stops) {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(stops, at_), text_.size());
    return text_.substr(start, at_ - start);
  }

  Entry take_entry(Place place) {
    const std::string_view stops = place == Place::When ? " \t\n\r:" : " \t\n\r";
    const std::size_t start = at_;
    const std::string_view key = take_until(place == Place::When ? "= \t\n\r:" : "= \t\n\r");
    if (key.empty() || at_ == text_.size() || text_[at_] != '=') {
      at_ = start;
      refuse(position(start),
             fmt::format("\"{}\" is not KEY=VALUE. Blanks stand between the keys; a "
                         "value with a blank stands in double quotes, as in "
                         "nth=\"every 500\".",
                         take_until(stops)));
    }
    ++at_;
    const json::Position value_position = position(at_);
    const std::string_view value = take_value(stops);
    // These two belong to the rule, and stand among the actions because there is no third part.
    const bool is_top = place == Place::Then && (key == "times" || key == "name");
    return Entry{
        .place = is_top ? Place::Top : place,
        .key = std::string(key),
        .head_position = position(start),
        .position = position(start),
        .value = {
            .form = Scalar::Form::Word, .text = std::string(value), .position = value_position}};
  }

  std::string_view take_value(std::string_view stops) {
    if (at_ == text_.size() || text_[at_] != '"') {
      return take_until(stops);
    }
    const std::size_t quote = at_++;
    const std::string_view value = take_until("\"");
    if (at_ == text_.size()) {
      refuse(position(quote), "the value that begins here has no closing quote. Add one.");
    }
    ++at_;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

FaultRule parse_fault(std::string_view text) {
  try {
    return CommandLine(text).compile();
  } catch (const Refusal& refusal) {
    throw FaultError(
        fmt::format("--fault '{}'{}: {}", text,
                    refusal.can_never_fire.empty() ? "" : " can never fire", refusal.reason),
        refusal.position.column - 1);
  }
}

namespace {

json::Error to_error(const json::Value& value, const Refusal& refusal) {
  const std::string& blamed = refusal.can_never_fire;
  return json::Error(
      value.file(), refusal.position,
      fmt::format("{}{}{}", blamed, blamed.empty() ? "" : " can never fire: ", refusal.reason),
      refusal.flaw);
}

}  // namespace

FaultRule read_fault(const json::Value& value) {
  try {
    return compile_json(value);
  } catch (const Refusal& refusal) {
    throw to_error(value, refusal);
  }
}

FaultAction read_action(const json::Value& value) {
  try {
    std::vector<Entry> entries;
    for (const json::Value::Member& member : value.object("then")) {
      flatten(Place::Then, "", member.position, member, entries);
    }
    return syntax::compile(entries, value.position(), value.position()).then;
  } catch (const Refusal& refusal) {
    throw to_error(value, refusal);
  }
}

void require_fault_name(const std::string& name, const json::Value& at) {
  try {
    (void)syntax::parse_value(
        syntax::kName, "name",
        {.form = Scalar::Form::Text, .text = name, .position = at.position()});
  } catch (const Refusal& refusal) {
    throw to_error(at, refusal);
  }
}

std::vector<FaultRule> read_faults(const json::Value& value) {
  if (value.kind() != json::Value::Kind::Array) {
    return {read_fault(value)};
  }
  std::vector<FaultRule> rules;
  for (const json::Value& item : value.array("faults")) {
    FaultRule rule = read_fault(item);
    if (!rule.name.empty() &&
        std::ranges::find(rules, rule.name, &FaultRule::name) != rules.end()) {
      item.fail(fmt::format("two fault rules have the name {}. Give each its own.", rule.name));
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace apns::mock
