#include "cli/service_shell.h"

#include <optional>

#include "apns/base/network.h"
#include "cli/port_owner.h"

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

}  // namespace

mock::ProblemLog problem_log(const Log& log) {
  return [&log](const mock::ServiceProblem& problem) {
    log.warn(problem.area, "connection=" + std::to_string(problem.connection) + " " + problem.text);
  };
}

net::HostLog host_log(const Log& log) {
  return [&log](net::HostEvent event, const std::string& detail) {
    log.warn("net", host_event_text(event, detail));
  };
}

void warn_of_strangers(const std::vector<std::string>& listen, const Log& log) {
  for (const std::string& address : listen) {
    if (!is_loopback(address)) {
      log.warn("net",
               "listening on " + address + ": others than this machine can reach the service.");
    }
  }
}

std::string trouble_of(const net::ListenError& error) {
  const auto owner =
      error.in_use().port == 0 ? std::nullopt : find_port_owner(error.in_use().port, "/proc");
  if (!owner) {
    return error.what();
  }
  return "port " + std::to_string(error.in_use().port) + " on " + error.in_use().host +
         " is in use (" + to_text(*owner) + "). Stop it, or use --port 0 for free ports.";
}

}  // namespace apns::cli
