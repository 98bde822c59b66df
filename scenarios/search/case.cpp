#include "scenarios/search/case.h"

#include "scenarios/runner/scenario_writer.h"

namespace apns::scenarios::search {

void finish_scenario(Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.workload.size(); ++i) {
    Step& step = scenario.workload[i];
    step.where = "workload[" + std::to_string(i) + "]";
    step.text = step_text(scenario, step);
  }
  scenario.outcomes.clear();
  for (const provider::OutcomeKind kind :
       {provider::OutcomeKind::Sent, provider::OutcomeKind::Rejected,
        provider::OutcomeKind::Unknown}) {
    scenario.outcomes.push_back(
        OutcomeExpectation{NumberSet(1, scenario.notifications.size()), kind, ""});
  }
}

void name_faults(Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    scenario.faults[i].name = "fault-" + std::to_string(i + 1);
  }
}

}  // namespace apns::scenarios::search
