#include "provider/said_reason.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace apns::provider {

namespace {

/// A cursor over JSON; each step says whether it found what it looked for.
class Scanner {
 public:
  explicit Scanner(std::string_view in) : in_(in) {}

  [[nodiscard]] bool skip(char wanted) {
    skip_blanks();
    if (at_ >= in_.size() || in_[at_] != wanted) {
      return false;
    }
    ++at_;
    return true;
  }

  /// A string's characters between its quotes.
  [[nodiscard]] bool read_text(std::string_view& text) {
    if (!skip('"')) {
      return false;
    }
    const std::size_t begin = at_;
    for (; at_ < in_.size() && static_cast<unsigned char>(in_[at_]) >= ' '; ++at_) {
      if (in_[at_] == '"') {
        text = in_.substr(begin, at_++ - begin);
        return true;
      }
      at_ += in_[at_] == '\\' ? 1U : 0U;
    }
    return false;
  }

  /// A number that is an integer; another one is skipped by skip_value().
  [[nodiscard]] std::optional<std::uint64_t> read_integer() {
    skip_blanks();
    std::uint64_t value = 0;
    const char* begin = in_.data() + at_;
    const auto [end, error] = std::from_chars(begin, in_.data() + in_.size(), value);
    const auto len = static_cast<std::size_t>(end - begin);
    const char next = at_ + len < in_.size() ? in_[at_ + len] : '\0';
    if (error != std::errc{} || next == '.' || next == 'e' || next == 'E') {
      return std::nullopt;
    }
    at_ += len;
    return value;
  }

  /// Any value, with brackets and all.
  [[nodiscard]] bool skip_value() {
    std::size_t depth = 0;
    do {
      skip_blanks();
      if (at_ >= in_.size()) {
        return false;
      }
      const char c = in_[at_];
      std::string_view text;
      if (c == '"') {
        if (!read_text(text)) {
          return false;
        }
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth == 0) {
          return false;
        }
        --depth;
        ++at_;
      } else if (c == ',' || c == ':') {
        if (depth == 0) {
          return false;
        }
        ++at_;
      } else {
        skip_word();
      }
    } while (depth > 0);
    return true;
  }

  /// What begins here is a string.
  [[nodiscard]] bool is_at_text() {
    skip_blanks();
    return at_ < in_.size() && in_[at_] == '"';
  }

 private:
  void skip_blanks() {
    while (at_ < in_.size() &&
           (in_[at_] == ' ' || in_[at_] == '\t' || in_[at_] == '\n' || in_[at_] == '\r')) {
      ++at_;
    }
  }

  /// A number, true, false, null, or what is none of them.
  void skip_word() { at_ = std::min(in_.find_first_of(" \t\r\n,:]}[{\"", at_), in_.size()); }

  std::string_view in_;
  std::size_t at_ = 0;
};

}  // namespace

SaidReason read_reason(std::string_view json) {
  SaidReason said;
  Scanner in(json);
  if (!in.skip('{')) {
    return said;
  }
  do {
    std::string_view key;
    if (!in.read_text(key) || !in.skip(':')) {
      break;
    }
    if (key == "reason" && in.is_at_text()) {
      if (!in.read_text(said.text)) {
        break;
      }
      continue;
    }
    if (key == "timestamp") {
      if (const auto value = in.read_integer()) {
        said.timestamp_ms = value;
        continue;
      }
    }
    if (!in.skip_value()) {
      break;
    }
  } while (in.skip(','));
  if (const ReasonRow* row = find_reason(said.text)) {
    said.known = row->reason;
  }
  return said;
}

}  // namespace apns::provider
