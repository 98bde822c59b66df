#pragma once

#include <vector>

#include "cli/options.h"

namespace apns::cli {

/// One function per subcommand, each in a file of its own.
[[nodiscard]] Command exec_command();
[[nodiscard]] Command serve_command();
[[nodiscard]] Command push_command();
[[nodiscard]] Command device_command();
[[nodiscard]] Command feedback_command();
[[nodiscard]] Command check_command();
[[nodiscard]] Command preview_command();
[[nodiscard]] Command rules_command();
[[nodiscard]] Command certs_command();
[[nodiscard]] Command magic_command();
[[nodiscard]] Command doctor_command();

/// Completes `others` and itself.
[[nodiscard]] Command completion_command(std::vector<Command> others);

}  // namespace apns::cli
