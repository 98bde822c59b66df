#pragma once

#include <string>

#include "cli/control_client.h"
#include "cli/options.h"

namespace apns::cli {

/// Where the control API is, as options of device and its like.
struct ControlTargetOptions {
  std::string control;
  std::string secret;
  std::string state;

  void bind(Options& options);
};

/// The option, else APNSLAB_CONTROL_URL, else ready.json in the state folder; a state folder that
/// an option names goes before the variable. Throws std::runtime_error with what is missing and
/// what would provide it.
[[nodiscard]] ControlAddress find_control(const ControlTargetOptions& options);

/// --secret, else APNSLAB_SECRET.
[[nodiscard]] std::string control_secret(const std::string& option);

}  // namespace apns::cli
