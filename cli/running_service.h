#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "mock_apns/control/control.h"
#include "mock_apns/service.h"
#include "mock_apns/service_info.h"

namespace apns::cli {

/// A service that runs as long as this object lives, with its control API, its problems in the log,
/// and what those who look for it have to know. Make StopSignals, or the like, before: this starts
/// threads.
class RunningService {
 public:
  /// Makes the state folder `dir` when it is not there; `names` are more ones for the server
  /// certificate. `ledger` may be empty. `log` outlives the service. Throws what mock::Service and
  /// certs::open_state_folder throw.
  RunningService(const mock::ServiceOptions& options, const mock::control::ControlOptions& control,
                 const std::filesystem::path& dir, const std::vector<std::string>& names,
                 mock::Ledger::Listener ledger, const Log& log);

  [[nodiscard]] mock::Service& service() { return *service_; }

  [[nodiscard]] const mock::ServiceInfo& info() const { return info_; }

 private:
  std::unique_ptr<mock::Service> service_;
  mock::ServiceInfo info_;
  std::unique_ptr<mock::control::Control> control_;  // its thread uses both
};

}  // namespace apns::cli
