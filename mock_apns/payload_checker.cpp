#include "mock_apns/payload_checker.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace apns::mock {

namespace {

/// The grammar of RFC 8259, whatever a program could make of the values. Without recursion, because
/// a provider may send any depth.
class Grammar {
 public:
  explicit Grammar(std::string_view text) : text_(text) {}

  [[nodiscard]] bool accepts() {
    do {
      if (!begin_value()) {
        return false;
      }
    } while (is_inside_ || next_value());
    return open_.empty() && at_ == text_.size();
  }

 private:
  /// A value, or an array or object up to the place of its first one: is_inside_ then.
  bool begin_value() {
    is_inside_ = false;
    skip_blanks();
    switch (peek()) {
      case '[':
        open(']');
        return true;
      case '{':
        open('}');
        return !is_inside_ || key();
      case '"':
        return string();
      case 't':
        return take("true");
      case 'f':
        return take("false");
      case 'n':
        return take("null");
      default:
        return number();
    }
  }

  void open(char closing) {
    ++at_;
    skip_blanks();
    is_inside_ = !take(std::string_view(&closing, 1));
    if (is_inside_) {
      open_.push_back(closing);
    }
  }

  /// Behind a value: past the ends of all that it finishes. True: at the place of another.
  bool next_value() {
    for (skip_blanks(); !open_.empty() && take(std::string_view(&open_.back(), 1)); skip_blanks()) {
      open_.pop_back();
    }
    return !open_.empty() && take(",") && (open_.back() == ']' || key());
  }

  bool key() {
    skip_blanks();
    if (peek() != '"' || !string()) {
      return false;
    }
    skip_blanks();
    return take(":");
  }

  bool string() {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') {
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !escape())) {
        return false;
      }
    }
    return false;
  }

  bool escape() {
    if (take("u")) {
      const std::string_view digits = text_.substr(at_, 4);
      at_ += digits.size();
      return digits.size() == 4 &&
             digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    }
    return take_any_of("\"\\/bfnrt");
  }

  bool number() {
    (void)take("-");
    if (!take("0") && skip_digits() == 0) {
      return false;
    }
    if (take(".") && skip_digits() == 0) {
      return false;
    }
    if (!take_any_of("eE")) {
      return true;
    }
    (void)take_any_of("+-");
    return skip_digits() > 0;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(std::string_view word) {
    const bool is_there = text_.substr(at_).starts_with(word);
    at_ += is_there ? word.size() : 0;
    return is_there;
  }

  bool take_any_of(std::string_view characters) {
    const bool is_there =
        at_ < text_.size() && characters.find(text_[at_]) != std::string_view::npos;
    at_ += is_there ? 1 : 0;
    return is_there;
  }

  std::size_t skip(std::string_view characters) {
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_not_of(characters, at_), text_.size());
    return at_ - begin;
  }

  std::size_t skip_digits() { return skip("0123456789"); }

  void skip_blanks() { skip(" \t\n\r"); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<char> open_;  // of each array and object that is open, how it closes
  bool is_inside_ = false;
};

}  // namespace

struct PayloadChecker::Parser {
  simdjson::dom::parser dom;
};

PayloadChecker::PayloadChecker() : parser_(std::make_unique<Parser>()) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
}

PayloadChecker::~PayloadChecker() = default;

bool PayloadChecker::is_json(ByteView payload, bool is_padded) {
  ByteView text = payload;
  if (!is_padded) {
    copy_.assign(payload.begin(), payload.end());
    copy_.resize(payload.size() + kPadding);
    text = ByteView(copy_).first(payload.size());
  }
  const std::string_view view = as_text(text);
  if (parser_->dom.parse(view.data(), view.size(), false).error() == simdjson::SUCCESS) {
    return true;
  }
  return Grammar(view).accepts() && simdjson::validate_utf8(view.data(), view.size());
}

}  // namespace apns::mock
