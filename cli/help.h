#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace apns::cli {

/// What `apnslab` alone prints: the commands in their groups.
[[nodiscard]] std::string landing_screen(const std::vector<Command>& commands);

/// What `apnslab NAME --help` prints, in lines of at most 100 characters as far as words allow:
/// usage, arguments, options with what their values are called and their defaults
/// ("--count N=3"), an example.
[[nodiscard]] std::string command_help(const Command& command);

}  // namespace apns::cli
