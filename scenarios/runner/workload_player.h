#pragma once

#include <optional>
#include <span>
#include <vector>

#include "scenarios/runner/expectation.h"
#include "scenarios/runner/observations.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/scenario_host.h"

namespace apns::scenarios {

/// Carries out the steps of a scenario in a host, in order.
class WorkloadPlayer {
 public:
  /// All references outlive the player.
  WorkloadPlayer(const Scenario& scenario, ScenarioHost& host, Observations& observations)
      : scenario_(scenario),
        notifications_(scenario.notifications),
        host_(host),
        observations_(observations) {}

  /// Nullopt: all steps were carried out. Else the step that could not be; those behind it were
  /// left out.
  [[nodiscard]] std::optional<Finding> play();

  /// As they were handed over: the scenario's, with the device tokens of devices.
  [[nodiscard]] std::span<const Notification> notifications() const { return notifications_; }

 private:
  [[nodiscard]] std::optional<Finding> play(const Step& step, const SendStep& send);
  [[nodiscard]] std::optional<Finding> play(const Step& step, const WaitEventsStep& wait);
  [[nodiscard]] std::optional<Finding> play(const Step& step, const WaitClosedStep& wait);
  [[nodiscard]] std::optional<Finding> play(const Step& step, const AdvanceStep& advance);
  [[nodiscard]] std::optional<Finding> play(const Step& step, const DrainStep& drain);
  [[nodiscard]] std::optional<Finding> play(const Step& step, const DeviceStep& change);
  [[nodiscard]] std::optional<Finding> play(const Step& step, const FeedbackStep& feedback);

  const Scenario& scenario_;
  std::vector<Notification> notifications_;
  ScenarioHost& host_;
  Observations& observations_;
};

}  // namespace apns::scenarios
