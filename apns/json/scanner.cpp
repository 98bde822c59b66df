#include "apns/json/scanner.h"

#include <algorithm>
#include <charconv>

namespace apns::json {

bool Scanner::skip(char wanted) {
  if (next() != wanted || at_ >= in_.size()) {
    return false;
  }
  ++at_;
  return true;
}

bool Scanner::read_text(std::string_view& text) {
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

std::optional<std::uint64_t> Scanner::read_integer() {
  skip_blanks();
  std::uint64_t value = 0;
  const char* begin = in_.data() + at_;
  const auto [end, error] = std::from_chars(begin, in_.data() + in_.size(), value);
  const auto len = static_cast<std::size_t>(end - begin);
  const char behind = at_ + len < in_.size() ? in_[at_ + len] : '\0';
  if (error != std::errc{} || behind == '.' || behind == 'e' || behind == 'E') {
    return std::nullopt;
  }
  at_ += len;
  return value;
}

bool Scanner::skip_value() {
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

bool Scanner::read_value(std::string_view& value) {
  skip_blanks();
  const std::size_t begin = at_;
  if (!skip_value()) {
    return false;
  }
  value = in_.substr(begin, at_ - begin);
  return true;
}

char Scanner::next() {
  skip_blanks();
  return at_ < in_.size() ? in_[at_] : '\0';
}

void Scanner::skip_blanks() {
  while (at_ < in_.size() &&
         (in_[at_] == ' ' || in_[at_] == '\t' || in_[at_] == '\n' || in_[at_] == '\r')) {
    ++at_;
  }
}

void Scanner::skip_word() {
  at_ = std::min(in_.find_first_of(" \t\r\n,:]}[{\"", at_), in_.size());
}

bool is_key(std::string_view written, std::string_view name) {
  constexpr std::size_t kEscapeLen = 6;  // \u0061
  std::size_t at = 0;
  for (const char wanted : name) {
    if (at >= written.size()) {
      return false;
    }
    if (written[at] != '\\') {
      if (written[at++] != wanted) {
        return false;
      }
      continue;
    }
    const std::string_view escape = written.substr(at, kEscapeLen);
    unsigned value = 0;
    const char* const end = escape.data() + escape.size();
    if (escape.size() != kEscapeLen || escape[1] != 'u' ||
        std::from_chars(escape.data() + 2, end, value, 16).ptr != end ||
        value != static_cast<unsigned char>(wanted)) {
      return false;
    }
    at += kEscapeLen;
  }
  return at == written.size();
}

}  // namespace apns::json
