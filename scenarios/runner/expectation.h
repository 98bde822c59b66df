#pragma once

#include <string>
#include <vector>

#include "scenarios/runner/account.h"
#include "scenarios/runner/scenario.h"

namespace apns::scenarios {

/// One expectation that was not met.
struct Finding {
  std::string step;  // "expect.ledger[2]", "invariant", "workload[3]"
  json::Position position;
  std::string expected;  // every acceptable outcome
  std::string actual;
  bool is_invariant = false;

  [[nodiscard]] bool operator==(const Finding&) const = default;
};

[[nodiscard]] bool matches(const EventMatch& match, const NumberedEvent& event);

/// "accepted notification events, n 5-47, connection 2".
[[nodiscard]] std::string describe(const EventMatch& match);

/// What a conversation came to.
struct Comparison {
  std::vector<Finding> findings;
  std::uint64_t num_excused = 0;  // as InvariantReport has it
};

/// Compares a conversation with what the scenario expects, in the order of the file, and checks the
/// invariant, which comes last.
[[nodiscard]] Comparison compare(const Scenario& scenario, const Account& account);

}  // namespace apns::scenarios
