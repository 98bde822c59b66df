#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apns::json {

/// A cursor over JSON text that others wrote: bodies of answers, payloads. It makes no document,
/// allocates nothing and stops where the text stops being JSON; each step says whether it found
/// what it looked for. Views are parts of the text, so that their places are known, too.
///
///   Scanner in(text);
///   if (in.skip('{') && in.read_text(key) && in.skip(':') && in.skip_value()) {...}
///
/// It goes by brackets, texts and words, and does not judge what is between them: whoever must know
/// that all of it is JSON asks find_syntax_error() (apns/json/syntax.h) first.
class Scanner {
 public:
  explicit Scanner(std::string_view in) : in_(in) {}

  [[nodiscard]] bool skip(char wanted);

  /// A text's characters between its quotes, escapes as they stand. On failure the cursor may have
  /// moved.
  [[nodiscard]] bool read_text(std::string_view& text);

  /// A number that is an integer from 0 on; another one is left for skip_value().
  [[nodiscard]] std::optional<std::uint64_t> read_integer();

  /// Any value, with brackets and all.
  [[nodiscard]] bool skip_value();

  /// The same, and what it consists of, without blanks around it.
  [[nodiscard]] bool read_value(std::string_view& value);

  /// The character that comes behind blanks, which are passed over; NUL: none.
  [[nodiscard]] char next();

 private:
  void skip_blanks();

  /// A number, true, false, null, or what is none of them.
  void skip_word();

  std::string_view in_;
  std::size_t at_ = 0;
};

/// The members of the object that begins here: `each(key, scanner)` takes the value, and says
/// whether it could. Keys come as they are written, see is_key(). False: it is no object, or stops
/// being one.
template <class Each>
[[nodiscard]] bool scan_object(Scanner& in, Each&& each) {
  if (!in.skip('{')) {
    return false;
  }
  if (in.skip('}')) {
    return true;
  }
  do {
    std::string_view key;
    if (!in.read_text(key) || !in.skip(':') || !each(key, in)) {
      return false;
    }
  } while (in.skip(','));
  return in.skip('}');
}

/// Is what stands between quotes this name? It may be written with escapes: "al\u0065rt". `name` is
/// ASCII.
[[nodiscard]] bool is_key(std::string_view written, std::string_view name);

}  // namespace apns::json
