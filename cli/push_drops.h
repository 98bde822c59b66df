#pragma once

#include <fstream>
#include <optional>
#include <string>

#include "cli/push_session.h"
#include "cli/registrations.h"
#include "provider/device_token_hygiene.h"

namespace apns::cli {

/// One line of `push --drop FILE`, without its end:
///
///   {"device_token":"a1…","drop":true,"advice":"drop","status":410,"reason":"Unregistered",
///    "timestamp":"2025-11-25T10:14:05Z","registered_at":"…","why":"its app is gone"}
///
/// The first keys as `feedback --json` has them; `timestamp`: since when it is gone.
[[nodiscard]] std::string drop_line(const provider::DeviceTokenVerdict& verdict);

/// Gathers what the answers of a run say about device tokens, and writes it behind the run.
class PushDrops {
 public:
  /// `registrations` empty: none. Both files are opened, and the second one is read, before
  /// anything is sent. Throws std::runtime_error with what is wrong with them.
  PushDrops(const std::string& file, const std::string& registrations);

  void add(const PushResult& result);

  /// Writes the file. What is to be said on standard error, in sentences; empty: nothing. Throws
  /// std::runtime_error if it cannot be written, or the registrations are no longer good.
  [[nodiscard]] std::string finish();

 private:
  std::string name_;
  std::ofstream file_;
  std::optional<Registrations> registrations_;
  provider::DeviceTokenHygiene hygiene_;
};

}  // namespace apns::cli
