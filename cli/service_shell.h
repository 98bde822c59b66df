#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "apns/net/socket_host.h"
#include "cli/log.h"
#include "mock_apns/front_end.h"

namespace apns::cli {

// What every service that a command runs needs of its shell. `log` outlives the service.

[[nodiscard]] mock::ProblemLog problem_log(const Log& log);
[[nodiscard]] net::HostLog host_log(const Log& log);

/// Warns of addresses by which others than this machine can reach a service.
void warn_of_strangers(const std::vector<std::string>& listen, const Log& log);

/// Who has the port, where that is the trouble; a full sentence.
[[nodiscard]] std::string trouble_of(const net::ListenError& error);

/// `make()`, whose complaint about a port says who has it.
template <class Make>
auto with_free_ports(const Make& make) {
  try {
    return make();
  } catch (const net::ListenError& error) {
    throw std::runtime_error(trouble_of(error));
  }
}

}  // namespace apns::cli
