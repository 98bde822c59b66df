#include "cli/running_service.h"

#include <utility>

#include "certs/state_folder.h"
#include "cli/service_shell.h"
#include "cli/version.h"

namespace apns::cli {

namespace {

mock::ServiceEvents events_for(const Log& log, mock::Ledger::Listener ledger) {
  mock::ServiceEvents events;
  events.ledger = std::move(ledger);
  events.problem = problem_log(log);
  events.host = host_log(log);
  return events;
}

mock::ServiceInfo info_of(mock::Service& service, const mock::control::Control& control,
                          const std::filesystem::path& dir) {
  mock::ServiceInfo info = mock::info_of(service, dir);
  info.version = kVersion;
  info.control_url = control.url();
  return info;
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
  warn_of_strangers(options.listen, log);
}

}  // namespace apns::cli
