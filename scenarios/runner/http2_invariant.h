#pragma once

#include <string>
#include <vector>

#include "scenarios/runner/account.h"

namespace apns::scenarios {

/// What must hold besides for every conversation over HTTP/2:
///
///   * what is reported of an answer is what was answered: status, reason, timestamp, apns-id
///   * not processed and unsent were not answered; nor was what is unknown for a lost connection,
///     if all that the service said on it came through
///   * topic, push type, collapse id and apns-id arrive as they were handed over
///   * the provider breaks no rule of HTTP/2
///
/// A sentence for each way in which it is broken, as InvariantReport has them.
[[nodiscard]] std::vector<std::string> check_http2_invariant(const Account& account);

}  // namespace apns::scenarios
