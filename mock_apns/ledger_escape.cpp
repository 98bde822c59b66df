#include "mock_apns/ledger_escape.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace apns::mock {

namespace {

using Out = fmt::memory_buffer;

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

// Bytes of the UTF-8 sequence at `i`; 0: none begins there. Source: RFC 3629, section 4, which also
// rules out surrogates, overlong forms and what is above U+10FFFF.
std::size_t utf8_len(std::string_view text, std::size_t i) {
  struct Row {
    unsigned first_low, first_high;    // the first byte
    unsigned second_low, second_high;  // the second; those behind it are 80 to BF
    std::size_t len;
  };

  static constexpr std::array kRows{
      Row{0xC2, 0xDF, 0x80, 0xBF, 2}, Row{0xE0, 0xE0, 0xA0, 0xBF, 3},
      Row{0xE1, 0xEC, 0x80, 0xBF, 3}, Row{0xED, 0xED, 0x80, 0x9F, 3},
      Row{0xEE, 0xEF, 0x80, 0xBF, 3}, Row{0xF0, 0xF0, 0x90, 0xBF, 4},
      Row{0xF1, 0xF3, 0x80, 0xBF, 4}, Row{0xF4, 0xF4, 0x80, 0x8F, 4},
  };
  const unsigned first = byte_at(text, i);
  if (first < 0x80) {
    return 1;
  }
  for (const Row& row : kRows) {
    if (first < row.first_low || first > row.first_high) {
      continue;
    }
    const unsigned second = byte_at(text, i + 1);
    bool fits = second >= row.second_low && second <= row.second_high;
    for (std::size_t k = 2; k < row.len; ++k) {
      fits = fits && (byte_at(text, i + k) & 0xC0U) == 0x80U;
    }
    return fits ? row.len : 0;
  }
  return 0;
}

void append(Out& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

void append_escaped(Out& out, unsigned char c) {
  switch (c) {
    case '"':
      append(out, "\\\"");
      break;
    case '\\':
      append(out, "\\\\");
      break;
    case '\n':
      append(out, "\\n");
      break;
    case '\r':
      append(out, "\\r");
      break;
    case '\t':
      append(out, "\\t");
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
      break;
  }
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t len = utf8_len(text, i);
    if (len == 0) {
      return false;
    }
    i += len;
  }
  return true;
}

void append_quoted(fmt::memory_buffer& out, std::string_view text) {
  out.push_back('"');
  std::size_t done = 0;  // [done, i) needs no escape and is written in one go
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t len = utf8_len(text, i);
    const char c = text[i];
    if (len > 1 || (len == 1 && byte_at(text, i) >= 0x20 && c != '"' && c != '\\')) {
      i += len;
      continue;
    }
    append(out, text.substr(done, i - done));
    if (len == 0) {
      append(out, "\\ufffd");
    } else {
      append_escaped(out, static_cast<unsigned char>(c));
    }
    done = ++i;
  }
  append(out, text.substr(done));
  out.push_back('"');
}

std::string printable(std::string text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t len = utf8_len(text, i);
    const unsigned first = byte_at(text, i);
    const bool is_control =
        first < 0x20 || first == 0x7F || (first == 0xC2 && byte_at(text, i + 1) < 0xA0);
    if (len == 0 || is_control) {
      text[i] = '?';
    }
    i += is_control ? 1 : std::max<std::size_t>(len, 1);
  }
  return text;
}

}  // namespace apns::mock
