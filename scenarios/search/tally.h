#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "scenarios/runner/runner.h"

namespace apns::scenarios::search {

/// What conversations had in them.
struct Tally {
  std::uint64_t conversations = 0;
  std::uint64_t with_tls = 0;
  std::uint64_t notifications = 0;
  std::uint64_t attempts = 0;                   // of the provider to connect
  std::uint64_t connections = 0;                // that the service accepted
  std::array<std::uint64_t, 3> outcomes{};      // by OutcomeKind
  std::uint64_t excused = 0;                    // by the lies of the service
  std::map<std::string, std::uint64_t> faults;  // that happened, by kind: "reject", "link reset"

  void add(const Scenario& scenario, const CaseReport& report);
  void add(const Tally& other);

  [[nodiscard]] bool operator==(const Tally&) const = default;
};

}  // namespace apns::scenarios::search
