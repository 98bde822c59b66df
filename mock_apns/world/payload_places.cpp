#include "mock_apns/world/payload_places.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <nlohmann/json.hpp>

namespace apns::mock {

namespace {

/// A cursor in JSON text that is known to be JSON: it checks nothing, and stays inside of any text.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) { skip_blanks(); }

  [[nodiscard]] std::size_t at() const { return at_; }

  [[nodiscard]] bool is_done() const { return at_ >= text_.size(); }

  [[nodiscard]] char peek() const { return is_done() ? '\0' : text_[at_]; }

  bool take(char c) {
    if (peek() != c || is_done()) {
      return false;
    }
    ++at_;
    skip_blanks();
    return true;
  }

  /// A text, a number or a literal as it is written, and the blanks behind it; or one character.
  std::string_view take_token() {
    const std::size_t begin = at_;
    if (peek() == '"') {
      for (++at_; !is_done() && text_[at_] != '"'; ++at_) {
        at_ += text_[at_] == '\\' ? 1U : 0U;
      }
      at_ = std::min(at_ + 1, text_.size());
    } else {
      at_ = std::min(text_.find_first_not_of("+-.0123456789Eaeflnrstu", at_), text_.size());
      at_ += at_ == begin && !is_done() ? 1U : 0U;
    }
    const std::string_view token = text_.substr(begin, at_ - begin);
    skip_blanks();
    return token;
  }

  void skip_value() {
    std::size_t depth = 0;
    do {
      const char c = peek();
      depth += c == '[' || c == '{' ? 1 : 0;
      depth -= c == ']' || c == '}' ? std::min<std::size_t>(depth, 1) : 0;
      take_token();
    } while (depth > 0 && !is_done());
  }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size()); }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_text(std::string_view token, std::string_view text) {
  if (token.find('\\') == std::string_view::npos) {
    return token.size() >= 2 && token.substr(1, token.size() - 2) == text;
  }
  const nlohmann::json decoded = nlohmann::json::parse(token, nullptr, false);
  return decoded.is_string() && decoded.get_ref<const std::string&>() == text;
}

/// Inside an object, at the `skipped`-th member of that name: on its value, with the offset of its
/// key; nullopt: there is none.
std::optional<std::size_t> enter(Walk& walk, std::string_view key, std::size_t skipped) {
  if (!walk.take('{')) {
    return std::nullopt;
  }
  while (walk.peek() == '"') {
    const std::size_t key_at = walk.at();
    const bool is_it = is_text(walk.take_token(), key);
    (void)walk.take(':');
    if (is_it && skipped == 0) {
      return key_at;
    }
    skipped -= is_it ? 1 : 0;
    walk.skip_value();
    (void)walk.take(',');
  }
  return std::nullopt;
}

}  // namespace

std::string pointer_of(const PayloadPlace& place) {
  std::string pointer;
  for (const std::string& key : place.path) {
    pointer += '/';
    for (const char c : key) {
      pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
  }
  return pointer;
}

std::size_t find_place(std::string_view json, const PayloadPlace& place) {
  Walk walk(json);
  std::size_t found = walk.at();
  for (std::size_t i = 0; i < place.path.size(); ++i) {
    const bool is_last = i + 1 == place.path.size();
    const auto key_at = enter(walk, place.path[i], is_last && place.is_repeat ? 1 : 0);
    if (!key_at) {
      break;
    }
    found = is_last && place.part == PayloadPlace::Part::Key ? *key_at : walk.at();
  }
  return found;
}

std::optional<std::size_t> find_huge_number(std::string_view json) {
  for (Walk walk(json); !walk.is_done();) {
    const std::size_t at = walk.at();
    const std::string token(walk.take_token());
    const bool is_number = token.find_first_of("-0123456789") == 0;
    if (is_number && std::isinf(std::strtod(token.c_str(), nullptr))) {
      return at;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> find_level(std::string_view json, std::size_t max_levels) {
  std::size_t depth = 0;
  for (Walk walk(json); !walk.is_done(); walk.take_token()) {
    const char c = walk.peek();
    depth += c == '[' || c == '{' ? 1 : 0;
    depth -= c == ']' || c == '}' ? 1 : 0;
    if (depth > max_levels) {
      return walk.at();
    }
  }
  return std::nullopt;
}

std::optional<PayloadMember> find_member(std::string_view json, std::string_view key) {
  Walk walk(json);
  const auto begin = enter(walk, key, 0);
  if (!begin) {
    return std::nullopt;
  }
  PayloadMember member{.begin = *begin, .end = 0, .value = {}};
  const std::size_t value_at = walk.at();
  walk.skip_value();
  member.value = json.substr(value_at, walk.at() - value_at);
  const std::size_t last = member.value.find_last_not_of(" \t\n\r");
  member.value = member.value.substr(0, last + 1);
  member.end = value_at + member.value.size();
  if (walk.take(',')) {
    member.end = walk.at();
  } else if (const std::size_t before = json.find_last_not_of(" \t\n\r", member.begin - 1);
             json[before] == ',') {
    member.begin = before;  // the last of several
  }
  return member;
}

}  // namespace apns::mock
