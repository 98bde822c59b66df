#pragma once

#include <cstdint>
#include <string>

#include "cli/control_client.h"

namespace apns::cli {

struct WatchOptions {
  std::string name = {};    // empty: every phone
  std::uint64_t count = 0;  // 0: until a signal
  bool json = false;
};

/// Prints what becomes of notifications on the way to phones, from now on, until so many, or a
/// signal. Returns the exit code: 1 if the service ended, or a signal came before so many. Throws
/// what ControlClient throws; there may be no such phone. Blocks the stop signals: to be called
/// before a thread starts, and the client's first question starts one.
[[nodiscard]] int watch_deliveries(ControlClient& client, const WatchOptions& options);

}  // namespace apns::cli
