#pragma once

#include <string>
#include <vector>

#include "scenarios/runner/account.h"

namespace apns::scenarios {

/// What must hold besides for every conversation over HTTP/2:
///
///   * what is reported of an answer is what was answered: status, reason, timestamp, apns-id; of
///     one whose body did not come whole the status and the apns-id
///   * not processed and unsent were not answered, and of what is unknown no answer came whole, nor
///     a refusal
///   * topic, push type, collapse id and apns-id arrive as they were handed over
///   * the provider breaks no rule of HTTP/2, and opens no stream when a GOAWAY has come; that it
///     acknowledged SETTINGS counts from when it says so, however long the link takes
///
/// What came, and what the provider could know, is judged by Account::wire; without it, as over
/// sockets, it is not judged. A notification that was accepted, and whose stream the service then
/// called unprocessed before its answer came, is the service's lie: it may be reported so. So is
/// one that a script answered in part, whose end never left: it may be reported unsent.
///
/// A sentence for each way in which it is broken, as InvariantReport has them.
[[nodiscard]] std::vector<std::string> check_http2_invariant(const Account& account);

}  // namespace apns::scenarios
