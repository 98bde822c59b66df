#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

/// Scripts by which a shell completes our command lines, written from the commands' own tables.
namespace apns::cli {

/// For `eval "$(apnslab completion bash)"`, or as a file in bash-completion/completions.
[[nodiscard]] std::string bash_completion(const std::vector<Command>& commands);

/// As the file _apnslab in a folder of fpath.
[[nodiscard]] std::string zsh_completion(const std::vector<Command>& commands);

/// For `apnslab completion fish | source`, or as a file in vendor_completions.d.
[[nodiscard]] std::string fish_completion(const std::vector<Command>& commands);

}  // namespace apns::cli
