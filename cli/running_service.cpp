#include "cli/running_service.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include "certs/state_folder.h"
#include "cli/port_owner.h"
#include "cli/version.h"

namespace apns::cli {

namespace {

std::string host_event_text(net::HostEvent event, const std::string& detail) {
  switch (event) {
    case net::HostEvent::AcceptPaused:
      return "accepting pauses: " + detail + ". Close connections, or raise the limit (ulimit -n).";
    case net::HostEvent::WriteTimedOut:
      return "connection=" + detail + " the provider does not read; the connection was reset.";
    case net::HostEvent::AcceptFailed:
      return "a connection could not be accepted: " + detail + ".";
  }
  return detail;
}

mock::ServiceEvents events_for(const Log& log, mock::Ledger::Listener ledger) {
  mock::ServiceEvents events;
  events.ledger = std::move(ledger);
  events.problem = [&log](const mock::ServiceProblem& problem) {
    log.warn(problem.area, "connection=" + std::to_string(problem.connection) + " " + problem.text);
  };
  events.host = [&log](net::HostEvent event, const std::string& detail) {
    log.warn("net", host_event_text(event, detail));
  };
  return events;
}

/// Of the shown app on this device; empty: there is none, as in a world of somebody's own.
std::string token_of(const mock::World& world, const std::string& device) {
  const std::vector<std::string> names = world.phone_names();
  if (std::find(names.begin(), names.end(), device) == names.end()) {
    return {};
  }
  const auto token = world.device_token(device, certs::kDefaultTopic);
  return token ? token->to_hex() : std::string();
}

mock::ServiceInfo info_of(mock::Service& service, const mock::control::Control& control,
                          const std::filesystem::path& dir) {
  mock::ServiceInfo info;
  info.version = kVersion;
  info.control_url = control.url();
  info.gateway_port = service.gateway_port(Environment::Production);
  info.gateway_port_development = service.gateway_port(Environment::Development);
  info.feedback_port = service.feedback_port(Environment::Production);
  info.feedback_port_development = service.feedback_port(Environment::Development);
  info.state_dir = dir.string();
  info.device_token = token_of(service.world(), "phone");
  info.device_token_development = token_of(service.world(), "phone-development");
  info.pid = getpid();
  return info;
}

}  // namespace

namespace {

/// Who has the port, where that is the trouble.
std::string trouble_of(const net::ListenError& error) {
  const auto owner =
      error.in_use().port == 0 ? std::nullopt : find_port_owner(error.in_use().port, "/proc");
  if (!owner) {
    return error.what();
  }
  return "port " + std::to_string(error.in_use().port) + " on " + error.in_use().host +
         " is in use (" + to_text(*owner) + "). Stop it, or use --port 0 for free ports.";
}

}  // namespace

RunningService::RunningService(const mock::ServiceOptions& options,
                               const mock::control::ControlOptions& control,
                               const std::filesystem::path& dir,
                               const std::vector<std::string>& names, mock::Ledger::Listener ledger,
                               const Log& log) try
    : service_(options, certs::open_state_folder(dir, names), events_for(log, std::move(ledger))),
      control_(control),
      info_(info_of(service_, control_, dir)) {
  control_.start(service_, info_);
  for (const std::string& address : options.listen) {
    if (!is_loopback(address)) {
      log.warn("net",
               "listening on " + address + ": others than this machine can reach the service.");
    }
  }

} catch (const net::ListenError& error) {
  throw std::runtime_error(trouble_of(error));
}

}  // namespace apns::cli
