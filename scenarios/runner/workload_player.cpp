#include "scenarios/runner/workload_player.h"

#include <algorithm>
#include <string>
#include <variant>

namespace apns::scenarios {
namespace {

using provider::SendResult;

/// How long the provider may say that it is full, and how much longer than asked a drain may take.
constexpr Duration kPatience = std::chrono::seconds(30);
constexpr Duration kDrainMargin = std::chrono::seconds(5);

Finding not_reached(const Step& step, std::string expected, std::string actual) {
  return Finding{step.where + " " + step.text, step.position, std::move(expected),
                 std::move(actual)};
}

std::string ms_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) +
         " ms";
}

std::string refusal_of(SendResult result) {
  switch (result) {
    case SendResult::PayloadTooLong:
      return "payload-too-long";
    case SendResult::PayloadEmpty:
      return "payload-empty";
    case SendResult::FieldIllegal:
      return "field-illegal";
    default:
      return "unsent";
  }
}

std::uint64_t count_events(const Seen& seen, const EventMatch& match) {
  return static_cast<std::uint64_t>(
      std::count_if(seen.events.begin(), seen.events.end(),
                    [&match](const NumberedEvent& event) { return matches(match, event); }));
}

}  // namespace

std::optional<Finding> WorkloadPlayer::play() {
  for (const Step& step : scenario_.workload) {
    std::optional<Finding> finding =
        std::visit([this, &step](const auto& action) { return play(step, action); }, step.action);
    if (finding) {
      return finding;
    }
  }
  return std::nullopt;
}

std::optional<Finding> WorkloadPlayer::play(const Step& step, const SendStep& send) {
  if (!send.device.empty()) {
    const PushFamily family =
        family_of(notifications_[send.first - 1].push_type.value_or(PushType::Alert));
    mock::Registration registration;
    if (family != PushFamily::Alert) {
      registration.family = family;
    }
    registration.activity = send.activity;
    const auto token = host_.world().device_token(send.device, send.app, registration);
    if (!token) {
      return not_reached(step,
                         send.app + " on " + send.device + " has a device token of family " +
                             std::string(to_string(family)),
                         "it has not registered");
    }
    notifications_[send.first - 1].device_token = *token;
  }
  for (std::uint64_t n = send.first; n <= send.last; ++n) {
    observations_.announce(n, notifications_[n - 1]);
  }
  std::uint64_t next = send.first;
  while (true) {
    const std::uint64_t writable_before =
        observations_.read([](const Seen& seen) { return seen.num_writable; });
    host_.with_client([this, &send, &next](provider::Client& client) {
      for (; next <= send.last; ++next) {
        const SendResult result = client.try_send(notifications_[next - 1], next);
        if (result == SendResult::Full) {
          return;
        }
        if (result != SendResult::Queued) {
          observations_.refused(next, refusal_of(result));
        }
      }
    });
    if (next > send.last) {
      return std::nullopt;
    }
    const auto has_room = [writable_before](const Seen& seen) {
      return seen.num_writable > writable_before;
    };
    if (!host_.run_until(has_room, kPatience)) {
      return not_reached(step, "the provider takes notification " + std::to_string(next),
                         "it is full, and had no room again within " + ms_text(kPatience));
    }
  }
}

std::optional<Finding> WorkloadPlayer::play(const Step& step, const WaitEventsStep& wait) {
  const auto there = [&wait](const Seen& seen) {
    return count_events(seen, wait.match) >= wait.count;
  };
  if (host_.run_until(there, wait.within)) {
    return std::nullopt;
  }
  const std::uint64_t found =
      observations_.read([&wait](const Seen& seen) { return count_events(seen, wait.match); });
  return not_reached(
      step,
      std::to_string(wait.count) + " within " + ms_text(wait.within) + ": " + describe(wait.match),
      std::to_string(found));
}

std::optional<Finding> WorkloadPlayer::play(const Step& step, const WaitClosedStep& wait) {
  const auto there = [&wait](const Seen& seen) { return seen.num_closed >= wait.count; };
  if (host_.run_until(there, wait.within)) {
    return std::nullopt;
  }
  return not_reached(
      step,
      "the provider sees " + std::to_string(wait.count) + " of its connections end within " +
          ms_text(wait.within),
      std::to_string(observations_.read([](const Seen& seen) { return seen.num_closed; })));
}

std::optional<Finding> WorkloadPlayer::play(const Step& /*step*/, const AdvanceStep& advance) {
  host_.run_for(advance.by);
  return std::nullopt;
}

std::optional<Finding> WorkloadPlayer::play(const Step& step, const DeviceStep& change) {
  try {
    mock::carry_out(change.change, host_.world(), host_.outside_ring());
  } catch (const mock::WorldError& error) {
    return not_reached(step, "the device does as told", error.what());
  }
  return std::nullopt;
}

std::optional<Finding> WorkloadPlayer::play(const Step& step, const FeedbackStep& feedback) {
  const std::size_t before =
      observations_.read([](const Seen& seen) { return seen.feedback.size(); });
  host_.read_feedback();
  const auto is_over = [before](const Seen& seen) { return seen.feedback.size() > before; };
  if (host_.run_until(is_over, feedback.within)) {
    return std::nullopt;
  }
  return not_reached(step, "the list is read within " + ms_text(feedback.within), "it is not");
}

std::optional<Finding> WorkloadPlayer::play(const Step& step, const DrainStep& drain) {
  host_.with_client([&drain](provider::Client& client) { client.drain(drain.within); });
  const auto drained = [](const Seen& seen) { return seen.drained; };
  if (host_.run_until(drained, drain.within + kDrainMargin)) {
    return std::nullopt;
  }
  return not_reached(step, "drained within " + ms_text(drain.within),
                     "not drained " + ms_text(kDrainMargin) + " after that");
}

}  // namespace apns::scenarios
