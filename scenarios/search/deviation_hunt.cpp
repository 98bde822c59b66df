#include "scenarios/search/deviation_hunt.h"

#include "scenarios/runner/runner.h"
#include "scenarios/runner/scenario_set.h"
#include "scenarios/search/binary_generator.h"
#include "scenarios/search/http2_generator.h"
#include "scenarios/search/search.h"

namespace apns::scenarios::search {
namespace {

using Clock = std::chrono::steady_clock;

std::string first_that_fails(const Deviation& deviation, const RuleCatalogue& rules) {
  CheckOptions options;
  options.deviation = &deviation;
  Runner runner(rules);
  for (const Scenario& scenario : find_scenarios({})) {
    for (const HostKind host : {HostKind::Memory, HostKind::MemoryTls}) {
      if (applies_to(deviation, scenario) && obstacle(scenario, host).empty() &&
          runner.run(scenario, host, options).verdict == CaseVerdict::Fail) {
        return scenario.id;
      }
    }
  }
  return "";
}

}  // namespace

Catch hunt(const Deviation& deviation, const RuleCatalogue& rules, std::uint64_t max_seeds) {
  Catch caught;
  const Clock::time_point begin = Clock::now();
  caught.scenario = first_that_fails(deviation, rules);
  caught.took = Clock::now() - begin;
  if (deviation.of == Deviant::FeedbackReader || max_seeds == 0) {
    return caught;
  }
  SearchOptions options;
  options.last_seed = max_seeds;
  options.make = [&deviation](std::uint64_t seed) {
    Case one =
        deviation.of == Deviant::Http2Client ? make_http2_case(seed) : make_binary_case(seed);
    one.scenario.deviation = &deviation;
    return one;
  };
  const SearchReport report = search(options, {});
  caught.seed_took = report.took;
  if (!report.failures.empty()) {
    caught.seed = report.failures.front().seed;
  }
  return caught;
}

}  // namespace apns::scenarios::search
