#include "scenarios/runner/runner.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "scenarios/deviations/deviation.h"
#include "scenarios/runner/http2_lies.h"
#include "scenarios/runner/observations.h"
#include "scenarios/runner/provider_certificate.h"
#include "scenarios/runner/scenario_host.h"
#include "scenarios/runner/service_lies.h"
#include "scenarios/runner/workload_player.h"

namespace apns::scenarios {
namespace {

using Clock = std::chrono::steady_clock;

CaseReport report_for(const Scenario& scenario, HostKind host, const CheckOptions& options) {
  CaseReport report;
  report.id = scenario.id;
  report.area = scenario.area;
  report.file = scenario.file;
  report.host = host;
  report.seed = options.seed.value_or(scenario.seed.value_or(kDefaultSeed));
  report.rules = scenario.rules;
  report.source = scenario.source;
  report.again = "apnslab check " + scenario.pattern + " --" + std::string(to_string(host)) +
                 " --seed " + std::to_string(report.seed);
  if (options.deviation != nullptr) {
    report.again += " --deviation " + std::string(options.deviation->name);
  }
  return report;
}

/// The provider API is told who is there, with or without TLS; the gateway is not.
bool needs_tls(const Scenario& scenario) {
  return !scenario.certificate.empty() &&
         (!scenario.is_http2() || shown_certificate(scenario.certificate).needs_tls());
}

/// Facts that are known by the provider's numbers of connections, by the service's. What never got
/// there is left out.
std::map<std::uint64_t, WireFacts> by_service_number(
    const std::map<std::uint64_t, WireFacts>& facts, std::span<const Attempt> attempts) {
  std::map<std::uint64_t, WireFacts> known;
  for (const Attempt& attempt : attempts) {
    const auto found = facts.find(attempt.number);
    if (attempt.connection != 0 && !attempt.of_feedback && found != facts.end()) {
      known.emplace(attempt.connection, found->second);
    }
  }
  return known;
}

/// Longer than all attempts that a script waits for.
constexpr Duration kLongDrain = std::chrono::seconds(60);

bool gives_up_late(const Scenario& scenario) {
  const auto* drain = std::get_if<DrainStep>(&scenario.workload.back().action);
  const bool may_be_refused = !scenario.certificate.empty() ||
                              std::ranges::any_of(scenario.faults, [](const mock::FaultRule& rule) {
                                return rule.then.tls_alert.has_value();
                              });
  return drain != nullptr && drain->within >= kLongDrain && !may_be_refused &&
         scenario.client.give_up_after >= kLongDrain;
}

}  // namespace

std::string obstacle(const Scenario& scenario, HostKind host) {
  const auto excluded = scenario.not_in.find(host);
  if (excluded != scenario.not_in.end()) {
    return excluded->second;
  }
  if (host == HostKind::Memory && needs_tls(scenario)) {
    return "without TLS there are no certificates";
  }
  if (scenario.needs_clock && host == HostKind::Sockets) {
    return "the provider's clock jumps, and over sockets time is real";
  }
  if (scenario.network && host == HostKind::Sockets) {
    return "its links are the memory hosts'";
  }
  return "";
}

std::string_view to_string(CaseVerdict verdict) {
  switch (verdict) {
    case CaseVerdict::Pass:
      return "pass";
    case CaseVerdict::NonStrict:
      return "non-strict";
    case CaseVerdict::Fail:
      return "fail";
    case CaseVerdict::Unimplemented:
      return "unimplemented";
    case CaseVerdict::Skipped:
      return "skipped";
    case CaseVerdict::Error:
      return "error";
  }
  return "";
}

std::size_t CheckReport::count(CaseVerdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(cases.begin(), cases.end(),
                    [verdict](const CaseReport& report) { return report.verdict == verdict; }));
}

bool CheckReport::passed() const {
  return count(CaseVerdict::Fail) == 0 && count(CaseVerdict::Error) == 0;
}

CheckReport Runner::check(std::span<const Scenario> scenarios, const CheckOptions& options) {
  const Clock::time_point start = Clock::now();
  CheckReport report;
  report.seed = options.seed;
  bool stopped = false;
  for (const Scenario& scenario : scenarios) {
    for (const HostKind host : options.hosts) {
      if (stopped) {
        break;
      }
      report.cases.push_back(run(scenario, host, options));
      if (progress_) {
        progress_(report.cases.back());
      }
      const CaseVerdict verdict = report.cases.back().verdict;
      stopped =
          options.fail_fast && verdict != CaseVerdict::Pass && verdict != CaseVerdict::Skipped;
    }
  }
  report.took = Clock::now() - start;
  return report;
}

CaseReport Runner::run(const Scenario& scenario, HostKind host, const CheckOptions& options) {
  CaseReport report = report_for(scenario, host, options);
  const Clock::time_point start = Clock::now();
  if (std::string why = obstacle(scenario, host); !why.empty()) {
    report.verdict = CaseVerdict::Skipped;
    report.why = std::move(why);
    return report;
  }
  try {
    if (options.deviation == nullptr || !applies_to(*options.deviation, scenario)) {
      converse(scenario, report);
    } else {
      Scenario changed = scenario;
      changed.deviation = options.deviation;
      converse(changed, report);
    }
    report.verdict = verdict_of(report);
  } catch (const std::exception& error) {
    report.verdict = CaseVerdict::Error;
    report.why = error.what();
  }
  report.took = Clock::now() - start;
  return report;
}

void Runner::converse(const Scenario& scenario, CaseReport& report) {
  for (const std::string& id : scenario.rules) {
    if (rules_.find(id) == nullptr) {
      throw std::runtime_error(scenario.file + " cites the rule " + id +
                               ", which is not in the catalogue. See apnslab rules.");
    }
  }
  Observations observations;
  const std::unique_ptr<ScenarioHost> host =
      make_scenario_host(report.host, scenario, report.seed, observations, tls_for(report.host));
  WorkloadPlayer player(scenario, *host, observations);
  const std::optional<Finding> stuck = player.play();
  if (stuck) {
    host->abandon();
  }
  const bool idle = host->finish();

  Seen seen = observations.seen();
  if (stuck) {
    report.findings.push_back(*stuck);
  } else if (!idle) {
    report.findings.push_back(
        Finding{"the end", {}, "the provider has closed its connections", "one is open"});
  }
  Account account;
  account.num_notifications = scenario.notifications.size();
  account.outcomes = seen.outcomes;
  account.events = seen.events;
  account.feedback = seen.feedback;
  account.doubles_allowed = scenario.client.resend_unknown;
  account.notifications = player.notifications();
  account.events_before = seen.events_before;
  account.attempts = seen.attempts;
  if (scenario.is_http2()) {
    account.http2_client = &scenario.http2_client;
  } else {
    account.client = &scenario.client;
  }
  account.late_packets = host->provider_stats().late_packets;
  account.most_open = seen.most_open;
  account.most_open_bytes = seen.most_open_bytes;
  if (scenario.is_http2()) {
    account.wire = by_service_number(host->wire_facts(), seen.attempts);
    account.taken_in_part = find_taken_in_part(scenario, seen.events);
  } else {
    account.lies = find_lies(scenario, report.host != HostKind::Memory, seen.events, seen.attempts);
    account.told = find_told(scenario, seen.events, seen.attempts);
    account.gives_up_late = gives_up_late(scenario);
  }
  Comparison comparison = compare(scenario, account);
  std::ranges::move(comparison.findings, std::back_inserter(report.findings));
  report.num_excused = comparison.num_excused;
  if (!report.findings.empty()) {
    report.frames = host->frames();
    report.provider_error = host->provider_error();
  }
  report.events = std::move(seen.events);
  report.outcomes = std::move(seen.outcomes);
  report.attempts = std::move(seen.attempts);
}

CaseVerdict Runner::verdict_of(const CaseReport& report) const {
  if (report.findings.empty()) {
    return CaseVerdict::Pass;
  }
  const bool is_must = std::any_of(
      report.rules.begin(), report.rules.end(),
      [this](const std::string& id) { return rules_.find(id)->level == RuleLevel::Must; });
  const bool breaks_invariant =
      std::any_of(report.findings.begin(), report.findings.end(),
                  [](const Finding& finding) { return finding.is_invariant; });
  return is_must || breaks_invariant ? CaseVerdict::Fail : CaseVerdict::NonStrict;
}

const TlsSetup* Runner::tls_for(HostKind host) {
  if (host == HostKind::Memory) {
    return nullptr;
  }
  if (!tls_) {
    tls_ = std::make_unique<TlsSetup>();
  }
  return tls_.get();
}

}  // namespace apns::scenarios
