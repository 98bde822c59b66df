#include "provider/text_cut.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace apns::provider {

namespace {

constexpr char32_t kJoiner = 0x200D;

/// One code point as it is written: UTF-8, an escape, or two escapes of a surrogate pair.
struct Character {
  char32_t code = 0;
  std::size_t len = 0;
};

char32_t hex4(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + std::min<std::size_t>(4, text.size()), value, 16);
  return value;
}

Character read_escape(std::string_view text) {
  constexpr std::size_t kLen = 6;  // \u0061
  if (text.size() < 2 || text[1] != 'u') {
    const bool is_line_end = text.size() >= 2 && (text[1] == 'n' || text[1] == 'r');
    const char blank = text.size() >= 2 && text[1] == 't' ? '\t' : '\\';
    const char code = !is_line_end ? blank : text[1] == 'n' ? '\n' : '\r';
    return Character{static_cast<char32_t>(code), std::min<std::size_t>(2, text.size())};
  }
  const char32_t unit = hex4(text.substr(2));
  const std::string_view behind = text.substr(std::min(kLen, text.size()));
  if (unit >= 0xD800 && unit < 0xDC00 && behind.starts_with("\\u")) {
    const char32_t low = hex4(behind.substr(2));
    return Character{0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00),
                     std::min(2 * kLen, text.size())};
  }
  return Character{unit, std::min(kLen, text.size())};
}

/// `text` is not empty. What is not UTF-8 is taken byte by byte.
Character read_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead == '\\') {
    return read_escape(text);
  }
  const std::size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (len == 1 || text.size() < len) {
    return Character{lead, 1};
  }
  char32_t code = lead & (0x7FU >> len);
  for (std::size_t i = 1; i < len; ++i) {
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return Character{code, len};
}

struct Range {
  char32_t first;
  char32_t last;
};

/// What belongs to the character before it: Grapheme_Extend and SpacingMark of scripts in wide use.
constexpr Range kExtends[] = {
    {0x0300, 0x036F},   {0x0483, 0x0489},   {0x0591, 0x05BD},   {0x05BF, 0x05BF}, {0x05C1, 0x05C2},
    {0x05C4, 0x05C5},   {0x05C7, 0x05C7},   {0x0610, 0x061A},   {0x064B, 0x065F}, {0x0670, 0x0670},
    {0x06D6, 0x06DC},   {0x06DF, 0x06E4},   {0x06E7, 0x06E8},   {0x06EA, 0x06ED}, {0x0900, 0x0903},
    {0x093A, 0x093C},   {0x093E, 0x094F},   {0x0951, 0x0957},   {0x0962, 0x0963}, {0x0981, 0x0983},
    {0x09BC, 0x09BC},   {0x09BE, 0x09CD},   {0x0A01, 0x0A03},   {0x0A3C, 0x0A51}, {0x0A81, 0x0A83},
    {0x0ABC, 0x0ABC},   {0x0ABE, 0x0ACD},   {0x0B82, 0x0B82},   {0x0BBE, 0x0BCD}, {0x0C00, 0x0C04},
    {0x0C3E, 0x0C56},   {0x0C81, 0x0C83},   {0x0CBC, 0x0CBC},   {0x0CBE, 0x0CD6}, {0x0D00, 0x0D03},
    {0x0D3B, 0x0D3C},   {0x0D3E, 0x0D4D},   {0x0E31, 0x0E31},   {0x0E33, 0x0E3A}, {0x0E47, 0x0E4E},
    {0x0EB1, 0x0EB1},   {0x0EB3, 0x0EBC},   {0x0EC8, 0x0ECE},   {0x102B, 0x103E}, {0x1160, 0x11FF},
    {0x17B4, 0x17D3},   {0x1AB0, 0x1ACE},   {0x1DC0, 0x1DFF},   {0x200C, 0x200D}, {0x20D0, 0x20F0},
    {0x302A, 0x302F},   {0x3099, 0x309A},   {0xFE00, 0xFE0F},   {0xFE20, 0xFE2F}, {0xFF9E, 0xFF9F},
    {0x1F3FB, 0x1F3FF}, {0xE0020, 0xE007F}, {0xE0100, 0xE01EF},
};

bool is_extension(char32_t code) {
  return std::ranges::any_of(
      kExtends, [code](const Range& range) { return range.first <= code && code <= range.last; });
}

bool is_flag_letter(char32_t code) {
  return code >= 0x1F1E6 && code <= 0x1F1FF;
}

bool is_blank(char32_t code) {
  return code == ' ' || code == '\t' || code == '\n' || code == '\r' || code == 0xA0 ||
         code == 0x3000 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029;
}

}  // namespace

std::size_t cut_text(std::string_view text, std::size_t max_bytes) {
  std::size_t cut = 0;
  bool is_blank_before = false;
  std::size_t num_flag_letters = 0;  // in a row, up to here
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character next = read_character(text.substr(at));
    const bool is_together = at > 0 && (is_extension(next.code) || before == kJoiner ||
                                        (before == '\r' && next.code == '\n') ||
                                        (is_flag_letter(next.code) && num_flag_letters % 2 == 1));
    // A cut behind blanks is the one before them.
    cut = !is_together && !is_blank_before && at <= max_bytes ? at : cut;
    if (at > max_bytes) {
      return cut;
    }
    num_flag_letters = is_flag_letter(next.code) ? num_flag_letters + 1 : 0;
    is_blank_before = is_blank(next.code);
    before = next.code;
    at += next.len;
  }
  return text.size() <= max_bytes && !is_blank_before ? text.size() : cut;
}

}  // namespace apns::provider
