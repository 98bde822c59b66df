#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What is not JSON, in words for people.
namespace apns::json {

struct SyntaxError {
  std::size_t offset = 0;  // of the first byte that does not fit; the text's length: its end
  // "this is not JSON: a text stands where \",\" or \"}\" must stand."
  std::string reason;
};

/// Nullopt: it is JSON, with a byte order mark or without. Numbers beyond a double and lone
/// surrogate escapes count as errors. A NUL byte is taken for the end of the text.
[[nodiscard]] std::optional<SyntaxError> find_syntax_error(std::string_view text);

/// For parsers on top of nlohmann's SAX interface. Its message is "[...] parse error at line 1,
/// column 2: syntax error while parsing value - " and then either "unexpected ']'; expected '[',
/// '{', or a literal" or "invalid literal; last read: 'x'". `num_read` counts the bytes read, the
/// one that does not exist behind the end included; `token` is a text or a number from its
/// beginning to the last byte read, and means nothing for other tokens.
[[nodiscard]] SyntaxError explain_parse_error(std::size_t num_read, std::size_t text_len,
                                              std::string_view token, std::string_view message);

}  // namespace apns::json
