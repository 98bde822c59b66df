#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/runner/account.h"

namespace apns::scenarios {

struct InvariantReport {
  /// Each way in which it is broken, as one sentence with the numbers; empty: it holds.
  std::vector<std::string> sentences;
  /// What would have been broken, had the service told the truth.
  std::uint64_t num_excused = 0;
};

/// What must hold for every conversation, whatever the service does:
///
///   * each notification has exactly one outcome
///   * sent: accepted exactly once; rejected: never accepted, and by a status that the service
///     gave it; unknown: accepted at most once
///   * what was accepted is never offered again, nor what has its outcome
///   * what was discarded is offered again, unless it is reported as unknown or rejected
///   * of two notifications to one device, the earlier one is accepted first
///   * what arrives is what was handed over, once on a connection, with an identifier that is not 0
///     and that no other one on the connection has
///   * the provider holds no more than its window, and does not connect more than max_attempts
///     times in a row for nothing
///
/// A notification that a service over HTTP/2 accepted, and then called unprocessed before the
/// answer came, may be reported so, or be accepted once more; what a script took in part arrives as
/// a part.
///
/// Where Account::lies has it that a connection did not tell the truth, and only for what was
/// offered or open on that connection, what cannot be known is excused and counted: a sent one that
/// nobody took; behind a false error packet also a wrong rejection and a second offer; behind bytes
/// that are no packet the order.
[[nodiscard]] InvariantReport check_invariant(const Account& account);

}  // namespace apns::scenarios
