#pragma once

#include <string_view>

namespace apns::scenarios {

/// Whether an id matches a PATTERN of the command line: `*` stands for any characters of one level,
/// `**` for any characters at all; everything else is literal. "binary/*" matches
/// "binary/idle_close" and not "binary/a/b".
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view id);

}  // namespace apns::scenarios
