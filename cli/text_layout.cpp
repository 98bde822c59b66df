#include "cli/text_layout.h"

#include <algorithm>
#include <cwchar>
#include <locale.h>  // newlocale, uselocale: POSIX

namespace apns::cli {

namespace {

/// The C library's tables for UTF-8, whatever the user's language is, on this thread and for a
/// while.
class Utf8Locale {
 public:
  Utf8Locale()
      : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
        before_(locale_ == nullptr ? nullptr : uselocale(locale_)) {}

  ~Utf8Locale() {
    if (locale_ != nullptr) {
      uselocale(before_);
      freelocale(locale_);
    }
  }

  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t locale_;
  locale_t before_;
};

/// The character at the front of a text that is not empty; of bytes that are no UTF-8 one.
std::string_view first_character(std::string_view text) {
  const auto is_continuation = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
  };
  std::size_t len = 1;
  while (len < text.size() && len < 4 && is_continuation(text[len])) {
    ++len;
  }
  return text.substr(0, len);
}

std::size_t width_of_character(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1) {
    return 1;
  }
  char32_t code = first & (0xffU >> (character.size() + 1));
  for (const char c : character.substr(1)) {
    code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
  }
  const int width = wcwidth(static_cast<wchar_t>(code));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

/// As much of the front as fits.
std::string_view front_within(std::string_view text, std::size_t width) {
  std::size_t len = 0;
  std::size_t taken = 0;
  while (len < text.size()) {
    const std::string_view character = first_character(text.substr(len));
    taken += width_of_character(character);
    if (taken > width) {
      break;
    }
    len += character.size();
  }
  return text.substr(0, len);
}

void wrap_line(std::string_view line, std::size_t width, std::vector<std::string>& lines) {
  lines.emplace_back();
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    const std::size_t used = width_of(lines.back());
    if (used > 0 && used + 1 + width_of(word) <= width) {
      lines.back().append(" ").append(word);
      continue;
    }
    if (used > 0) {
      lines.emplace_back();
    }
    while (width_of(word) > width) {
      const std::string_view part = front_within(word, width);
      lines.back() = part;
      lines.emplace_back();
      word.remove_prefix(part.size());
    }
    lines.back() = word;
  }
}

}  // namespace

std::size_t width_of(std::string_view text) {
  const Utf8Locale locale;
  std::size_t width = 0;
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    width += width_of_character(character);
    text.remove_prefix(character.size());
  }
  return width;
}

std::string fitted(std::string_view text, std::size_t width) {
  const Utf8Locale locale;
  std::string out(text);
  if (width_of(text) > width) {
    out = std::string(front_within(text, width - 1)) + "…";
  }
  out.append(width - width_of(out), ' ');
  return out;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t max_lines) {
  const Utf8Locale locale;
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() <= max_lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    wrap_line(text.substr(0, end), width, lines);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (lines.size() > max_lines) {
    lines.resize(max_lines);
    lines.back() = std::string(front_within(lines.back(), width - 1)) + "…";
  }
  return lines;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t n = 0; n < row.size(); ++n) {
      widths[n] = std::max(widths[n], width_of(row[n]));
    }
  }
  std::string out;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t n = 0; n < row.size(); ++n) {
      line += fitted(row[n], widths[n] + 2);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace apns::cli
