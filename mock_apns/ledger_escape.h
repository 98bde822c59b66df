#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace apns::mock {

[[nodiscard]] bool is_utf8(std::string_view text);

/// As a JSON string. Bytes that are not UTF-8 become U+FFFD, one each.
void append_quoted(fmt::memory_buffer& out, std::string_view text);

/// For a terminal. Topics come from certificates, and what they hold must not reach a terminal's
/// state: control characters, those of U+0080 to U+009F too, and what is not UTF-8 become "?".
[[nodiscard]] std::string printable(std::string text);

}  // namespace apns::mock
