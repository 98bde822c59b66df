#include "cli/control_target.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "certs/state_folder.h"
#include "cli/ready_file.h"

namespace apns::cli {

namespace {

ControlAddress address_of(const ControlTargetOptions& options) {
  if (!options.control.empty()) {
    return parse_control_url(options.control, "--control");
  }
  const char* variable = std::getenv("APNSLAB_CONTROL_URL");
  if (options.state.empty() && variable != nullptr && *variable != '\0') {
    return parse_control_url(variable, "APNSLAB_CONTROL_URL");
  }
  const std::filesystem::path dir =
      options.state.empty() ? certs::default_state_dir() : std::filesystem::path(options.state);
  const std::filesystem::path file = dir / "ready.json";
  const mock::ServiceInfo ready = read_ready_file(file, "--control URL");
  if (ready.control_url.empty()) {
    throw std::runtime_error(file.string() +
                             " names no control API. Start `apnslab serve` again, or name one with "
                             "--control URL.");
  }
  return parse_control_url(ready.control_url, file.string() + ": control_url");
}

}  // namespace

void ControlTargetOptions::bind(Options& options) {
  options.text("--control", control,
               "URL of the control API (default: $APNSLAB_CONTROL_URL, else the running service)");
  options.text("--secret", secret, "what serve --secret was given (default: $APNSLAB_SECRET)");
  options.folder("--state", state, "state folder of the service (default: ~/.local/state/apnslab)");
}

ControlAddress find_control(const ControlTargetOptions& options) {
  ControlAddress at = address_of(options);
  at.secret = control_secret(options.secret);
  return at;
}

std::string control_secret(const std::string& option) {
  const char* variable = std::getenv("APNSLAB_SECRET");
  return !option.empty() || variable == nullptr ? option : variable;
}

}  // namespace apns::cli
