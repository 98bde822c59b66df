#include "apns/json/document.h"

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apns/json/syntax.h"

namespace apns::json {

namespace {

std::string prefix(std::string_view file, Position position) {
  return fmt::format("{}{}{}:{}: ", file, file.empty() ? "" : ":", position.line, position.column);
}

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Position position_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n')),
          .column = 1 + offset - line_start};
}

Error::Error(std::string_view file, Position position, std::string_view reason, Flaw flaw)
    : std::runtime_error(prefix(file, position) + std::string(reason)),
      position_(position),
      prefix_len_(prefix(file, position).size()),
      flaw_(flaw) {}

// ---- Value ----

bool Value::boolean(std::string_view what) const {
  if (kind_ != Kind::Boolean) {
    fail_as(what, "true or false");
  }
  return boolean_;
}

std::int64_t Value::integer(std::string_view what, std::int64_t low, std::int64_t high) const {
  if (kind_ != Kind::Integer || integer_ < low || integer_ > high) {
    fail_as(what, fmt::format("a whole number from {} to {}", low, high));
  }
  return integer_;
}

double Value::number(std::string_view what, double low, double high) const {
  const double value = kind_ == Kind::Integer ? static_cast<double>(integer_) : real_;
  if ((kind_ != Kind::Integer && kind_ != Kind::Real) || value < low || value > high) {
    fail_as(what, fmt::format("a number from {} to {}", low, high));
  }
  return value;
}

const std::string& Value::text(std::string_view what) const {
  if (kind_ != Kind::Text) {
    fail_as(what, "a text");
  }
  return text_;
}

std::span<const Value> Value::array(std::string_view what) const {
  if (kind_ != Kind::Array) {
    fail_as(what, "an array");
  }
  return array_;
}

std::span<const Value::Member> Value::object(std::string_view what) const {
  if (kind_ != Kind::Object) {
    fail_as(what, "an object");
  }
  return members_;
}

std::string Value::dump() const {
  std::string out;
  append_to(out);
  return out;
}

void Value::append_to(std::string& out) const {
  switch (kind_) {
    case Kind::Null:
      out += "null";
      break;
    case Kind::Boolean:
      out += boolean_ ? "true" : "false";
      break;
    case Kind::Integer:
      out += std::to_string(integer_);
      break;
    case Kind::Real:
      out += text_;
      break;
    case Kind::Text:
      out += json_text(text_);
      break;
    case Kind::Array:
      for (const Value& item : array_) {
        out += &item == &array_.front() ? '[' : ',';
        item.append_to(out);
      }
      out += array_.empty() ? "[]" : "]";
      break;
    case Kind::Object:
      for (const Member& member : members_) {
        out += &member == &members_.front() ? '{' : ',';
        out += json_text(member.key);
        out += ':';
        member.value.append_to(out);
      }
      out += members_.empty() ? "{}" : "}";
      break;
  }
}

std::string Value::describe() const {
  switch (kind_) {
    case Kind::Text:
      return "a text";
    case Kind::Array:
      return "an array";
    case Kind::Object:
      return "an object";
    case Kind::Null:
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Real:
      break;
  }
  return dump();
}

void Value::fail(std::string_view reason) const {
  throw Error(*file_, position_, reason);
}

void Value::fail_as(std::string_view what, std::string_view wanted) const {
  fail(fmt::format("{} must be {}, not {}.", what, wanted, describe()));
}

// ---- parse ----

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

/// Builds Values from nlohmann's events. Those carry no positions, so the builder walks the text
/// itself: behind one token there can only be blanks and separators before the next, all of them
/// checked by the parser.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view text, std::string_view file)
      : text_(text), file_(std::make_shared<const std::string>(file)) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kByteOrderMark)) {
      at_ = kByteOrderMark.size();
    }
  }

  [[nodiscard]] Value take() {
    // The parser takes a NUL for the end of the text.
    while (at_ < text_.size() && is_blank(text_[at_])) {
      ++at_;
    }
    if (at_ < text_.size()) {
      fail(position_at(text_, at_), "text stands behind the value. Nothing may follow it.");
    }
    return std::move(root_);
  }

  bool null() override {
    add(Value::Kind::Null);
    skip_word();
    return true;
  }

  bool boolean(bool value) override {
    add(Value::Kind::Boolean).boolean_ = value;
    skip_word();
    return true;
  }

  bool number_integer(number_integer_t value) override {
    add(Value::Kind::Integer).integer_ = value;
    skip_word();
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return number_integer(static_cast<number_integer_t>(value));
    }
    return number_float(static_cast<double>(value), {});
  }

  bool number_float(number_float_t number, const string_t& /*as written, or empty*/) override {
    Value& value = add(Value::Kind::Real);
    value.real_ = number;
    value.text_ = skip_word();
    return true;
  }

  bool string(string_t& text) override {
    add(Value::Kind::Text).text_ = std::move(text);
    skip_text();
    return true;
  }

  bool binary(binary_t& /*never in JSON*/) override { return false; }

  bool start_object(std::size_t /*unknown*/) override {
    open(Value::Kind::Object);
    return true;
  }

  bool key(string_t& key) override {
    const Position position = next_token();
    skip_text();
    std::vector<Value::Member>& members = open_.back().value->members_;
    if (!open_.back().keys.insert(key).second) {
      const auto first = std::ranges::find(members, key, &Value::Member::key);
      fail(position,
           fmt::format("{} stands twice in this object, first at {}:{}. Keep one of them.",
                       json_text(key), first->position.line, first->position.column));
    }
    members.push_back(Value::Member{.key = std::move(key), .position = position, .value = {}});
    return true;
  }

  bool end_object() override {
    close();
    return true;
  }

  bool start_array(std::size_t /*unknown*/) override {
    open(Value::Kind::Array);
    return true;
  }

  bool end_array() override {
    close();
    return true;
  }

  bool parse_error(std::size_t num_read, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    const SyntaxError problem = explain_parse_error(num_read, text_.size(), token, error.what());
    fail(position_at(text_, problem.offset), problem.reason);
  }

 private:
  // An array or object whose end was not seen yet. `value` stays where it is: its parent gets no
  // other value before.
  struct Open {
    Value* value;
    std::unordered_set<std::string> keys;
  };

  [[noreturn]] void fail(Position position, std::string_view reason) const {
    throw Error(*file_, position, reason, Error::Flaw::NotJson);
  }

  // Raw line breaks are blanks: inside a text they are not JSON.
  Position next_token() {
    for (; is_blank(text_[at_]) || text_[at_] == ',' || text_[at_] == ':'; ++at_) {
      if (text_[at_] == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      }
    }
    return {.line = line_, .column = 1 + at_ - line_start_};
  }

  // A number or a literal; returns it as it was written.
  std::string_view skip_word() {
    const std::size_t end = text_.find_first_not_of("+-.0123456789Eaeflnrstu", at_);
    const std::string_view word = text_.substr(at_, end - at_);
    at_ += word.size();
    return word;
  }

  void skip_text() {
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      }
    }
    ++at_;
  }

  Value& add(Value::Kind kind) {
    Value& value = slot();
    value.kind_ = kind;
    value.file_ = file_;
    value.position_ = next_token();
    return value;
  }

  Value& slot() {
    if (open_.empty()) {
      return root_;
    }
    Value& parent = *open_.back().value;
    if (parent.kind_ == Value::Kind::Object) {
      return parent.members_.back().value;
    }
    return parent.array_.emplace_back();
  }

  void open(Value::Kind kind) {
    Value& value = add(kind);
    if (open_.size() == kMaxLevels) {
      fail(value.position_, fmt::format("more than {} arrays and objects stand inside each other. "
                                        "Make it flatter.",
                                        kMaxLevels));
    }
    ++at_;
    open_.push_back(Open{.value = &value, .keys = {}});
  }

  void close() {
    next_token();
    ++at_;
    open_.pop_back();
  }

  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::size_t at_ = 0;  // behind the last token that was reported
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
  std::vector<Open> open_;
  Value root_;
};

Value parse(std::string_view text, std::string_view file) {
  if (text.size() > kMaxTextBytes) {
    throw Error(file, {},
                fmt::format("the text has {} bytes. The limit is {}.", text.size(), kMaxTextBytes),
                Error::Flaw::NotJson);
  }
  Builder builder(text, file);
  // The builder throws for what is not JSON, so the result says nothing.
  (void)nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

// ---- ObjectReader ----

ObjectReader::ObjectReader(const Value& object, std::string_view name)
    : value_(object), name_(name), members_(object.object(name)) {}

const Value* ObjectReader::find(std::string_view key) {
  if (std::ranges::find(asked_, key) == asked_.end()) {
    asked_.emplace_back(key);
  }
  const auto member = std::ranges::find(members_, key, &Value::Member::key);
  return member == members_.end() ? nullptr : &member->value;
}

const Value& ObjectReader::require(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr) {
    value_.fail(fmt::format("{} has no \"{}\". It needs one.", name_, key));
  }
  return *value;
}

void ObjectReader::finish() const {
  for (const Value::Member& member : members_) {
    if (std::ranges::find(asked_, member.key) == asked_.end()) {
      throw Error(value_.file(), member.position, unknown_key(member.key, name_, asked_),
                  Error::Flaw::UnknownKey);
    }
  }
}

std::string unknown_key(std::string_view key, std::string_view object,
                        std::span<const std::string> keys) {
  std::string text = fmt::format("{} is not a key of {}", json_text(key), object);
  const std::string_view meant = nearest(key, keys);
  text += meant.empty() ? "." : fmt::format("; did you mean \"{}\"?", meant);
  if (!keys.empty()) {
    text += fmt::format(" Keys: {}.", fmt::join(keys, ", "));
  }
  return text;
}

}  // namespace apns::json
