#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/runner/expectation.h"
#include "scenarios/runner/rule_catalogue.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/tls_setup.h"

namespace apns::scenarios {

enum class CaseVerdict : std::uint8_t {
  Pass,
  NonStrict,  // failed, and all its rules are "should"
  Fail,
  Unimplemented,  // the provider does not speak the protocol
  Skipped,        // it cannot run in this host
  Error,          // ours: the harness could not run it
};

[[nodiscard]] std::string_view to_string(CaseVerdict verdict);  // "pass", "non-strict", ...

/// What keeps a scenario from running in a host, for people; empty: nothing.
[[nodiscard]] std::string obstacle(const Scenario& scenario, HostKind host);

/// One scenario in one host.
struct CaseReport {
  std::string id;
  std::string area;
  std::string file;
  HostKind host = HostKind::Memory;
  CaseVerdict verdict = CaseVerdict::Pass;
  std::uint64_t seed = 0;
  std::chrono::nanoseconds took{};
  std::string why;  // skipped, unimplemented, error: for people
  std::vector<std::string> rules;
  std::vector<std::string> source;
  std::vector<Finding> findings;
  std::vector<std::string> frames;    // with findings; see TapLog::describe
  std::string provider_error;         // with findings; the provider's own last word
  std::string again;                  // with findings or an error: the command that runs it again
  std::vector<NumberedEvent> events;  // the ledger
  std::vector<NotificationOutcome> outcomes;
  std::vector<Attempt> attempts;  // of the provider to connect; memory hosts only
  std::uint64_t num_excused = 0;  // what the invariant left out because the service did not tell
};

inline constexpr std::uint64_t kDefaultSeed = 4711;

struct CheckOptions {
  std::vector<HostKind> hosts{kAllHosts.begin(), kAllHosts.end()};
  std::optional<std::uint64_t> seed;     // absent: the scenario's, else kDefaultSeed
  const Deviation* deviation = nullptr;  // of the provider; null: none
  bool fail_fast = false;  // stop behind the first case that neither passed nor was skipped
};

struct CheckReport {
  std::optional<std::uint64_t> seed;  // as asked for
  std::chrono::nanoseconds took{};
  std::vector<CaseReport> cases;

  [[nodiscard]] std::size_t count(CaseVerdict verdict) const;
  /// No case failed, and none was an error. Non-strict is not a failure.
  [[nodiscard]] bool passed() const;
};

/// Runs scenarios with the built-in provider, each in each host.
class Runner {
 public:
  /// `rules` outlives the runner.
  explicit Runner(const RuleCatalogue& rules) : rules_(rules) {}

  /// Told each case as it ends, if set.
  void set_progress(std::function<void(const CaseReport&)> progress) {
    progress_ = std::move(progress);
  }

  [[nodiscard]] CheckReport check(std::span<const Scenario> scenarios, const CheckOptions& options);

  /// One case. Never throws for what the scenario or the provider does; a harness that fails is a
  /// verdict.
  [[nodiscard]] CaseReport run(const Scenario& scenario, HostKind host,
                               const CheckOptions& options);

 private:
  void converse(const Scenario& scenario, CaseReport& report);
  [[nodiscard]] CaseVerdict verdict_of(const CaseReport& report) const;
  [[nodiscard]] const TlsSetup* tls_for(HostKind host);

  const RuleCatalogue& rules_;
  std::function<void(const CaseReport&)> progress_;
  std::unique_ptr<TlsSetup> tls_;  // made for the first host that needs it
};

}  // namespace apns::scenarios
