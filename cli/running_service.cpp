#include "cli/running_service.h"

#include <optional>
#include <stdexcept>
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

mock::ServiceInfo info_of(mock::Service& service, const mock::control::Control& control,
                          const std::filesystem::path& dir) {
  mock::ServiceInfo info = mock::info_of(service, dir);
  info.version = kVersion;
  info.control_url = control.url();
  return info;
}

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

/// `make()`, whose complaint about a port says who has it.
template <class Make>
auto with_free_ports(const Make& make) {
  try {
    return make();
  } catch (const net::ListenError& error) {
    throw std::runtime_error(trouble_of(error));
  }
}

}  // namespace

RunningService::RunningService(const mock::ServiceOptions& options,
                               const mock::control::ControlOptions& control,
                               const std::filesystem::path& dir,
                               const std::vector<std::string>& names, mock::Ledger::Listener ledger,
                               const Log& log)
    : service_(with_free_ports([&] {
        return std::make_unique<mock::Service>(options, certs::open_state_folder(dir, names),
                                               events_for(log, std::move(ledger)));
      })),
      control_(with_free_ports([&] { return std::make_unique<mock::control::Control>(control); })) {
  info_ = info_of(*service_, *control_, dir);
  control_->start(*service_, info_);
  for (const std::string& address : options.listen) {
    if (!is_loopback(address)) {
      log.warn("net",
               "listening on " + address + ": others than this machine can reach the service.");
    }
  }
}

}  // namespace apns::cli
