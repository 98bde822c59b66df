#pragma once

#include <algorithm>
#include <cctype>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_set.h"

namespace apns::scenarios::test {

/// A scenario in a host, as the parameter of a test.
struct Case {
  std::reference_wrapper<const Scenario> scenario;  // of the whole program's life
  HostKind host;

  /// "binary_idle_close_tls"; letters, digits and underscores, as GoogleTest wants it.
  [[nodiscard]] std::string name() const {
    std::string name = scenario.get().id + "_" + std::string(to_string(host));
    std::ranges::replace_if(
        name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
  }

  friend void PrintTo(const Case& row, std::ostream* out) { *out << row.name(); }
};

/// Every scenario of the program in each of `hosts` that it can run in.
inline std::vector<Case> all_cases(std::span<const HostKind> hosts) {
  static const std::vector<Scenario> kAll = find_scenarios({});
  std::vector<Case> cases;
  for (const Scenario& scenario : kAll) {
    for (const HostKind host : hosts) {
      if (obstacle(scenario, host).empty()) {
        cases.push_back(Case{scenario, host});
      }
    }
  }
  return cases;
}

}  // namespace apns::scenarios::test
