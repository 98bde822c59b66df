#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Texts of any script in columns and boxes of a terminal. What comes in is printable UTF-8
/// (mock::printable).
namespace apns::cli {

/// Columns that a text takes: wide characters two, combining ones none, as the C library has it for
/// UTF-8. What a terminal makes of emoji that are joined is its own affair.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// The text with blanks behind it, or cut and ended with "…", so that it takes exactly `width`
/// columns.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);

/// The lines of a text, broken at blanks, or within words that are too long, to at most `width`
/// columns each (at least 2). If there are more than `max_lines`, the last one ends with "…".
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width,
                                               std::size_t max_lines);

/// Rows whose cells stand below each other, two blanks between them; a line for each, without
/// blanks at its end.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace apns::cli
